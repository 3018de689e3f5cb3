/** A flush that is committed, or known not to be: what the connection says is not always the last word. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolClient } from '@trackable/db'
import { findTransactionStatus, hasPoint } from '@trackable/db/points'
import { TimedOut, within } from '../kernel/deadline'
import type { Flush, Stored } from './flush'
import {
  ensureFlushPartitions,
  type FlushHooks,
  isConnectionError,
  isMissingPartition,
  sqlStateOf,
  storeFlush,
} from './repository'

export interface CommitOptions {
  /** Longest wait for the database, for one attempt; a server that is frozen never answers by itself. */
  timeoutMs: number
  /** Longest search for what became of a transaction whose connection was lost. */
  settleMs: number
}

/** Deadlocks with something else than a writer, failed serialisation and lock timeouts end in the next attempt. */
const TRANSIENT = new Set(['40P01', '40001', '55P03'])
const ATTEMPTS_MAX = 6
const RETRY_MS = 10
const SETTLE_INTERVAL_MS = 50
const SETTLE_ATTEMPT_MS = 2_000

/**
 * Resolves after the COMMIT. Rejects when nothing is stored, or when it could not be found out in time whether it is
 * (`OutcomeUnknown`).
 *
 * When the connection is lost in between, another one is asked what became of the transaction; if it was aborted, the
 * same rows, with the same ids, are stored again.
 */
export async function commitFlush(
  pool: Pool,
  flush: Flush,
  hooks: Omit<FlushHooks, 'onMarker'>,
  options: CommitOptions,
): Promise<Stored> {
  let lost: Stored | null = null
  let isMonthMissing = false
  for (let attempt = 1; ; attempt++) {
    let marker: string | null = null
    let stored: Stored | null = null
    const hear: FlushHooks = {
      ...hooks,
      beforeCommit: (client, outcome) => {
        stored = outcome
        return hooks.beforeCommit(client, outcome)
      },
      onMarker: (text) => {
        marker = text
      },
    }
    try {
      await within(options.timeoutMs, (expired) =>
        Promise.race([ensureFlushPartitions(pool, flush, isMonthMissing), expired]),
      )
      isMonthMissing = false
      const again = await withClient(pool, options.timeoutMs, (client) => storeFlush(client, flush, hear))
      // What was new the first time is not new the second, if the first was committed after all.
      return lost ?? again
    } catch (error) {
      if (attempt === ATTEMPTS_MAX) throw error
      if (isMissingPartition(error)) {
        isMonthMissing = true
        continue
      }
      if (TRANSIENT.has(sqlStateOf(error) ?? '')) {
        // The other one gets ahead; two that wait equally long would meet again.
        await sleep(RETRY_MS * attempt * (0.5 + Math.random()))
        continue
      }
      if (!isLost(error) || error instanceof NotConnected) throw error
      // Without a marker no byte was sent that could have been committed.
      if (marker === null) continue
      const proof = await settle(pool, marker, flush, options.settleMs, error)
      if (proof === 'stored') return stored ?? ALL_NEW
      if (proof === 'probably') lost = stored
    }
  }
}

const ALL_NEW: Stored = { written: null, seen: new Map() }

/** The database was not reached at all. */
class NotConnected extends Error {
  override name = 'NotConnected'
}

/** Nobody can tell whether the points are stored. */
export class OutcomeUnknown extends Error {
  override name = 'OutcomeUnknown'
}

const isLost = (error: unknown) => error instanceof TimedOut || isConnectionError(error)

/**
 * What became of a transaction whose connection is gone. After a crash of the server its number may have been given to
 * another one, so that "committed" is believed together with a row whose id nobody else can have; a flush without such a
 * row does no harm when it is stored again.
 */
async function settle(
  pool: Pool,
  marker: string,
  flush: Flush,
  settleMs: number,
  cause: unknown,
): Promise<'stored' | 'probably' | 'not stored'> {
  const until = performance.now() + settleMs
  while (performance.now() < until) {
    try {
      const proof = await withClient(pool, Math.min(settleMs, SETTLE_ATTEMPT_MS), (client) =>
        findProof(client, marker, flush),
      )
      if (proof !== 'in progress') return proof
    } catch (error) {
      // Still away; it is asked again until the time is over.
      if (!isLost(error) && !(error instanceof NotConnected)) throw error
    }
    await sleep(SETTLE_INTERVAL_MS)
  }
  throw new OutcomeUnknown('what became of the transaction could not be found out in time', { cause })
}

async function findProof(client: PoolClient, marker: string, flush: Flush) {
  const status = await findTransactionStatus(client, marker)
  if (status === 'in progress') return status
  if (status !== 'committed') return 'not stored'
  const { fresh } = flush
  if (fresh.length === 0) return 'probably'
  const [productId, seriesId, ts, id] = [fresh.productId[0], fresh.seriesId[0], fresh.ts[0], fresh.id[0]]
  const key = { productId: productId ?? 0, seriesId: seriesId ?? 0, ts: ts ?? 0, id: id ?? 0n }
  return (await hasPoint(client, key)) ? 'stored' : 'not stored'
}

/** A connection that failed in any way the server did not answer for, or in time, is thrown away. */
function withClient<T>(pool: Pool, timeoutMs: number, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return within(timeoutMs, async (expired) => {
    const client = await connect(pool, expired)
    let broken: Error | undefined
    const working = work(client)
    try {
      return await Promise.race([working, expired])
    } catch (error) {
      if (sqlStateOf(error) === undefined || isConnectionError(error)) broken = toError(error)
      throw error
    } finally {
      // After a timeout it fails once more, with the connection that is closed here.
      working.catch(() => undefined)
      client.release(broken)
    }
  })
}

const toError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)))

async function connect(pool: Pool, expired: Promise<never>): Promise<PoolClient> {
  const connecting = pool.connect()
  try {
    return await Promise.race([connecting, expired])
  } catch (error) {
    connecting.then(
      (late) => late.release(),
      () => undefined,
    )
    throw new NotConnected('the database could not be reached', { cause: error })
  }
}
