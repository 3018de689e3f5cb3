import type { Queryable } from '../client'

/** Everything that is derived from points, and the points themselves; the deltas first, so that no fold brings one back. */
const TABLES = [
  'point_delta',
  'dirty_quarter',
  'point',
  'point_pack',
  'histogram',
  'rollup_day',
  'rollup_quarter',
  'sketch_day',
  'cumulative_state',
] as const
/** Keyed by series, and outliving a deletion of points alone. */
const DERIVED = ['dirty_quarter', 'rollup_day', 'rollup_quarter', 'sketch_day', 'cumulative_state'] as const

/**
 * Deletes every point of a product and all that is derived from them; returns the number of rows that were points. Nothing
 * else does: no foreign key leads from these tables to the product. In one transaction, and for as long as it takes: for a
 * product that is gone, whom nobody waits for.
 */
export async function deletePoints(db: Queryable, productId: number): Promise<number> {
  let points = 0
  for (const table of TABLES) {
    const { rowCount } = await db.query(`DELETE FROM ${table} WHERE product_id = $1`, [productId])
    if (table === 'point') points = rowCount ?? 0
  }
  return points
}

/** What is derived from the points of series that are gone; repeatable. */
export async function deleteDerived(db: Queryable, productId: number, seriesIds: number[]): Promise<void> {
  for (const table of DERIVED) {
    await db.query(`DELETE FROM ${table} WHERE product_id = $1 AND series_id = ANY($2::int4[])`, [productId, seriesIds])
  }
}
