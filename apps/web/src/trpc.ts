import type { AppRouter } from '@trackable/api/client'
import { createTRPCClient, httpBatchLink, splitLink } from '@trpc/client'
import { createTRPCContext } from '@trpc/tanstack-react-query'
import superjson from 'superjson'
import { liveLink } from './live-link'

export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>()

const TRPC_PATH = '/trpc'
/** A batch is answered when its slowest question is: charts travel in small ones, so that a slow chart holds up few others. */
const CHARTS_PER_BATCH = 4
/** Queries travel in the address; proxies commonly allow 8 kB of it. */
const URL_CHARS_MAX = 6_000

export function createApiClient() {
  const http = { url: TRPC_PATH, transformer: superjson, maxURLLength: URL_CHARS_MAX }
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: liveLink,
        false: splitLink({
          condition: (op) => op.path === 'metric.query',
          true: httpBatchLink({ ...http, maxItems: CHARTS_PER_BATCH }),
          false: httpBatchLink(http),
        }),
      }),
    ],
  })
}
