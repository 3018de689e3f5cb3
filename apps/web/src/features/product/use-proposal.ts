import { useQueries, useQuery } from '@tanstack/react-query'
import type { Metric, Widget } from '@trackable/api/client'
import { useTRPC } from '../../trpc'

/** The layout shows at most four numbers and charts of two metrics; more candidates than this change nothing. */
const METRICS_MAX = 12

/**
 * The widgets that suit what has arrived, laid out by the same pure function that the server uses. `undefined` while the
 * tags are being read. A metric whose tags cannot be read is proposed without a split.
 */
export function useProposal(productId: string, metrics: Metric[]): Widget[] | undefined {
  const trpc = useTRPC()
  const candidates = metrics.slice(0, METRICS_MAX)
  const tags = useQueries({
    queries: candidates.map(({ name }) => trpc.metric.tags.queryOptions({ productId, metric: name })),
    combine: (results) => ({
      isPending: results.some((result) => result.isPending),
      lists: results.map((result) => result.data ?? []),
    }),
  })
  const described = candidates.map(({ name, unit, defaultAggregation }, index) => ({
    name,
    unit,
    defaultAggregation,
    tags: (tags.lists[index] ?? []).map(({ tag, valueCount }) => ({ tag, valueCount })),
  }))
  const proposal = useQuery({
    queryKey: ['proposal', productId, described],
    queryFn: async () => {
      const { proposeWidgets } = await import('@trackable/api/client')
      let count = 0
      return proposeWidgets(described, () => `wdg_${++count}`)
    },
    enabled: !tags.isPending,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (previous) => previous,
  })
  return proposal.data
}
