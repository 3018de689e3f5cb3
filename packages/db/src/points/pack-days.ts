import type { Pool, PoolClient, Queryable } from '../client'
import { inTransaction } from './in-transaction'
import { DAY_MS, lockPacks, PACK_DAYS, toBlock, UNPACK } from './packs'

export interface PackQuery {
  productId: number
  /** Days of UTC before this one (counted from 1970-01-01) are over. At least a day before `UNPACK_BEFORE_MS` of any writer. */
  beforeDay: number
  /** Where the piece before ended; null is the beginning. */
  after: PackCursor | null
  /** Points of one transaction, about; a single day is never split. */
  pointsMax?: number
}

export interface PackCursor {
  seriesId: number
  /** Epoch ms. */
  fromMs: number
}

export interface PackPiece {
  /** Rows that are points of a pack now. */
  points: number
  packs: number
  /** Where to go on; null when nothing is left. */
  next: PackCursor | null
}

/** About 0.2 s: so long a writer of old points of this product may have to wait. */
const POINTS_MAX = 10_000
/** Points a day from which on a day has a pack of its own: a pack costs about 125 bytes beside its points, of 8 each. */
const DENSE_POINTS = 20

/**
 * Moves the next points of days that are over into packs, in one transaction: whoever reads sees them in one place or in
 * the other. What came late for a day that is packed is merged into its pack. A process that dies in between has done
 * whole pieces; begin again with `after: null`.
 *
 * Days with few points wait until all 16 of their pack are over, so that it is written once.
 */
export async function packDays(pool: Pool, query: PackQuery): Promise<PackPiece> {
  return inTransaction(pool, async (client) => {
    await lockPacks(client, query.productId)
    const { days, next } = await selectDays(client, query)
    const packs = choosePacks(days, await selectPacks(client, query.productId, days), query.beforeDay)
    const points = packs.length === 0 ? 0 : await writePacks(client, query.productId, packs)
    return { points, packs: packs.length, next }
  })
}

interface DayOfSeries {
  series_id: number
  day: number
  count: number
}

interface PackKey {
  series_id: number
  day: number
  days: number
}

/** Days with their points in the order of the key, up to the limit; of a block that the limit cuts, nothing. */
async function selectDays(db: Queryable, query: PackQuery): Promise<{ days: DayOfSeries[]; next: PackCursor | null }> {
  const { productId, beforeDay, after, pointsMax = POINTS_MAX } = query
  const { rows } = await db.query<DayOfSeries>(SELECT_DAYS, [
    productId,
    after?.seriesId ?? 0,
    toTimestamp(after?.fromMs ?? Number.NEGATIVE_INFINITY),
    toTimestamp(beforeDay * DAY_MS),
    pointsMax,
  ])
  const last = rows.at(-1)
  if (!last || rows.reduce((sum, { count }) => sum + count, 0) < pointsMax) return { days: rows, next: null }
  const isOfLastBlock = (row: DayOfSeries) => row.series_id === last.series_id && toBlock(row.day) === toBlock(last.day)
  const complete = rows.filter((row) => !isOfLastBlock(row))
  if (complete.length > 0) {
    return { days: complete, next: { seriesId: last.series_id, fromMs: toBlock(last.day) * DAY_MS } }
  }
  // One block fills the piece: its days are dense. The last of them may be cut, unless it is alone and then whole anyway.
  const whole = rows.length > 1 ? rows.slice(0, -1) : rows
  const end = whole.at(-1) ?? last
  return { days: whole, next: { seriesId: end.series_id, fromMs: (end.day + 1) * DAY_MS } }
}

const toTimestamp = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString() : '-infinity')

/** The key's own order: the limit stops the scan of each partition's index. */
const SELECT_DAYS = `
SELECT series_id, day, count(*)::int4 AS count
FROM (
  SELECT series_id, floor(date_part('epoch', ts) / 86400)::int4 AS day FROM point
  WHERE product_id = $1 AND (series_id, ts) >= ($2::int4, $3::timestamptz) AND ts < $4::timestamptz
  ORDER BY series_id, ts LIMIT $5
) AS row
GROUP BY 1, 2 ORDER BY 1, 2`

/** The packs there are in the blocks of these days. */
async function selectPacks(db: Queryable, productId: number, days: readonly DayOfSeries[]): Promise<PackKey[]> {
  const { rows } = await db.query<PackKey>(SELECT_PACKS, [
    productId,
    days.map((row) => row.series_id),
    days.map((row) => toBlock(row.day)),
  ])
  return rows
}

const SELECT_PACKS = `
SELECT pack.series_id, pack.day, pack.days
FROM (SELECT DISTINCT * FROM unnest($2::int4[], $3::int4[]) AS row (series_id, block)) AS wanted
JOIN point_pack AS pack ON pack.product_id = $1 AND pack.series_id = wanted.series_id
  AND pack.day >= wanted.block AND pack.day < wanted.block + ${PACK_DAYS}`

/** Which packs take the points of these days: those that are there, else by how many points a day has. */
export function choosePacks(days: readonly DayOfSeries[], present: readonly PackKey[], beforeDay: number): PackKey[] {
  const known = new Map<string, number>()
  for (const { series_id, day, days: length } of present) known.set(`${series_id}:${toBlock(day)}`, length)
  const chosen: PackKey[] = []
  for (const block of blocksOf(days)) {
    const { series_id, day } = block[0] as DayOfSeries
    const start = toBlock(day)
    const points = block.reduce((sum, { count }) => sum + count, 0)
    const length = known.get(`${series_id}:${start}`) ?? (points >= DENSE_POINTS * block.length ? 1 : PACK_DAYS)
    if (length === 1) chosen.push(...block.map((row) => ({ series_id, day: row.day, days: 1 })))
    else if (start + PACK_DAYS <= beforeDay) chosen.push({ series_id, day: start, days: PACK_DAYS })
  }
  return chosen
}

function blocksOf(days: readonly DayOfSeries[]): DayOfSeries[][] {
  const blocks: DayOfSeries[][] = []
  for (const row of days) {
    const block = blocks.at(-1)
    const first = block?.[0]
    if (block && first?.series_id === row.series_id && toBlock(first.day) === toBlock(row.day)) block.push(row)
    else blocks.push([row])
  }
  return blocks
}

async function writePacks(client: PoolClient, productId: number, packs: readonly PackKey[]): Promise<number> {
  const first = Math.min(...packs.map(({ day }) => day))
  const end = Math.max(...packs.map(({ day, days }) => day + days))
  const { rows } = await client.query<{ points: number }>(WRITE_PACKS, [
    productId,
    packs.map((pack) => pack.series_id),
    packs.map((pack) => pack.day),
    packs.map((pack) => pack.days),
    toTimestamp(first * DAY_MS),
    toTimestamp(end * DAY_MS),
  ])
  return rows[0]?.points ?? 0
}

/**
 * - `decimals`: the least s from 0 to 6 for which value = round(value × 10^s) / 10^s; a quotient of two integers below
 *   2^53 is rounded as the decimal text would be, so that dividing gives back the very value. 9 is "none"; also for -0,
 *   which an integer cannot be.
 * - The range of time stands in the statement itself too, so that other partitions are left out when it is planned.
 */
const WRITE_PACKS = `
WITH wanted AS MATERIALIZED (
  SELECT *, 'epoch'::timestamptz + day * interval '24 hours' AS begins, 'epoch'::timestamptz + (day + days) * interval '24 hours' AS ends
  FROM unnest($2::int4[], $3::int4[], $4::int2[]) AS row (series_id, day, days)
), moved AS (
  DELETE FROM point USING wanted
  WHERE point.product_id = $1 AND point.series_id = wanted.series_id
    AND point.ts >= wanted.begins AND point.ts < wanted.ends AND point.ts >= $5::timestamptz AND point.ts < $6::timestamptz
  RETURNING point.series_id, wanted.day, wanted.days, wanted.begins, point.ts, point.id, point.value
), every AS (
  SELECT * FROM moved
  UNION ALL
  SELECT wanted.series_id, wanted.day, wanted.days, wanted.begins, packed.ts, packed.id, packed.value
  FROM wanted JOIN point_pack AS pack ON pack.product_id = $1 AND pack.series_id = wanted.series_id AND pack.day = wanted.day
  ${UNPACK}
), row AS (
  SELECT series_id, day, days, id, value, round(date_part('epoch', ts - begins) * 1000000)::int8 AS micros,
    CASE WHEN abs(value) >= 2147483647 OR (value = 0 AND value::text = '-0') THEN 9
      WHEN value = trunc(value) THEN 0
      WHEN value = round(value * 10) / 10 THEN 1
      WHEN value = round(value * 100) / 100 THEN 2
      WHEN value = round(value * 1000) / 1000 THEN 3
      WHEN value = round(value * 10000) / 10000 THEN 4
      WHEN value = round(value * 100000) / 100000 THEN 5
      WHEN value = round(value * 1000000) / 1000000 THEN 6
      ELSE 9 END AS decimals
  FROM every
), form AS MATERIALIZED (
  SELECT series_id, day, days, count(*)::int4 AS count,
    bool_and(micros % 1000 = 0) AS is_milli,
    max(decimals) < 9 AND max(abs(value)) * 10::float8 ^ max(decimals) < 2147483647 AS is_scaled,
    max(decimals) AS decimals,
    bool_and(id > 0) AS is_generated,
    bool_and(id = 0) AS is_overwrite,
    array_agg(micros ORDER BY micros, id) AS micros,
    array_agg(value ORDER BY micros, id) AS value,
    array_agg(id ORDER BY micros, id) AS ids
  FROM row GROUP BY series_id, day, days
), written AS (
  INSERT INTO point_pack (product_id, series_id, day, days, count, millis, micros, scale, scaled, value, ids, is_overwrite)
  SELECT $1, series_id, day, days, count,
    CASE WHEN is_milli THEN ARRAY(SELECT (one / 1000)::int4 FROM unnest(micros) AS one) END,
    CASE WHEN NOT is_milli THEN micros END,
    CASE WHEN is_scaled THEN decimals END,
    CASE WHEN is_scaled THEN ARRAY(SELECT round(one * 10::float8 ^ decimals)::int4 FROM unnest(value) AS one) END,
    CASE WHEN NOT is_scaled THEN value END,
    CASE WHEN NOT is_generated AND NOT is_overwrite THEN ids END,
    is_overwrite
  FROM form
  ORDER BY series_id, day
  ON CONFLICT (product_id, series_id, day) DO UPDATE SET
    count = EXCLUDED.count, millis = EXCLUDED.millis, micros = EXCLUDED.micros, scale = EXCLUDED.scale,
    scaled = EXCLUDED.scaled, value = EXCLUDED.value, ids = EXCLUDED.ids, is_overwrite = EXCLUDED.is_overwrite
)
SELECT count(*)::float8 AS points FROM moved`
