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
 * The points in the `point_pack` row that is called `pack`: goes into the FROM list behind it, and is called `packed`.
 * - `ms`: epoch milliseconds, the float64 nearest to the microsecond; `ts`: the same as timestamptz, dearer to compute;
 * - `value`, and `id`: a point whose id was generated, and is no longer stored, has 1.
 *
 * Functions that return sets stand in the SELECT list, in step: 50,000 points of 24 series take 13 ms, no longer
 * than rows do; in the FROM list they take 97, because each pack's are kept in a store first.
 *
 * A pack may begin 15 days before and end 15 days after a point that is looked for: see `packsOf`.
 */
export const UNPACK = `CROSS JOIN LATERAL (
  SELECT CASE WHEN pack.micros IS NULL THEN pack.day * 86400000::float8 + cell.at ELSE (pack.day * 86400000000 + cell.at)::float8 / 1000 END AS ms,
    'epoch'::timestamptz + (pack.day * 86400000000 + CASE WHEN pack.micros IS NULL THEN cell.at * 1000 ELSE cell.at END) * interval '1 microsecond' AS ts,
    CASE WHEN pack.scale IS NULL THEN cell.number
      ELSE cell.number / ('{1,10,100,1000,10000,100000,1000000}'::float8[])[pack.scale + 1] END AS value,
    coalesce(cell.id, CASE WHEN pack.is_overwrite THEN 0 ELSE 1 END) AS id
  FROM (
    SELECT unnest(coalesce(pack.micros, pack.millis::int8[])) AS at, unnest(coalesce(pack.value, pack.scaled::float8[])) AS number, unnest(pack.ids) AS id
  ) AS cell
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
