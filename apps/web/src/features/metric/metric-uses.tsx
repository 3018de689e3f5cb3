import { useQuery } from '@tanstack/react-query'
import type { MetricDetail } from '@trackable/api/client'
import { Card, CardHead } from '@trackable/ui/card'
import { InlineError } from '@trackable/ui/inline-error'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { LayoutGrid } from 'lucide-react'
import { Link } from 'react-router'
import { paths } from '../../paths'
import { useTRPC } from '../../trpc'
import { useProduct } from '../shell/current'

/** Under its present name and its former ones: a dashboard may still say an old one. */
export function useMetricUses({ name, formerNames }: Pick<MetricDetail, 'name' | 'formerNames'>) {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  return useQuery(trpc.dashboard.listUsing.queryOptions({ productId, metrics: [name, ...formerNames].slice(0, 50) }))
}

/** The dashboards that show a metric. */
export function MetricUses({ detail }: { detail: MetricDetail }) {
  const { id: productId } = useProduct()
  const uses = useMetricUses(detail)
  return (
    <Card aria-label="Used in">
      <CardHead title="Used in" />
      {uses.data ? (
        uses.data.length === 0 ? (
          <p className="text-13 text-muted">No dashboard shows it.</p>
        ) : (
          <ul className="-mx-2 -my-1">
            {uses.data.map(({ id, name, widgetCount }) => (
              <li key={id}>
                <Link
                  to={paths.dashboard(productId, id)}
                  className="flex h-8 items-center gap-2 rounded-control px-2 text-13 hover:bg-hover touch:h-11"
                >
                  <LayoutGrid aria-hidden className="size-4 flex-none text-muted" />
                  <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
                  <span className="text-muted tabular-nums">
                    {widgetCount} {widgetCount === 1 ? 'widget' : 'widgets'}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )
      ) : uses.error ? (
        <InlineError
          compact
          title="The dashboards could not be read."
          onRetry={() => void uses.refetch()}
          retrying={uses.isFetching}
        />
      ) : (
        <SkeletonGroup label="Loading dashboards" className="grid gap-2">
          <Skeleton className="h-6" />
        </SkeletonGroup>
      )}
    </Card>
  )
}
