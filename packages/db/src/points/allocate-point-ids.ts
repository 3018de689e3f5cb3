import type { Queryable } from '../client'

/** The steps of the sequences, set in the migrations. */
export const POINT_ID_BLOCK = 65_536
export const DELTA_ID_BLOCK = 1024

export interface IdBlock {
  first: bigint
  /** Ids `first … first + size - 1` belong to the caller alone. */
  size: number
}

/**
 * Takes 2^16 point ids with one statement. A process that dies with a block half used leaves a gap, which harms nobody:
 * 2^63 ids are 140 trillion blocks.
 */
export const allocatePointIds = (db: Queryable): Promise<IdBlock> =>
  allocate(db, `SELECT nextval('point_id_seq') AS first`, POINT_ID_BLOCK)

/** The same for rows of `point_delta`. Where the server makes such a row itself, it takes a whole block for it. */
export const allocateDeltaIds = (db: Queryable): Promise<IdBlock> =>
  allocate(db, `SELECT nextval('point_delta_id_seq') AS first`, DELTA_ID_BLOCK)

async function allocate(db: Queryable, statement: string, size: number): Promise<IdBlock> {
  const { rows } = await db.query<{ first: string }>(statement)
  const [row] = rows
  if (!row) throw new Error('nextval answered no row')
  return { first: BigInt(row.first), size }
}
