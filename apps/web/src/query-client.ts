import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { getLiveState, POLL_INTERVAL_MS, subscribeLiveState } from './live'
import { isTransient, toProblem } from './problem'
import { leaveIfSignedOut } from './session'

const RETRIES_MAX = 2
/** Moving between pages within this time asks nothing twice; live updates invalidate sooner. */
const STALE_MS = 20_000

export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: leaveIfSignedOut }),
    mutationCache: new MutationCache({ onError: leaveIfSignedOut }),
    defaultOptions: {
      queries: {
        staleTime: STALE_MS,
        // Old data stays on screen while a refresh runs or fails; only what can heal by itself is asked again.
        retry: (count, error) => count < RETRIES_MAX && isTransient(toProblem(error)),
        retryDelay: (attempt) => Math.min(1_000 * 2 ** attempt, 8_000) * (0.5 + Math.random() / 2),
        refetchInterval: () => (getLiveState() === 'polling' ? POLL_INTERVAL_MS : false),
      },
      mutations: { retry: false },
    },
  })
  let last = getLiveState()
  subscribeLiveState(() => {
    const state = getLiveState()
    // Whatever was stored while the connection was away was not announced to us.
    if (state !== last && (state === 'polling' || last !== 'live')) void client.invalidateQueries()
    last = state
  })
  return client
}
