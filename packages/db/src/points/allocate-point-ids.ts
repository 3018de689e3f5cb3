import type { Queryable } from '../client'

/** The step of the sequence `point_id_seq`, set in the first migration. */
export const POINT_ID_BLOCK = 65_536

export interface PointIdBlock {
  first: bigint
  /** Ids `first … first + size - 1` belong to the caller alone. */
  size: number
}

/**
 * Takes 2^16 point ids with one statement. A process that dies with a block half used leaves a gap, which harms nobody:
 * 2^63 ids are 140 trillion blocks.
 */
export async function allocatePointIds(db: Queryable): Promise<PointIdBlock> {
  const { rows } = await db.query<{ first: string }>(`SELECT nextval('point_id_seq') AS first`)
  const [row] = rows
  if (!row) throw new Error('nextval answered no row')
  return { first: BigInt(row.first), size: POINT_ID_BLOCK }
}
