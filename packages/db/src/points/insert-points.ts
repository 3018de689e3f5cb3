import type { Queryable } from '../client'
import { type PointColumns, toMicros } from './columns'

export interface InsertedPoint {
  product_id: number
  series_id: number
  /** Epoch microseconds as decimal text. */
  ts_us: string
  /** int8 as decimal text. */
  id: string
}

export interface InsertedPoints {
  /** How many were new; the rest were there already. */
  inserted: number
  /** The keys of the new ones, only when asked for: most callers need the number alone. */
  keys: InsertedPoint[]
}

/**
 * Inserts points and skips those whose key exists. For batches that may hold repeated points; where every id is
 * generated `copyPoints` is faster at any size.
 *
 * The rows are sorted by key: two transactions that insert the same keys in opposite order would otherwise wait for
 * each other. The partitions must exist (`ensurePartitionsFor`).
 */
export async function insertPoints(
  db: Queryable,
  points: PointColumns,
  options: { returning?: boolean } = {},
): Promise<InsertedPoints> {
  const insert = `
    INSERT INTO point (product_id, series_id, ts, id, value)
    SELECT product_id, series_id, 'epoch'::timestamptz + ts_us * interval '1 microsecond', id, value
    FROM unnest($1::int4[], $2::int4[], $3::int8[], $4::int8[], $5::float8[]) AS row (product_id, series_id, ts_us, id, value)
    ORDER BY 1, 2, 3, 4
    ON CONFLICT DO NOTHING`
  const returning = `
    RETURNING product_id, series_id, (extract(epoch FROM ts) * 1000000)::int8::text AS ts_us, id::text AS id`
  // Named, so that each connection parses and plans them once: a small flush spends more on that than on its rows.
  const statement = options.returning
    ? { name: 'insert_points_returning', text: insert + returning }
    : { name: 'insert_points', text: insert }
  const { rowCount, rows } = await db.query<InsertedPoint>({ ...statement, values: toParameters(points) })
  return { inserted: rowCount ?? 0, keys: rows }
}

/** Array literals by hand: the driver would take a typed array for raw bytes. */
function toParameters(points: PointColumns): string[] {
  const { length } = points
  const literal = (column: ArrayLike<unknown> & { join(separator: string): string }) => `{${column.join(',')}}`
  const micros = Array.from({ length }, (_, i) => toMicros(points.ts[i] ?? Number.NaN))
  // join() would print negative zero as 0.
  const values = Array.from({ length }, (_, i) => (Object.is(points.value[i], -0) ? '-0' : points.value[i]))
  return [
    literal(points.productId.subarray(0, length)),
    literal(points.seriesId.subarray(0, length)),
    literal(micros),
    literal(points.id.subarray(0, length)),
    literal(values),
  ]
}
