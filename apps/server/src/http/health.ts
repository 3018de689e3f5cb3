import type { Database } from '@trackable/db'
import { Hono } from 'hono'
import type { AppEnv } from './types'

/** Longer than a healthy database ever needs, shorter than the timeout of any probe. */
const DATABASE_TIMEOUT_MS = 1000
/** Several probes (balancer, container, monitoring) share one question to the database. */
const REUSE_MS = 250

export interface HealthOptions {
  db: Pick<Database, 'pools'>
  /** Migrated, worker running, not stopping. */
  isServing(): boolean
  isQueueRunning(): boolean
  isWriterFull(): boolean
}

/** `/health`: the process answers, whatever its database does. `/ready`: send traffic here. */
export function createHealthRoutes(options: HealthOptions) {
  const isDatabaseUp = createDatabaseProbe(options.db)
  return new Hono<AppEnv>()
    .get('/health', (c) => c.json({ status: 'ok' }, 200, { 'cache-control': 'no-store' }))
    .get('/ready', async (c) => {
      const checks = {
        serving: options.isServing(),
        database: await isDatabaseUp(),
        queue: options.isQueueRunning(),
        writer: !options.isWriterFull(),
      }
      const isReady = Object.values(checks).every(Boolean)
      const body = { status: isReady ? 'ready' : 'not ready', checks }
      return c.json(body, isReady ? 200 : 503, {
        'cache-control': 'no-store',
        ...(isReady ? {} : { 'retry-after': '1' }),
      })
    })
}

function createDatabaseProbe(db: Pick<Database, 'pools'>): () => Promise<boolean> {
  let pending: Promise<boolean> | undefined
  let answer = { isUp: false, at: Number.NEGATIVE_INFINITY }
  const ask = async () => {
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, DATABASE_TIMEOUT_MS, false)
    })
    // Being away is the answer here and not an error; the attempt itself ends by the pool's own timeouts.
    const query = db.pools.health.query('SELECT 1').then(
      () => true,
      () => false,
    )
    const isUp = await Promise.race([query, timeout])
    clearTimeout(timer)
    answer = { isUp, at: performance.now() }
    return isUp
  }
  return () => {
    if (answer.isUp && performance.now() - answer.at < REUSE_MS) return Promise.resolve(true)
    pending ??= ask().finally(() => {
      pending = undefined
    })
    return pending
  }
}
