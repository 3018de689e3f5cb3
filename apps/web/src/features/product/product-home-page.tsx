import { useQuery } from '@tanstack/react-query'
import { Navigate } from 'react-router'
import { paths } from '../../paths'
import { useTRPC } from '../../trpc'
import { useCanEdit, useProduct } from '../shell/current'
import { lastVisited } from '../shell/last-visited'
import { PageLoading } from '../shell/page-loading'
import { RouteError } from '../shell/route-error'

/** Opens the dashboard of the last visit, else the first one; a product without one goes through its first steps. */
export default function ProductHomePage() {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  const canEdit = useCanEdit()
  const dashboards = useQuery(trpc.dashboard.list.queryOptions({ productId }))
  if (!dashboards.data) {
    if (!dashboards.error) return <PageLoading />
    return <RouteError error={dashboards.error} onRetry={dashboards.refetch} retrying={dashboards.isFetching} />
  }
  const lastId = lastVisited.dashboard(productId)
  const target = dashboards.data.find((dashboard) => dashboard.id === lastId) ?? dashboards.data[0]
  if (target) return <Navigate replace to={paths.dashboard(productId, target.id)} />
  return <Navigate replace to={canEdit ? paths.start(productId) : paths.metrics(productId)} />
}
