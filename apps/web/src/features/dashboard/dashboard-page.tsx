import { useQuery, useQueryClient } from '@tanstack/react-query'
import { PlotSkeleton } from '@trackable/ui/charts/chart-skeleton'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { useEffect } from 'react'
import { useParams } from 'react-router'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useProduct } from '../shell/current'
import { lastVisited } from '../shell/last-visited'
import { NotFound } from '../shell/not-found'
import { Page } from '../shell/page'
import { RouteError } from '../shell/route-error'
import { DashboardScreen } from './dashboard-screen'

/** Loads the dashboard of the address. */
export default function DashboardPage() {
  const { dashboardId = '' } = useParams()
  const trpc = useTRPC()
  const client = useQueryClient()
  const product = useProduct()
  const dashboard = useQuery(trpc.dashboard.get.queryOptions({ dashboardId }))
  const isMissing = dashboard.error ? toProblem(dashboard.error).code === 'not_found' : false
  useEffect(() => {
    if (dashboard.data) lastVisited.setDashboard(product.id, dashboardId)
  }, [dashboard.data, product.id, dashboardId])
  useEffect(() => {
    // A dashboard that somebody deleted must not stand in the rail either.
    if (isMissing) void client.invalidateQueries(trpc.dashboard.list.queryFilter({ productId: product.id }))
  }, [client, isMissing, product.id, trpc])
  if (isMissing) return <NotFound />
  if (dashboard.data) return <DashboardScreen key={dashboardId} dashboard={dashboard.data} />
  if (dashboard.error) {
    return <RouteError error={dashboard.error} onRetry={dashboard.refetch} retrying={dashboard.isFetching} />
  }
  return <Loading dashboardId={dashboardId} />
}

function Loading({ dashboardId }: { dashboardId: string }) {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  // The rail asks for the names anyway, and knows them when one dashboard is left for another.
  const { data } = useQuery(trpc.dashboard.list.queryOptions({ productId }))
  const name = data?.find(({ id }) => id === dashboardId)?.name
  return (
    <Page title={name ?? 'Dashboard'}>
      <SkeletonGroup label="Loading the dashboard" className="grid animate-appear grid-cols-12 gap-4">
        <Skeleton className="col-span-12 h-8 w-80 rounded-control max-phone:w-full" />
        {['a', 'b', 'c', 'd'].map((key) => (
          <div key={key} className={`${CARD} col-span-3 h-29 max-phone:col-span-6`}>
            <Skeleton className="mt-1 h-2.5 w-20" />
            <Skeleton className="mt-3 h-6 w-28" />
          </div>
        ))}
        <div className={`${CARD} col-span-8 h-73 max-phone:col-span-12`}>
          <PlotSkeleton />
        </div>
        <div className={`${CARD} col-span-4 h-73 max-phone:col-span-12`}>
          <PlotSkeleton />
        </div>
      </SkeletonGroup>
    </Page>
  )
}

const CARD = 'rounded-card border border-line bg-card p-4'
