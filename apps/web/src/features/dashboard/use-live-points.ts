import { useQueryClient } from '@tanstack/react-query'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useTRPC } from '../../trpc'

/** What the query cache stores a chart's question under: the procedure's path, then its input. */
interface MetricQueryInput {
  productId?: string
  spec?: { metric?: string; formula?: { terms: Record<string, { metric: string }> } }
}

/** What a chart reads: its metric, or those of its formula. */
function metricsOf(spec: MetricQueryInput['spec']): string[] {
  if (spec?.formula) return Object.values(spec.formula.terms).map(({ metric }) => metric)
  return spec?.metric === undefined ? [] : [spec.metric]
}

/**
 * Listens to what is stored for a product and lets the charts of those metrics ask again. `*` means that hints may have
 * been missed, so every chart asks.
 */
export function useLivePoints(productId: string): void {
  const trpc = useTRPC()
  const client = useQueryClient()
  useSubscription(
    trpc.metric.onStored.subscriptionOptions(
      { productId },
      {
        onData: ({ data }) => {
          const changed = new Set(data.metrics)
          void client.invalidateQueries({
            ...trpc.metric.query.pathFilter(),
            predicate: ({ queryKey }) => {
              const input = (queryKey[1] as { input?: MetricQueryInput } | undefined)?.input
              if (input?.productId !== productId) return false
              return changed.has('*') || metricsOf(input.spec).some((metric) => changed.has(metric))
            },
          })
        },
      },
    ),
  )
}
