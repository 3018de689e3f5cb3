import type { Queryable } from '../client'
import { QUARTER_MS } from './overwrite-points'

export interface RollupRange {
  productId: number
  seriesIds: number[]
  /** Days of the product's rollup zone, half-open, and the same range in epoch ms. */
  fromDay: number
  toDay: number
  from: number
  to: number
}

/** Deletes what is left of days whose raw points retention has dropped. Returns how many points they stood for. */
export async function deleteRollups(db: Queryable, range: RollupRange): Promise<number> {
  const { productId, seriesIds, fromDay, toDay, from, to } = range
  const { rows } = await db.query<{ points: number }>(DELETE_DAYS, [productId, seriesIds, fromDay, toDay])
  await db.query(
    'DELETE FROM rollup_quarter WHERE product_id = $1 AND series_id = ANY($2::int4[]) AND quarter >= $3 AND quarter < $4',
    [productId, seriesIds, Math.ceil(from / QUARTER_MS), Math.floor(to / QUARTER_MS)],
  )
  return rows[0]?.points ?? 0
}

/** Deletes the sketches of the days before one: without their points they answer no question. */
export async function deleteSketches(
  db: Queryable,
  { productId, seriesIds, toDay }: Pick<RollupRange, 'productId' | 'seriesIds' | 'toDay'>,
): Promise<void> {
  await db.query('DELETE FROM sketch_day WHERE product_id = $1 AND series_id = ANY($2::int4[]) AND day < $3', [
    productId,
    seriesIds,
    toDay,
  ])
}

/** How many points these days stand for. */
export async function countRollups(db: Queryable, range: RollupRange): Promise<number> {
  const { productId, seriesIds, fromDay, toDay } = range
  const { rows } = await db.query<{ points: number }>(
    `SELECT coalesce(sum(count), 0)::float8 AS points FROM rollup_day
     WHERE product_id = $1 AND series_id = ANY($2::int4[]) AND day >= $3 AND day < $4`,
    [productId, seriesIds, fromDay, toDay],
  )
  return rows[0]?.points ?? 0
}

const DELETE_DAYS = `
WITH gone AS (
  DELETE FROM rollup_day WHERE product_id = $1 AND series_id = ANY($2::int4[]) AND day >= $3 AND day < $4 RETURNING count
)
SELECT coalesce(sum(count), 0)::float8 AS points FROM gone`
