import type { Queryable } from '../client'

/** A pack holds one day of UTC, or the 16 days from a multiple of 16 (counted from 1970-01-01) where points are few. */
export const PACK_DAYS = 16
/** Class of the advisory locks by product: any int4 will do, as long as nobody else uses it. */
const PACK_LOCK = 730_611_041

export const DAY_MS = 86_400_000
export const toDay = (ms: number) => Math.floor(ms / DAY_MS)
/** First day of the 16 that a day belongs to. */
export const toBlock = (day: number) => Math.floor(day / PACK_DAYS) * PACK_DAYS

/**
 * The columns `ts`, `id` and `value` of the points in the `point_pack` row that is called `pack`: goes into the FROM list
 * behind it, and is called `packed`. A point whose id was generated, and is no longer stored, has its place as the id,
 * so that the order within an instant stays.
 *
 * A pack may begin 15 days before and end 15 days after a point that is looked for: see `packsOf`.
 */
export const UNPACK = `CROSS JOIN LATERAL (
  SELECT 'epoch'::timestamptz + (pack.day * 86400000000 + coalesce(cell.micros, cell.millis * 1000::int8)) * interval '1 microsecond' AS ts,
    CASE WHEN pack.is_overwrite THEN 0 ELSE coalesce(cell.id, cell.place) END AS id,
    CASE WHEN pack.scale IS NULL THEN cell.value ELSE cell.scaled / ('{1,10,100,1000,10000,100000,1000000}'::float8[])[pack.scale + 1] END AS value
  FROM unnest(pack.millis, pack.micros, pack.scaled, pack.value, pack.ids) WITH ORDINALITY
    AS cell (millis, micros, scaled, value, id, place)
) AS packed`

/**
 * Condition on `pack`: it may hold points of `[from, to)`. Both are SQL of type timestamptz. What it lets through still
 * has to be compared with the range point by point.
 */
export const packsOf = (from: string, to: string) =>
  `pack.day > floor(date_part('epoch', ${from}) / 86400)::int4 - pack.days
    AND pack.day >= floor(date_part('epoch', ${from}) / 86400)::int4 - ${PACK_DAYS - 1}
    AND pack.day <= floor(date_part('epoch', ${to}) / 86400)::int4`

/**
 * Until the end of the transaction nobody else packs, unpacks, or compares a point with what is packed, in this product.
 * Transactions that take it hold it for one bounded piece of work: a writer of old points waits for them.
 */
export async function lockPacks(db: Queryable, productId: number): Promise<void> {
  await db.query('SELECT pg_advisory_xact_lock($1, $2)', [PACK_LOCK, productId])
}

/** The same for writers: they exclude packing, and not each other. In the order of the products, so in no ring. */
export async function lockPacksShared(db: Queryable, productIds: Iterable<number>): Promise<void> {
  const sorted = [...new Set(productIds)].sort((a, b) => a - b)
  await db.query('SELECT pg_advisory_xact_lock_shared($1, id) FROM unnest($2::int4[]) AS product (id)', [
    PACK_LOCK,
    sorted,
  ])
}
