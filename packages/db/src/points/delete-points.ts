import type { Queryable } from '../client'

/** Deletes every point of a product. Nothing else does: no foreign key leads from `point` to its product. */
export async function deletePoints(db: Queryable, productId: number): Promise<number> {
  const { rowCount } = await db.query('DELETE FROM point WHERE product_id = $1', [productId])
  return rowCount ?? 0
}
