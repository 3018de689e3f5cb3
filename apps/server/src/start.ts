/** Puts the server together and takes it apart again. Called by the command line and by tests; importing starts nothing. */
import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createFolder,
  ensureSetupToken,
  type Folder,
  flushRejected,
  INGEST_LIMITS,
  isStreamed,
  jobs,
  type PointWriter,
  sharedWriterOf,
  ticks,
} from '@trackable/api'
import { type Database, isDatabaseAway } from '@trackable/db'
import type { Logger } from 'pino'
import { createApp, createStartingApp } from './app'
import { createContext, findDatabase, type OwnedContext, openPools, prepareDatabase } from './context'
import { createEdge, type Edge, pathOf } from './edge'
import type { Env } from './env'
import { findBeside } from './http/files'
import { INGEST_PATH } from './http/ingest'
import { isProtocolPath, PROTOCOL_BYTES_MAX } from './http/protocols/index'
import { createLiveConnections, type LiveConnections } from './live'
import { createRealtime, type Realtime } from './realtime'
import { type Statsd, startStatsd } from './statsd'
import { type JobWorker, startWorker } from './worker'

/** CR-04: the database is asked this often while it is away at the start. */
const RETRY_MS = 1000
/** Sockets are told to move within this time, and not all in the same instant. */
const SOCKET_SPREAD_MS = 500
/** CR-05: everything has ended ten seconds after SIGTERM and the drain; requests and jobs get most of it. */
const REQUESTS_GRACE_MS = 5_000
const JOBS_GRACE_MS = 3_000

/** Probes come every second whatever they are told, and good pushes 15,000 times. */
const isQuiet = (path: string, status: number) =>
  path === '/health' || path === '/ready' || (status < 400 && (path === INGEST_PATH || isProtocolPath(path)))

/** What is asked for of a body that is announced. */
function bodyBytesMaxOf(request: IncomingMessage): number {
  const path = pathOf(request)
  if (isProtocolPath(path)) return PROTOCOL_BYTES_MAX
  const isLong = path === INGEST_PATH && isStreamed(request.headers['content-type'])
  return isLong ? INGEST_LIMITS.streamBytesMax : INGEST_LIMITS.bodyBytesMax
}

export interface RunningServer {
  port: number
  /** Where people go. */
  url: string
  /** Resolves when the server serves. Rejects for what no waiting cures: a bad migration, a wrong password. */
  ready: Promise<ReadyState>
  stop(): Promise<void>
}

export interface ReadyState {
  /** The single-use link that makes the first account; null once there is one. */
  setupUrl: string | null
  ctx: OwnedContext['ctx']
  writer: PointWriter
  /** Null without STATSD_PORT. */
  statsd: Statsd | null
}

/** What has been built so far, so that a stop in the middle of the start takes down exactly that. */
interface Parts {
  stopEmbedded?: () => Promise<void>
  db?: Database
  context?: OwnedContext
  writer?: PointWriter
  folder?: Folder
  worker?: JobWorker
  statsd?: Statsd | null
  live?: LiveConnections
  realtime?: Realtime
}

type Fetch = Parameters<typeof createEdge>[0]['fetch']

export async function startServer(env: Env, log: Logger): Promise<RunningServer> {
  const stopping = new AbortController()
  const parts: Parts = {}
  let fetch: Fetch = () => new Response(null, { status: 503 })
  const edge = createEdge({
    publicUrlOf: env.publicUrlOf,
    log,
    fetch: (request, bindings) => fetch(request, bindings),
    isQuiet,
    bodyBytesMax: bodyBytesMaxOf,
  })
  const port = await edge.listen(env.PORT, env.HOST)
  const publicUrl = env.publicUrlOf(port)
  const webDir = env.WEB_DIR ?? findBeside('web', 'apps/web/dist')
  fetch = createStartingApp({ publicUrl, webDir, log }).fetch as Fetch

  const bringUp = async (): Promise<ReadyState> => {
    const { url, embedded } = await findDatabase(env, log)
    parts.stopEmbedded = embedded?.stop
    const db = openPools(env, url, log)
    parts.db = db
    await untilDatabaseAnswers(() => connect(env, parts, { db, log, publicUrl }), log, stopping.signal)
    const { context, writer, worker } = parts as Required<Parts>
    const live = createLiveConnections(context.ctx)
    parts.live = live
    parts.realtime = createRealtime({ ctx: context.ctx, edge, live, trustedProxies: env.TRUSTED_PROXIES })
    const app = createApp({
      ctx: context.ctx,
      writer,
      live,
      health: { isServing: () => !stopping.signal.aborted, isQueueRunning: worker.isRunning },
      webDir,
      trustedProxies: env.TRUSTED_PROXIES,
      ingestLimits: {
        requestsPerMinute: env.INGEST_REQUESTS_PER_MINUTE,
        pointsPerMinute: env.INGEST_POINTS_PER_MINUTE,
      },
    })
    parts.statsd = await openStatsd(env, context.ctx, writer)
    if (parts.statsd) log.info({ port: parts.statsd.port }, 'StatsD: listening')
    const token = await ensureSetupToken(context.ctx)
    fetch = app.fetch as Fetch
    const setupUrl = token && `${publicUrl}/setup?token=${token}`
    return { ctx: context.ctx, writer, statsd: parts.statsd, setupUrl }
  }
  const ready = bringUp()
  // Told to whoever awaits it; a stop during the start ends it early, which is no failure.
  ready.catch(() => undefined)

  let stopped: Promise<void> | undefined
  const stop = () => {
    stopping.abort()
    stopped ??= stopServer({ edge, parts, env, log, ready })
    return stopped
  }
  return { port, url: publicUrl, ready, stop }
}

/** The steps that need the database. Repeatable: what an earlier attempt has built is kept. */
async function connect(
  env: Env,
  parts: Parts,
  options: { db: Database; log: Logger; publicUrl: string },
): Promise<void> {
  const applied = await prepareDatabase(options.db, options.log)
  if (applied.length > 0) options.log.info({ migrations: applied }, 'the schema was brought up to date')
  parts.context ??= await createContext(env, options)
  parts.writer ??= sharedWriterOf(parts.context.ctx)
  parts.folder ??= createFolder(parts.context.ctx)
  parts.worker ??= await startWorker({ ctx: parts.context.ctx, jobs, ticks, concurrency: env.JOB_CONCURRENCY })
}

async function openStatsd(env: Env, ctx: OwnedContext['ctx'], writer: PointWriter): Promise<Statsd | null> {
  const { STATSD_PORT: port, STATSD_API_KEY: apiKey, HOST: host } = env
  return port === undefined || apiKey === undefined ? null : startStatsd({ ctx, writer, port, host, apiKey })
}

async function untilDatabaseAnswers(attempt: () => Promise<void>, log: Logger, signal: AbortSignal): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      if (!isDatabaseAway(error)) throw error
      if (isFirst) log.warn({ err: error }, 'the database does not answer yet; trying again every second')
      await sleep(RETRY_MS, undefined, { signal })
    }
  }
}

interface Stopping {
  edge: Edge
  parts: Parts
  env: Env
  log: Logger
  ready: Promise<unknown>
}

/**
 * The order that loses nothing: still serving while balancers notice, then sockets, the listener, requests in work,
 * jobs, the writer's last flush, and the database at the end.
 */
async function stopServer({ edge, parts, env, log, ready }: Stopping): Promise<void> {
  log.info('stopping')
  edge.drain()
  // A start that is still under way ends first: by the signal, or by having finished.
  await ready.catch(() => undefined)
  if (parts.worker) await sleep(env.DRAIN_MS)
  parts.realtime?.announceRestart()
  await parts.live?.endAll(SOCKET_SPREAD_MS)
  await edge.close(REQUESTS_GRACE_MS)
  parts.realtime?.close()
  await parts.worker?.stop(JOBS_GRACE_MS)
  await parts.statsd?.close()
  await parts.writer?.close()
  if (parts.context) await flushRejected(parts.context.ctx)
  await parts.folder?.close()
  parts.live?.close()
  await parts.context?.close()
  await parts.db?.close()
  await parts.stopEmbedded?.()
  log.info('stopped')
}
