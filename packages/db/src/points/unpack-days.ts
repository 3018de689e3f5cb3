import type { Pool, Queryable } from '../client'
import { POINT_ID_BLOCK } from './allocate-point-ids'
import type { PointColumns } from './columns'
import { ensurePartitionsFor } from './ensure-partitions'
import { DAY_MS, lockPacksShared, PACK_DAYS, toBlock, toDay, UNPACK } from './packs'

/**
 * Points younger than this are in no pack: packing begins at least a day later (`SEAL_AFTER_DAYS_MIN`), which leaves
 * room for clocks that differ and for a transaction that takes its time.
 */
export const UNPACK_BEFORE_MS = DAY_MS
/** The least that packing may be told to wait. */
export const SEAL_AFTER_DAYS_MIN = 2

type Keys = Pick<PointColumns, 'length' | 'productId' | 'seriesId' | 'ts'>

/**
 * Partitions for what `unpackFor` may bring back: a pack of 16 days reaches into the month beside, whose partition may
 * have been dropped when it was empty. Before the transaction, like `ensurePartitionsFor`.
 */
export async function ensurePartitionsForUnpack(pool: Pool, points: readonly Keys[], nowMs: number): Promise<void> {
  const ts = new Set<number>()
  for (const { block } of collectDays(points, nowMs)) ts.add(block * DAY_MS).add((block + PACK_DAYS) * DAY_MS - 1)
  await ensurePartitionsFor(pool, { length: ts.size, ts: Float64Array.from(ts) })
}

/**
 * Makes old points that have an identity (a client's id, or series and timestamp) comparable by their key: the packs of
 * their days become rows again, inside the writer's transaction and before its INSERT. Returns the number of rows.
 *
 * Recent points cost a comparison each. Old ones cost a lock that writers share, and one look into the index of packs. The
 * lock is held until the transaction ends: nothing is packed between this look and the commit. Two writers that want
 * the same pack wait for each other in the order of its key; the second finds rows. The next sealing packs them again.
 */
export async function unpackFor(db: Queryable, points: readonly Keys[], nowMs: number): Promise<number> {
  const days = collectDays(points, nowMs)
  if (days.length === 0) return 0
  await lockPacksShared(
    db,
    days.map(({ productId }) => productId),
  )
  // A statement of its own: its snapshot must be younger than the lock.
  const { rows } = await db.query<{ points: number }>(UNPACK_DAYS, [
    days.map(({ productId }) => productId),
    days.map(({ seriesId }) => seriesId),
    days.map(({ day }) => day),
    days.map(({ block }) => block),
  ])
  return rows[0]?.points ?? 0
}

interface PackedDay {
  productId: number
  seriesId: number
  day: number
  block: number
}

function collectDays(points: readonly Keys[], nowMs: number): PackedDay[] {
  const before = nowMs - UNPACK_BEFORE_MS
  const days = new Map<string, PackedDay>()
  for (const { length, productId, seriesId, ts } of points) {
    for (let i = 0; i < length; i++) {
      const ms = ts[i] as number
      if (ms >= before) continue
      const day = toDay(ms)
      const key = `${seriesId[i]}:${day}`
      if (days.has(key)) continue
      days.set(key, { productId: productId[i] as number, seriesId: seriesId[i] as number, day, block: toBlock(day) })
    }
  }
  return [...days.values()]
}

/**
 * An id that was generated is generated anew: the old one is gone, and its place in the pack may be the id of a row that
 * came late. Several blocks of the sequence when one is too small.
 */
export const REGENERATED_ID = (blocks: string, place: string) =>
  `(${blocks})[1 + (${place}) / ${POINT_ID_BLOCK}] + (${place}) % ${POINT_ID_BLOCK}`

export const ID_BLOCKS = (counts: string) =>
  `SELECT array_agg(nextval('point_id_seq')) FROM generate_series(0, (SELECT sum(count)::int8 FROM ${counts}) / ${POINT_ID_BLOCK})`

const UNPACK_DAYS = `
WITH wanted AS (
  SELECT DISTINCT product_id, series_id, first
  FROM unnest($1::int4[], $2::int4[], $3::int4[], $4::int4[]) AS row (product_id, series_id, day, block)
  CROSS JOIN LATERAL (VALUES (day), (block)) AS start (first)
), locked AS MATERIALIZED (
  SELECT pack.* FROM wanted JOIN point_pack AS pack
    ON pack.product_id = wanted.product_id AND pack.series_id = wanted.series_id AND pack.day = wanted.first
  ORDER BY pack.product_id, pack.series_id, pack.day
  FOR UPDATE OF pack
), gone AS (
  DELETE FROM point_pack USING locked
  WHERE point_pack.product_id = locked.product_id AND point_pack.series_id = locked.series_id AND point_pack.day = locked.day
), block AS MATERIALIZED (${ID_BLOCKS('locked')}), row AS (
  SELECT pack.product_id, pack.series_id, packed.ts, packed.id, packed.value,
    row_number() OVER (ORDER BY pack.product_id, pack.series_id, packed.ts) - 1 AS place
  FROM locked AS pack ${UNPACK}
), written AS (
  INSERT INTO point (product_id, series_id, ts, id, value)
  SELECT product_id, series_id, ts,
    CASE WHEN id > 0 THEN ${REGENERATED_ID('SELECT array_agg FROM block', 'place')} ELSE id END, value
  FROM row ORDER BY 1, 2, 3, 4
  ON CONFLICT DO NOTHING
  RETURNING 1
)
SELECT count(*)::float8 AS points FROM written`
