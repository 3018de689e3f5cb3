import { QueryClientProvider, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Navigate, Outlet, useLocation } from 'react-router'
import { createApiClient } from '../../api-client'
import { paths } from '../../paths'
import { createQueryClient } from '../../query-client'
import { TRPCProvider, useTRPC } from '../../trpc'
import { UserContext } from './current'
import { PageLoading } from './page-loading'
import { RouteError } from './route-error'

/** Everything behind the sign-in: the query cache and the typed API, which the pages before it do without. */
export default function SignedIn() {
  const [queryClient] = useState(createQueryClient)
  const [trpcClient] = useState(createApiClient)
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider queryClient={queryClient} trpcClient={trpcClient}>
        <Gate />
      </TRPCProvider>
    </QueryClientProvider>
  )
}

/** Lets through who is signed in; everybody else signs in first and comes back to the same address. */
function Gate() {
  const trpc = useTRPC()
  const location = useLocation()
  const state = useQuery(trpc.auth.state.queryOptions(undefined, { staleTime: 5 * 60_000 }))
  if (state.data === undefined) {
    if (state.error) return <RouteError error={state.error} onRetry={state.refetch} retrying={state.isFetching} />
    return <PageLoading />
  }
  if (state.data.user) {
    return (
      <UserContext value={state.data.user}>
        <Outlet />
      </UserContext>
    )
  }
  const here = location.pathname + location.search + location.hash
  return <Navigate replace to={paths.login(here === paths.home() ? undefined : here)} />
}
