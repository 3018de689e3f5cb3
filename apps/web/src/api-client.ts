import type { AppRouter } from '@trackable/api/client'
import { createTRPCClient, httpBatchLink, splitLink, TRPCClientError, type TRPCLink } from '@trpc/client'
import { observable, type Unsubscribable } from '@trpc/server/observable'
import superjson from 'superjson'

const TRPC_PATH = '/trpc'
/** A batch is answered when its slowest question is: charts travel in small ones, so that a slow chart holds up few others. */
const CHARTS_PER_BATCH = 4
/** Queries travel in the address; proxies commonly allow 8 kB of it. */
const URL_CHARS_MAX = 6_000

/** Signing in subscribes to nothing: the code of both transports is loaded with the first subscription. */
const lazyLiveLink: TRPCLink<AppRouter> = (runtime) => {
  let loading: Promise<ReturnType<TRPCLink<AppRouter>>> | undefined
  return ({ op, next }) =>
    observable((observer) => {
      let isOver = false
      let inner: Unsubscribable | undefined
      loading ??= import('./live-link').then(({ liveLink }) => liveLink(runtime))
      loading.then(
        (link) => {
          if (!isOver) inner = link({ op, next }).subscribe(observer)
        },
        (cause) => {
          loading = undefined
          observer.error(TRPCClientError.from(cause instanceof Error ? cause : new Error(String(cause))))
        },
      )
      return () => {
        isOver = true
        inner?.unsubscribe()
      }
    })
}

/** The typed client of the API. Signing in uses it bare; every page behind it through `useTRPC`. */
export function createApiClient() {
  const http = { url: TRPC_PATH, transformer: superjson, maxURLLength: URL_CHARS_MAX }
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: lazyLiveLink,
        false: splitLink({
          condition: (op) => op.path === 'metric.query',
          true: httpBatchLink({ ...http, maxItems: CHARTS_PER_BATCH }),
          false: httpBatchLink(http),
        }),
      }),
    ],
  })
}
