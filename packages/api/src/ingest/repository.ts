/** The transaction of a flush. */
import type { Pool, PoolClient, Queryable } from '@trackable/db'
import {
  allocatePointColumns,
  COPY_DELTAS,
  COPY_POINTS,
  type CumulativeStateRow,
  encodeDeltas,
  encodePoints,
  ensurePartitionsFor,
  ensurePartitionsForUnpack,
  findReceipt,
  forgetPartitions,
  type HistogramRow,
  insertHistograms,
  insertPoints,
  isMissingPartition,
  lockCumulativeStates,
  overwritePoints,
  type PointColumns,
  pointKeyOf,
  type ReceiptRow,
  runCopyScript,
  SELECT_MARKER,
  saveCumulativeStates,
  unpackFor,
} from '@trackable/db/points'
import type { ProductScope } from '../kernel/scope'
import { advance } from './cumulative'
import { type Flush, type Stored, toHistogramRow } from './flush'

/** What the transaction tells while it runs. */
export interface FlushHooks {
  /** Its number, before anything is sent that could be committed. */
  onMarker(marker: string): void
  /** Whether the ids of the rows were looked up in this epoch of the dictionary; else nothing is sent: `StaleSeries`. */
  isOfEpoch(epoch: number): boolean
  /** The last step before the COMMIT, inside of the transaction: stores the answers of requests that are remembered. */
  beforeCommit(client: PoolClient, stored: Stored): Promise<void>
  /** The first step: whoever throws here ends the transaction before a point is written. */
  afterBegin(client: PoolClient): Promise<void>
}

const NOTHING_ELSE: Stored = { written: null, seen: new Map() }
const COPY_ALL = `${SELECT_MARKER}; ${COPY_POINTS}; ${COPY_DELTAS}`

/**
 * Commits a flush. The scopes were checked when each request was taken; a flush holds rows of many products, and every
 * row says which.
 *
 * Fresh rows go through binary COPY whatever their number: for 30 rows it costs Postgres 18 µs a row where an INSERT
 * costs 22. When there is nothing else, the whole transaction is one message: no BEGIN and COMMIT, which would be two
 * more round trips.
 */
export async function storeFlush(client: PoolClient, flush: Flush, hooks: FlushHooks): Promise<Stored> {
  let stale: StaleSeries | null = null
  const onRow = ([marker, epoch]: readonly string[]) => {
    hooks.onMarker(String(marker))
    if (!hooks.isOfEpoch(Number(epoch))) stale = new StaleSeries(Number(epoch))
    return stale === null
  }
  if (flush.deltas) {
    const payloads = [encodePoints(client, flush.fresh), flush.deltas]
    await runCopyScript(client, COPY_ALL, payloads, onRow).catch((error) => {
      throw stale ?? error
    })
    return NOTHING_ELSE
  }
  await runCopyScript(client, `BEGIN; ${SELECT_MARKER}`, [], onRow)
  try {
    if (stale) throw stale
    await hooks.afterBegin(client)
    const stored = await storeMixed(client, flush)
    await hooks.beforeCommit(client, stored)
    await client.query('COMMIT')
    return stored
  } catch (error) {
    // A connection that is gone has rolled back by itself; its own error is the one to tell.
    if (!isConnectionError(error)) await client.query('ROLLBACK')
    throw error
  }
}

/** A metric was renamed, merged or deleted since the ids of these rows were looked up. Nothing was written. */
export class StaleSeries extends Error {
  override name = 'StaleSeries'

  constructor(readonly epoch: number) {
    super('the dictionary of series has changed')
  }
}

/** Makes room for the months of a flush; outside of its transaction, see there. */
export async function ensureFlushPartitions(pool: Pool, flush: Flush, isRetry: boolean): Promise<void> {
  // Retention, or another process, dropped a month since we last looked.
  if (isRetry) forgetPartitions(pool)
  await ensurePartitionsFor(pool, flush.fresh)
  await ensurePartitionsFor(pool, flush.named)
  await ensurePartitionsFor(pool, flush.overwriting)
  await ensurePartitionsForUnpack(pool, [flush.named, flush.overwriting], flush.nowMs)
  if (flush.streams.length === 0) return
  const ts = Float64Array.from(flush.streams.flatMap(({ rows }) => rows.map((row) => row.ts)))
  await ensurePartitionsFor(pool, { length: ts.length, ts })
}

/** Always in this order, each sorted by key: two flushes wait for each other, and never in a ring. */
async function storeMixed(client: PoolClient, flush: Flush): Promise<Stored> {
  const { named, overwriting } = flush
  // What could be a point that is packed meets it as a row; recent points cost nothing here.
  await unpackFor(client, [named, overwriting], flush.nowMs)
  const { fresh, histograms, seen } = await resolveStreams(client, flush)
  if (fresh.length > 0) {
    const payloads = [encodePoints(client, fresh), encodeDeltas(fresh, flush.deltaIds())]
    await runCopyScript(client, `${COPY_POINTS}; ${COPY_DELTAS}`, payloads)
  }
  const ofNamed = named.length > 0 ? (await insertPoints(client, named)).keys : null
  let ofOverwriting: string[] | null = null
  if (overwriting.length > 0) {
    const inserted = await insertPoints(client, overwriting, { keeps: 'last' })
    if (inserted.keys) ofOverwriting = [...inserted.keys, ...(await overwritePoints(client, overwriting))]
  }
  const ofHistograms = histograms.length > 0 ? await insertHistograms(client, histograms) : null
  if (ofNamed === null && ofOverwriting === null && ofHistograms === null) return { written: null, seen }
  const written = new Set<string>(ofHistograms)
  for (const [columns, some] of [
    [named, ofNamed],
    [overwriting, ofOverwriting],
  ] as const) {
    if (some) for (const key of some) written.add(key)
    else for (let row = 0; row < columns.length; row++) written.add(pointKeyOf(columns, row))
  }
  return { written, seen }
}

/** Values that count since a start become differences to what their streams stood at, which is locked from here on. */
async function resolveStreams(client: PoolClient, flush: Flush) {
  const seen = new Map<number, number>()
  const { streams } = flush
  if (streams.length === 0) return { fresh: flush.fresh, histograms: flush.histograms, seen }
  const states = await lockCumulativeStates(client, streams)
  const next: CumulativeStateRow[] = []
  const points: Omit<HistogramRow, 'count' | 'min' | 'max' | 'bins' | 'counts'>[] = []
  const histograms = [...flush.histograms]
  const nextPointId = flush.pointIds()
  streams.forEach((stream, i) => {
    const { productId, seriesId, startMs } = stream
    const { differences, seen: old, state } = advance(states[i] ?? null, startMs, stream.rows)
    next.push({ productId, seriesId, startMs, ...state })
    for (const { request } of old) seen.set(request, (seen.get(request) ?? 0) + 1)
    for (const { row, value, histogram } of differences) {
      const key = { productId, seriesId, ts: row.ts, id: BigInt(nextPointId()) }
      if (histogram) histograms.push(toHistogramRow(key, value, histogram))
      else points.push({ ...key, sum: value })
    }
  })
  await saveCumulativeStates(client, next)
  return { fresh: withPoints(flush.fresh, points), histograms, seen }
}

function withPoints(
  columns: PointColumns,
  points: readonly { productId: number; seriesId: number; ts: number; id: bigint; sum: number }[],
): PointColumns {
  if (points.length === 0) return columns
  const all = allocatePointColumns(columns.length + points.length)
  for (const name of ['productId', 'seriesId', 'ts', 'value'] as const) {
    all[name].set(columns[name].subarray(0, columns.length))
  }
  all.id.set(columns.id.subarray(0, columns.length))
  points.forEach(({ productId, seriesId, ts, id, sum }, i) => {
    const at = columns.length + i
    all.productId[at] = productId
    all.seriesId[at] = seriesId
    all.ts[at] = ts
    all.id[at] = id
    all.value[at] = sum
  })
  return all
}

export const findReceiptRow = (db: Queryable, { id }: ProductScope, key: string): Promise<ReceiptRow | null> =>
  findReceipt(db, { productId: id, key })

export { isMissingPartition }

export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error ? error.code : undefined
}

/** The server is going away, or nobody answered: what the connection was doing may have happened or not. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const state = sqlStateOf(error)
  if (state !== undefined) return /^(57P0[123]|08)/.test(state)
  const code = 'code' in error ? String(error.code) : ''
  return (
    /^E[A-Z]+$/.test(code) ||
    /Connection terminated|(connection error|was closed) and is not queryable/.test(error.message)
  )
}
