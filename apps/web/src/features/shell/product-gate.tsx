import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Outlet, useParams } from 'react-router'
import { useTRPC } from '../../trpc'
import { ProductContext } from './current'
import { lastVisited } from './last-visited'
import { NotFound } from './not-found'
import { PageLoading } from './page-loading'
import { RouteError } from './route-error'

/** Loads the product of the address for every page below it. */
export default function ProductGate() {
  const { productId = '' } = useParams()
  const trpc = useTRPC()
  const product = useQuery(trpc.product.get.queryOptions({ productId }))
  const teams = useQuery(trpc.team.list.queryOptions())
  const isFound = product.data !== undefined
  useEffect(() => {
    if (isFound) lastVisited.setProduct(productId)
  }, [isFound, productId])

  const error = product.data && teams.data ? null : (product.error ?? teams.error)
  if (error) {
    const retry = () => Promise.all([product.refetch(), teams.refetch()])
    return <RouteError error={error} onRetry={retry} retrying={product.isFetching || teams.isFetching} />
  }
  if (!product.data || !teams.data) return <PageLoading />
  const team = teams.data.find((t) => t.id === product.data.teamId)
  if (!team) return <NotFound />
  return (
    <ProductContext value={{ product: product.data, team, teams: teams.data }}>
      <Outlet />
    </ProductContext>
  )
}
