import type { Pool, PoolClient } from '../client'
import { type PointRange, toTimestamp } from './count-points'
import { ensurePartition } from './ensure-partitions'
import { inTransaction } from './in-transaction'
import { DAY_MS, lockPacks, PACK_DAYS, toBlock, toDay, UNPACK } from './packs'
import { ID_BLOCKS, REGENERATED_ID } from './unpack-days'

export interface DeletedPiece {
  points: number
  isDone: boolean
}

export interface DeleteOptions {
  /**
   * Marks what was deleted for the rollups. False where they outlive their points (retention) or go themselves (a
   * metric that is gone).
   */
  marksDirty: boolean
  /** Packs that hold points on both sides of an end of the range are left alone, until they lie wholly inside. */
  keepsPacksAtEnds?: boolean
  /** Points of one transaction, about; a pack goes whole. */
  pointsMax?: number
}

/** About 0.2 s, during which a writer of old points of this product may have to wait. */
const POINTS_MAX = 20_000

/**
 * Deletes the next points of a range in one transaction: packs, then rows, then distributions. Whole pieces are deleted
 * and marked together, so that the rollups, and whoever asks meanwhile, see every point of a piece or none. To be called
 * until it is done; what it deleted before it was interrupted stays deleted.
 */
export async function deleteRange(pool: Pool, range: PointRange, options: DeleteOptions): Promise<DeletedPiece> {
  const { pointsMax = POINTS_MAX, keepsPacksAtEnds = false } = options
  if (range.seriesIds.length === 0) return { points: 0, isDone: true }
  if (!keepsPacksAtEnds) await ensurePartitionsAtEnds(pool, range)
  return inTransaction(pool, async (client) => {
    await lockPacks(client, range.productId)
    if (!keepsPacksAtEnds) await unpackAtEnds(client, range)
    let points = 0
    for (const step of [deletePacks, deleteRows, deleteHistograms]) {
      points += await step(client, range, options.marksDirty, pointsMax - points)
      if (points >= pointsMax) return { points, isDone: false }
    }
    return { points, isDone: true }
  })
}

/** A pack that reaches beyond the range becomes rows, for which there must be room. */
async function ensurePartitionsAtEnds(pool: Pool, { from, to }: PointRange): Promise<void> {
  for (const end of [from, to]) {
    if (!Number.isFinite(end)) continue
    const start = toBlock(toDay(end)) * DAY_MS
    await ensurePartition(pool, { from: start, to: start + PACK_DAYS * DAY_MS })
  }
}

const parametersOf = ({ productId, seriesIds, from, to }: PointRange, marksDirty: boolean, pointsMax: number) => [
  productId,
  seriesIds,
  toTimestamp(from),
  toTimestamp(to),
  marksDirty,
  pointsMax,
]

async function run(client: PoolClient, statement: string, values: unknown[]): Promise<number> {
  const { rows } = await client.query<{ points: number }>(statement, values)
  return rows[0]?.points ?? 0
}

async function unpackAtEnds(client: PoolClient, { productId, seriesIds, from, to }: PointRange): Promise<void> {
  await client.query(UNPACK_AT_ENDS, [productId, seriesIds, toTimestamp(from), toTimestamp(to)])
}

const deletePacks = (client: PoolClient, range: PointRange, marksDirty: boolean, pointsMax: number) =>
  run(client, DELETE_PACKS, parametersOf(range, marksDirty, pointsMax))

const deleteRows = (client: PoolClient, range: PointRange, marksDirty: boolean, pointsMax: number) =>
  run(client, DELETE_ROWS, parametersOf(range, marksDirty, pointsMax))

const deleteHistograms = (client: PoolClient, range: PointRange, marksDirty: boolean, pointsMax: number) =>
  run(client, DELETE_HISTOGRAMS, parametersOf(range, marksDirty, pointsMax))

const BEGINS = `'epoch'::timestamptz + pack.day * interval '24 hours'`
const ENDS = `'epoch'::timestamptz + (pack.day + pack.days) * interval '24 hours'`

/** Packs that hold points on both sides of an end of the range become rows. */
const UNPACK_AT_ENDS = `
WITH gone AS (
  DELETE FROM point_pack AS pack
  WHERE pack.product_id = $1 AND pack.series_id = ANY($2::int4[])
    AND ((${BEGINS} < $3::timestamptz AND ${ENDS} > $3::timestamptz) OR (${BEGINS} < $4::timestamptz AND ${ENDS} > $4::timestamptz))
  RETURNING pack.*
), block AS MATERIALIZED (${ID_BLOCKS('gone')})
INSERT INTO point (product_id, series_id, ts, id, value)
SELECT $1, series_id, ts, CASE WHEN id > 0 THEN ${REGENERATED_ID('SELECT array_agg FROM block', 'place')} ELSE id END, value
FROM (
  SELECT pack.series_id, packed.ts, packed.id, packed.value, row_number() OVER (ORDER BY pack.series_id, packed.ts) - 1 AS place
  FROM gone AS pack ${UNPACK}
) AS row
ORDER BY 1, 2, 3, 4
ON CONFLICT DO NOTHING`

const MARK = (gone: string) => `
dirty AS (
  INSERT INTO dirty_quarter (product_id, series_id, quarter)
  SELECT DISTINCT $1::int4, series_id, floor(date_part('epoch', ts) / 900)::int4 FROM ${gone} AS gone WHERE $5::boolean
)`

/** The first packs of the range, until they hold so many points. */
const DELETE_PACKS = `
WITH chosen AS (
  SELECT series_id, day FROM (
    SELECT pack.series_id, pack.day, sum(pack.count) OVER (ORDER BY pack.series_id, pack.day) - pack.count AS before
    FROM point_pack AS pack
    WHERE pack.product_id = $1 AND pack.series_id = ANY($2::int4[]) AND ${BEGINS} >= $3::timestamptz AND ${ENDS} <= $4::timestamptz
  ) AS pack WHERE before < $6
), gone AS (
  DELETE FROM point_pack USING chosen
  WHERE point_pack.product_id = $1 AND point_pack.series_id = chosen.series_id AND point_pack.day = chosen.day
  RETURNING point_pack.*
), row AS (SELECT pack.series_id, packed.ts FROM gone AS pack ${UNPACK}), ${MARK('row')}
SELECT coalesce(sum(count), 0)::float8 AS points FROM gone`

/** In the order of the key: the limit stops the scan, and what is left begins behind it. */
const DELETE_ROWS = `
WITH chosen AS (
  SELECT series_id, ts, id FROM point
  WHERE point.product_id = $1 AND point.series_id = ANY($2::int4[]) AND point.ts >= $3::timestamptz AND point.ts < $4::timestamptz
  ORDER BY series_id, ts, id LIMIT $6
), gone AS (
  DELETE FROM point USING chosen
  WHERE point.product_id = $1 AND point.series_id = chosen.series_id AND point.ts = chosen.ts AND point.id = chosen.id
    AND point.ts >= $3::timestamptz AND point.ts < $4::timestamptz
  RETURNING point.series_id, point.ts
), ${MARK('gone')}
SELECT count(*)::float8 AS points FROM gone`

const DELETE_HISTOGRAMS = `
WITH chosen AS (
  SELECT series_id, ts, id FROM histogram
  WHERE histogram.product_id = $1 AND histogram.series_id = ANY($2::int4[]) AND histogram.ts >= $3::timestamptz AND histogram.ts < $4::timestamptz
  ORDER BY series_id, ts, id LIMIT $6
), gone AS (
  DELETE FROM histogram USING chosen
  WHERE histogram.product_id = $1 AND histogram.series_id = chosen.series_id AND histogram.ts = chosen.ts AND histogram.id = chosen.id
  RETURNING histogram.series_id, histogram.ts
), ${MARK('gone')}
SELECT count(*)::float8 AS points FROM gone`
