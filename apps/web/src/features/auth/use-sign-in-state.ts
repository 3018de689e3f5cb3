import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../trpc'

/** Who is signed in, and whether this server still waits for its first account. */
export function useSignInState() {
  const trpc = useTRPC()
  return useQuery(trpc.auth.state.queryOptions())
}
