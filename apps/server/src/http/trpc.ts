import { appRouter, type Context, DomainError, ERRORS, resolveSession, type UserScope } from '@trackable/api'
import { TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { Hono } from 'hono'
import type { LiveConnections } from '../live'
import { readBody } from './body'
import { toDomainError } from './problem'
import { isSameSite } from './security'
import { clientAddress, createCookieWarning, readSessionToken, writeSessionCookie } from './session'
import { type AppContext, type AppEnv, requestIdOf } from './types'

/** The largest input is a dashboard full of widgets, some 60 kB; ingest has a route of its own. */
const BODY_BYTES_MAX = 1024 * 1024
/** Signing in takes 500 bytes. Anybody may open thousands of connections, and what they send is held until it is whole. */
const STRANGERS_BODY_BYTES_MAX = 16 * 1024

/** A page has some forty charts. Without a limit one address of 16 kB asks the database a thousand things. */
const BATCH_MAX = 100

export interface TrpcOptions {
  ctx: Context
  live: LiveConnections
  trustedProxies: number
}

export function createTrpcRoutes(options: TrpcOptions) {
  const warnOfCookie = createCookieWarning(options.ctx.log, options.ctx.settings.publicUrl)
  return new Hono<AppEnv>().on(['GET', 'POST'], '/trpc/*', (c) => answer(c, { ...options, warnOfCookie }))
}

interface AnswerOptions extends TrpcOptions {
  warnOfCookie: (host: string | undefined) => void
}

async function answer(c: AppContext, { ctx, live, trustedProxies, warnOfCookie }: AnswerOptions): Promise<Response> {
  const { incoming, outgoing } = c.env
  const { publicUrl } = ctx.settings
  if (!isSameSite(incoming, publicUrl)) {
    throw new DomainError('cross_site_request', 'This request came from another site, or without saying where from.')
  }
  const isPost = c.req.method === 'POST'
  const user = resolveSession(ctx, readSessionToken(incoming, publicUrl))
  // A failure is awaited again below, where tRPC makes an answer of it.
  const isKnown = (await user.catch(() => null)) !== null
  const body = isPost ? await readBody(incoming, isKnown ? BODY_BYTES_MAX : STRANGERS_BODY_BYTES_MAX) : undefined
  if (c.req.header('accept')?.includes('text/event-stream')) watch(c, live, await user)
  const { signal, headers, url } = c.req.raw
  const response = await fetchRequestHandler({
    endpoint: '/trpc',
    req: body ? new Request(url, { method: 'POST', headers, body: new Uint8Array(body), signal }) : c.req.raw,
    router: appRouter,
    maxBatchSize: BATCH_MAX,
    createContext: async ({ resHeaders }) => ({
      ...ctx,
      requestId: requestIdOf(c.env),
      user: await user.catch((error) => Promise.reject(toTrpcError(error))),
      ip: clientAddress(incoming, trustedProxies),
      userAgent: c.req.header('user-agent') ?? '',
      setSessionCookie: (token, expiresAt) => {
        resHeaders.append('set-cookie', writeSessionCookie(publicUrl, token, expiresAt))
        // What the pages remember of a person is forgotten with the session (ASVS 14.3.1).
        if (token === null) resHeaders.set('clear-site-data', '"storage"')
        else warnOfCookie(incoming.headers.host)
      },
    }),
    onError: ({ error, path }) => logFailure(ctx, error, path, requestIdOf(c.env)),
  })
  outgoing.setHeader('cache-control', 'no-store')
  return response
}

/** An event stream is refused without a session before it opens (WH-08), and ends with the session. */
function watch(c: AppContext, live: LiveConnections, user: UserScope | null): void {
  const { outgoing } = c.env
  if (!user) throw new DomainError('unauthenticated', 'Sign in to watch.')
  const release = live.add({ user, end: () => outgoing.end() })
  if (!release) throw new DomainError('rate_limited', 'You have too many live connections open.', { retryAfterS: 60 })
  outgoing.once('close', release)
}

function toTrpcError(error: unknown): TRPCError {
  const cause = toDomainError(error)
  return new TRPCError({ code: ERRORS[cause.code], message: cause.detail, cause })
}

/** What callers do wrong is theirs to read; what we do wrong goes to the log with its cause. */
export function logFailure(ctx: Context, error: TRPCError, path: string | undefined, requestId: string): void {
  if (error.code !== 'INTERNAL_SERVER_ERROR') return
  ctx.log.error({ err: error.cause ?? error, path, requestId }, 'procedure failed')
}
