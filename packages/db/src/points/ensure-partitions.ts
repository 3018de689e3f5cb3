import type { Pool } from '../client'
import type { PointColumns } from './columns'
import { inTransaction } from './in-transaction'

/** Any number will do, as long as nobody else uses it: it makes replicas create partitions one after the other. */
const PARTITION_LOCK = 7_306_110_401
/** How long a maintenance statement may wait for the table; longer would queue every reader and writer behind it. */
const LOCK_TIMEOUT_MS = 5_000

/** Months known to exist, for each pool. One month is one key (`year * 12 + month`), so a lookup is one Set.has. */
const known = new WeakMap<Pool, Set<number>>()

/**
 * Makes sure that points of `[from, to)` (epoch ms) have a partition. Cheap when they have: no statement is sent.
 *
 * This file alone knows of partitions. It works on its own connection and commits at once: inside the writer's
 * transaction it would hold its lock until the data is committed, and a failed flush would take the partition along.
 */
export async function ensurePartition(pool: Pool, range: { from: number; to: number }): Promise<void> {
  const months: number[] = []
  for (let month = toMonth(range.from); startOf(month) < range.to; month++) months.push(month)
  await ensureMonths(pool, months)
}

/** The same for exactly the months that occur in a batch, so that a stray old point does not create those between. */
export async function ensurePartitionsFor(pool: Pool, points: Pick<PointColumns, 'length' | 'ts'>): Promise<void> {
  if (points.length === 0 || isKnownThroughout(pool, points)) return
  const months = new Set<number>()
  let from = Number.NaN
  let to = Number.NaN
  for (let i = 0; i < points.length; i++) {
    const ts = points.ts[i] as number
    // Neighbours are mostly of the same month: two comparisons instead of a calendar computation.
    if (ts >= from && ts < to) continue
    const month = toMonth(ts)
    from = startOf(month)
    to = startOf(month + 1)
    months.add(month)
  }
  await ensureMonths(pool, [...months])
}

/** The usual case at the price of two comparisons a point: every month from the earliest to the latest is known. */
function isKnownThroughout(pool: Pool, { length, ts }: Pick<PointColumns, 'length' | 'ts'>): boolean {
  const cache = known.get(pool)
  if (!cache) return false
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (let i = 0; i < length; i++) {
    const at = ts[i] as number
    if (at < first) first = at
    if (at > last) last = at
  }
  for (let month = toMonth(first); month <= toMonth(last); month++) if (!cache.has(month)) return false
  return true
}

/**
 * Says that a write failed because its partition is not there (another process dropped it): forget what was known,
 * ensure again, write again.
 */
export function isMissingPartition(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === '23514' &&
    /no partition of relation/.test(error.message)
  )
}

export function forgetPartitions(pool: Pool): void {
  known.delete(pool)
}

/** Drops every partition that lies wholly before the instant (epoch ms). Returns the names, oldest first. */
export async function dropBefore(pool: Pool, before: number): Promise<string[]> {
  const names = await underLock(pool, async (run) => {
    const { rows } = await run(`SELECT relname AS name FROM pg_class WHERE relnamespace = 'points'::regnamespace
      AND relkind = 'r' AND relname ~ '^p_\\d{4,}_\\d\\d$' ORDER BY relname`)
    const old = rows.map((row) => row.name).filter((name) => startOf(parseName(name) + 1) <= before)
    for (const name of old) await run(`DROP TABLE points.${name}`)
    return old
  })
  forgetPartitions(pool)
  return names
}

/** A drop waits so long for the table at most: everybody else waits behind it. What could not be dropped is tried tomorrow. */
const DROP_TIMEOUT_MS = 300

/**
 * Drops the partitions before the instant (epoch ms) that hold nothing any more, because their points were packed, or
 * deleted. Returns the names of the dropped ones, oldest first.
 *
 * To be called before the next round of packing and not after it: a transaction whose snapshot is older than the packing,
 * and that comes to the partition only now, would find its points neither here nor there.
 */
export async function dropEmptyPartitions(pool: Pool, before: number): Promise<string[]> {
  const dropped: string[] = []
  for (const name of await listPartitions(pool)) {
    if (startOf(parseName(name) + 1) > before) continue
    const isDropped = await underLock(pool, (run) => dropIfEmpty(run, name), DROP_TIMEOUT_MS).catch((error) => {
      if (isLockTimeout(error)) return false
      throw error
    })
    if (isDropped) dropped.push(name)
  }
  if (dropped.length > 0) forgetPartitions(pool)
  return dropped
}

async function listPartitions(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(`SELECT relname AS name FROM pg_class
    WHERE relnamespace = 'points'::regnamespace AND relkind = 'r' AND relname ~ '^p_\\d{4,}_\\d\\d$' ORDER BY relname`)
  return rows.map((row) => row.name)
}

/** Looked at twice, the second time with the table locked: only what is empty is worth everybody's waiting. */
async function dropIfEmpty(run: Run, name: string): Promise<boolean> {
  const isEmpty = async () => (await run(`SELECT '' AS name FROM points.${name} LIMIT 1`)).rows.length === 0
  if (!(await isEmpty())) return false
  await run(`LOCK TABLE point IN ACCESS EXCLUSIVE MODE`)
  if (!(await isEmpty())) return false
  await run(`DROP TABLE points.${name}`)
  return true
}

const isLockTimeout = (error: unknown) => error instanceof Error && 'code' in error && error.code === '55P03'

async function ensureMonths(pool: Pool, months: number[]): Promise<void> {
  const cache = known.get(pool) ?? new Set<number>()
  known.set(pool, cache)
  const missing = months.filter((month) => !cache.has(month)).sort((a, b) => a - b)
  if (missing.length === 0) return
  await underLock(pool, async (run) => {
    const { rows } = await run(
      `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'point'::regclass`,
    )
    const attached = new Set(rows.map((row) => row.name))
    for (const month of missing) {
      if (!attached.has(nameOf(month))) for (const statement of createStatements(month)) await run(statement)
    }
  })
  for (const month of missing) cache.add(month)
}

/**
 * A table made apart and then attached: CREATE TABLE … PARTITION OF would lock the parent exclusively and wait for
 * every transaction that writes points, and everybody else behind it; ATTACH lets reads and writes pass.
 */
function createStatements(month: number): string[] {
  const name = nameOf(month)
  const [from, to] = [startOf(month), startOf(month + 1)].map((ms) => `'${toTimestamp(ms)}'`)
  return [
    `CREATE TABLE points.${name} (LIKE point INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)`,
    `ALTER TABLE point ATTACH PARTITION points.${name} FOR VALUES FROM (${from}) TO (${to})`,
  ]
}

type Run = (statement: string) => Promise<{ rows: { name: string }[] }>

/** One transaction under an advisory lock: of two replicas, the second sees what the first has committed. */
function underLock<T>(pool: Pool, work: (run: Run) => Promise<T>, timeoutMs = LOCK_TIMEOUT_MS): Promise<T> {
  return inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK])
    await client.query(`SET LOCAL lock_timeout = ${timeoutMs}`)
    return work((statement) => client.query<{ name: string }>(statement))
  })
}

function toMonth(ms: number): number {
  const date = new Date(ms)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

function startOf(month: number): number {
  const date = new Date(0)
  // Date.UTC would read the years 0 to 99 as 1900 to 1999.
  date.setUTCFullYear(Math.floor(month / 12), month % 12, 1)
  return date.getTime()
}

function nameOf(month: number): string {
  return `p_${String(Math.floor(month / 12)).padStart(4, '0')}_${String((month % 12) + 1).padStart(2, '0')}`
}

function parseName(name: string): number {
  const [, year, month] = name.split('_')
  return Number(year) * 12 + Number(month) - 1
}

function toTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 10)} 00:00:00+00`
}
