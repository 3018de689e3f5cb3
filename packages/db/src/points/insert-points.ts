import type { Queryable } from '../client'
import { type PointColumns, toMicros } from './columns'

export interface InsertedPoints {
  /** How many were new; the rest were there already. */
  inserted: number
  /** The keys of the new ones in the form of `pointKeyOf`, unless every row was new: then null, and nobody need look. */
  keys: string[] | null
}

export interface InsertPointsOptions {
  /** Of a key that occurs several times: its first row (the default), or its last. */
  keeps?: 'first' | 'last'
}

/** How `InsertedPoints.keys` names a row. Series are numbered across products, so the product need not be in it. */
export function pointKeyOf({ seriesId, ts, id }: PointColumns, row: number): string {
  return `${seriesId[row]}:${toMicros(ts[row] as number)}:${id[row]}`
}

/**
 * Inserts points and skips those whose key exists; the new ones go into `point_delta` in the same statement, so that the
 * rollups learn of exactly what came to be. For rows that may be there; where every id is generated, COPY is faster.
 *
 * The rows are sorted by key: two transactions that insert the same keys in opposite order would otherwise wait for
 * each other. The partitions must exist (`ensurePartitionsFor`).
 */
export async function insertPoints(
  db: Queryable,
  points: PointColumns,
  options: InsertPointsOptions = {},
): Promise<InsertedPoints> {
  if (points.length === 0) return { inserted: 0, keys: null }
  // Named, so that each connection parses and plans it once: a small flush spends more on that than on its rows.
  const { rows } = await db.query<InsertedPoints>({
    name: 'insert_points',
    text: STATEMENT,
    values: [...toParameters(points), options.keeps === 'last' ? -1 : 1],
  })
  const [row] = rows
  if (!row) throw new Error('the insert of points answered no row')
  return row
}

/**
 * `date_part` and not `extract`: the one is a float64, whose microseconds are exact enough until 2255, the other a
 * numeric that takes five times as long.
 */
const STATEMENT = `
WITH input AS (
  SELECT DISTINCT ON (product_id, series_id, ts_us, id) product_id, series_id,
    'epoch'::timestamptz + ts_us * interval '1 microsecond' AS ts, id, value
  FROM unnest($1::int4[], $2::int4[], $3::int8[], $4::int8[], $5::float8[]) WITH ORDINALITY
    AS row (product_id, series_id, ts_us, id, value, place)
  ORDER BY product_id, series_id, ts_us, id, place * $6::int4
), written AS (
  INSERT INTO point (product_id, series_id, ts, id, value)
  SELECT product_id, series_id, ts, id, value FROM input ORDER BY 1, 2, 3, 4
  ON CONFLICT DO NOTHING
  RETURNING product_id, series_id, ts, id, value
), delta AS (
  INSERT INTO point_delta (product_id, id, from_ms, to_ms, series, ts, value)
  SELECT product_id, nextval('point_delta_id_seq'), min(ms), max(ms), array_agg(series_id), array_agg(ms), array_agg(value)
  FROM (SELECT product_id, series_id, date_part('epoch', ts) * 1000 AS ms, value FROM written) AS row
  GROUP BY product_id
)
SELECT count(*)::int4 AS inserted,
  CASE WHEN count(*) < cardinality($1::int4[]) THEN
    coalesce(array_agg(series_id || ':' || (extract(epoch FROM ts) * 1000000)::int8 || ':' || id), '{}') END AS keys
FROM written`

/** Array literals by hand: the driver would take a typed array for raw bytes. */
export function toParameters(points: PointColumns): string[] {
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
