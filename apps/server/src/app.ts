import { type Context, DomainError, type PointWriter } from '@trackable/api'
import { Hono } from 'hono'
import { type AllowanceLimits, createAllowance } from './http/allowance'
import { createDocsRoutes } from './http/docs'
import { createHealthRoutes, type HealthOptions } from './http/health'
import { createImportRoutes } from './http/import'
import { createIngestRoutes } from './http/ingest'
import { createOpenApiRoutes } from './http/openapi'
import { createPreviewRoutes } from './http/preview'
import { encodeProblem, toDomainError } from './http/problem'
import { createProtocolRoutes, isProtocolPath, PROTOCOL_PATHS } from './http/protocols/index'
import { createQueryRoutes } from './http/query'
import { createReceiptRoutes } from './http/receipts'
import { createWebFiles, isNavigation, NOT_BUILT_PAGE } from './http/static'
import { createTrpcRoutes } from './http/trpc'
import { type AppContext, type AppEnv, requestIdOf } from './http/types'
import type { LiveConnections } from './live'

export interface AppOptions {
  ctx: Context
  writer: PointWriter
  live: LiveConnections
  health: Pick<HealthOptions, 'isServing' | 'isQueueRunning'>
  webDir: string
  trustedProxies: number
  /** Default: none. */
  ingestLimits?: AllowanceLimits
}

/** Addresses of programs: what is missing there is a problem+json and never the page of the application. */
const NOT_PAGES = /^\/(api|trpc|preview|docs|health|ready)(\/|$)/
const isPage = (path: string) => !NOT_PAGES.test(path) && !isProtocolPath(path)

/** Every surface of the server. Nothing here listens or starts: the edge in front of it does. */
export function createApp({ ctx, writer, live, health, webDir, trustedProxies, ingestLimits = {} }: AppOptions) {
  const allowance = createAllowance(ingestLimits, () => ctx.clock.now().getTime())
  const ingest = { ctx, writer, allowance }
  const api = new Hono<AppEnv>()
    .route('/', createIngestRoutes(ingest))
    .route('/', createQueryRoutes(ctx))
    .route('/', createReceiptRoutes(ctx))
    .route('/', createProtocolRoutes(ingest))
    .route('/', createHealthRoutes({ ...health, db: ctx.db, isWriterFull: () => writer.isFull() }))
  const app = new Hono<AppEnv>()
    .route('/', api)
    .route('/', createTrpcRoutes({ ctx, live, trustedProxies }))
    .route('/', createImportRoutes(ctx, writer))
    .route('/', createPreviewRoutes(ctx))
    .route('/', createOpenApiRoutes(api, ctx.settings.publicUrl))
  return withPages(app, { publicUrl: ctx.settings.publicUrl, webDir, log: ctx.log })
}

/** What answers while the database is not there yet: the probes and the pages, and 503 to everything else (CR-04). */
export function createStartingApp(options: PageOptions) {
  const app = new Hono<AppEnv>()
    .get('/health', (c) => c.json({ status: 'ok' }, 200, { 'cache-control': 'no-store' }))
    .get('/ready', (c) => c.json({ status: 'starting' }, 503, { 'cache-control': 'no-store', 'retry-after': '1' }))
    .on(['GET', 'POST', 'PUT'], ['/api/*', '/trpc/*', '/preview/*', ...PROTOCOL_PATHS], () => {
      throw new DomainError('unavailable', 'The server is starting and waits for its database.', { retryAfterS: 2 })
    })
  return withPages(app, options)
}

interface PageOptions {
  publicUrl: string
  webDir: string
  log: Context['log']
}

function withPages(app: Hono<AppEnv>, { publicUrl, webDir, log }: PageOptions) {
  const files = createWebFiles(webDir)
  const problem = (c: AppContext, error: DomainError, headers?: Record<string, string>) => {
    const { status, headers: all, body } = encodeProblem(error, { publicUrl, requestId: requestIdOf(c.env) }, headers)
    return new Response(body, { status, headers: all })
  }
  return app
    .route('/', createDocsRoutes())
    .onError((cause, c) => {
      const error = toDomainError(cause)
      if (error.code === 'internal') log.error({ err: cause, requestId: requestIdOf(c.env) }, 'request failed')
      // A body that was not read to its end would be taken for the next request.
      return problem(c, error, error.code === 'payload_too_large' ? { connection: 'close' } : {})
    })
    .notFound(async (c) => {
      const { method, path } = c.req
      const allow = isPage(path) ? ['GET', 'HEAD'] : allowedMethods(app, path)
      if (allow.length > 0 && !allow.includes(method)) {
        const detail = `${method} is not supported here. Allowed: ${allow.join(', ')}.`
        return problem(c, new DomainError('method_not_allowed', detail), { allow: allow.join(', ') })
      }
      if (isPage(path)) {
        const file = await files.respond(c, path)
        if (file) return file
        if (isNavigation(c)) return (await files.respond(c, '/')) ?? c.html(NOT_BUILT_PAGE, 503)
      }
      return problem(c, new DomainError('not_found', 'There is nothing at this address.'))
    })
}

/** The methods that some route takes at this path; none when there is no such path. */
function allowedMethods(app: Hono<AppEnv>, path: string): string[] {
  const methods = new Set<string>()
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    if (app.router.match(method, path)[0].length > 0) methods.add(method)
  }
  if (methods.has('GET')) methods.add('HEAD')
  return [...methods]
}
