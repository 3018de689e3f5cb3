import { useQueries, useQuery } from '@tanstack/react-query'
import type { Product } from '@trackable/api/client'
import { Navigate } from 'react-router'
import { paths } from '../../paths'
import { useTRPC } from '../../trpc'
import { lastVisited } from '../shell/last-visited'
import { PageLoading } from '../shell/page-loading'
import { RouteError } from '../shell/route-error'

/** Opens the product of the last visit, else the oldest one, else the form that makes one. */
export default function HomePage() {
  const trpc = useTRPC()
  const teams = useQuery(trpc.team.list.queryOptions())
  const lists = useQueries({
    queries: (teams.data ?? []).map((team) => trpc.product.list.queryOptions({ teamId: team.id })),
  })
  const failed = teams.error ? teams : lists.find((list) => list.error)
  if (failed?.error) {
    return <RouteError error={failed.error} onRetry={failed.refetch} retrying={failed.isFetching} />
  }
  if (!teams.data || lists.some((list) => !list.data)) return <PageLoading />
  const products = lists.flatMap((list) => list.data ?? [])
  const target = products.find((product) => product.id === lastVisited.product()) ?? oldest(products)
  return <Navigate replace to={target ? paths.product(target.id) : paths.newProduct()} />
}

/** What somebody begins with is what the team is about; the alphabet is not. */
function oldest(products: readonly Product[]): Product | undefined {
  return products.reduce<Product | undefined>(
    (min, one) => (min && min.createdAt <= one.createdAt ? min : one),
    undefined,
  )
}
