import type { Queryable } from '../client'

/**
 * Products whose rollups have something to take: deltas, changes, another zone, or rollups that are half built. One
 * look-up in a key for each product that has deltas, whatever their number.
 */
export async function selectUnfolded(db: Queryable): Promise<number[]> {
  const { rows } = await db.query<{ product_id: number }>(STATEMENT)
  return rows.map((row) => row.product_id)
}

/** The one statement here that is about all products: it belongs to the process, not to one of them. */
const STATEMENT = `
SELECT product.id AS product_id FROM product
WHERE EXISTS (SELECT FROM point_delta WHERE point_delta.product_id = product.id)
  OR EXISTS (SELECT FROM dirty_quarter WHERE dirty_quarter.product_id = product.id)
  OR product.rollup_built_to IS NOT NULL
  OR product.rollup_zone <> product.zone
  OR (product.rollup_zone IS NULL AND EXISTS (SELECT FROM series WHERE series.product_id = product.id))
ORDER BY 1`
