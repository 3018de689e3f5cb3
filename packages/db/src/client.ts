import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { type Prisma, PrismaClient } from './generated/client'

export type Pool = pg.Pool
export type PoolClient = pg.PoolClient
/** Whatever can run one hand-written statement: a pool, or a client inside a transaction. */
export type Queryable = Pick<pg.Pool | pg.PoolClient, 'query'>
export type Db = PrismaClient
export type Tx = Prisma.TransactionClient

/**
 * Four pools, so that none can starve another: a dashboard that holds every query connection stops neither ingest nor
 * the health probe.
 */
export interface Pools {
  /** Prisma and the job queue: metadata, short statements. */
  meta: Pool
  /** The point writer. Few connections: it coalesces, so more would only fight over the same WAL. */
  writer: Pool
  /** Reads over points, bounded by `statement_timeout`. */
  query: Pool
  /** One connection, short timeouts: says whether the database answers, not whether the others are busy. */
  health: Pool
}

export interface Database {
  url: string
  prisma: Db
  pools: Pools
  close(): Promise<void>
}

export interface PoolSizes {
  meta: number
  writer: number
  query: number
}

export interface OpenDatabaseOptions {
  pools?: Partial<PoolSizes>
  /** Longest statement of the query pool, in milliseconds. */
  queryTimeoutMs?: number
  /** Told about an idle connection that died; the pool replaces it by itself. */
  onIdleError?: (error: Error, pool: keyof Pools) => void
}

const POOL_SIZES: PoolSizes = { meta: 10, writer: 3, query: 8 }
const QUERY_TIMEOUT_MS = 30_000
const CONNECT_TIMEOUT_MS = 10_000
const HEALTH_TIMEOUT_MS = 2_000

/** Opens nothing yet: connections are made when first needed, so a database that is down does not stop the boot. */
export function openDatabase(url: string, options: OpenDatabaseOptions = {}): Database {
  const sizes = { ...POOL_SIZES, ...options.pools }
  const open = (name: keyof Pools, config: pg.PoolConfig, settings: string[] = []) => {
    const pool = new pg.Pool({
      connectionString: url,
      application_name: `trackable-${name}`,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      // The Prisma adapter drops the offset from timestamptz text: in a session that is not UTC it stores wrong instants.
      // Statements here are long and quick: compiling one that looks dear takes longer than running it.
      options: ['TimeZone=UTC', 'jit=off', ...settings].map((setting) => `-c ${setting}`).join(' '),
      ...config,
    })
    pool.on('error', (error) => options.onIdleError?.(error, name))
    // The pool listens to idle connections only. One that dies in somebody's hands between two statements would end the
    // process by an unhandled 'error'; so its holder's next statement fails, and the pool throws it away on release.
    pool.on('connect', (client) => client.on('error', () => undefined))
    return pool
  }
  const pools: Pools = {
    meta: open('meta', { max: sizes.meta }),
    writer: open('writer', { max: sizes.writer }),
    // Planning these statements takes as long as running them: up to 9 ms, five times on each connection before the
    // database would keep a plan by itself, and always for the short ones.
    query: open('query', { max: sizes.query }, [
      `statement_timeout=${options.queryTimeoutMs ?? QUERY_TIMEOUT_MS}`,
      'plan_cache_mode=force_generic_plan',
    ]),
    health: open('health', { max: 1, connectionTimeoutMillis: HEALTH_TIMEOUT_MS }, [
      `statement_timeout=${HEALTH_TIMEOUT_MS}`,
    ]),
  }
  const prisma = new PrismaClient({ adapter: new PrismaPg(pools.meta, { disposeExternalPool: false }) })
  return {
    url,
    prisma,
    pools,
    close: async () => {
      await prisma.$disconnect()
      await Promise.all(Object.values(pools).map((pool) => pool.end()))
    },
  }
}
