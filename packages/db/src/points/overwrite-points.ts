import type { Queryable } from '../client'
import type { PointColumns } from './columns'
import { toParameters } from './insert-points'

/** A quarter of an hour, as `dirty_quarter` and `rollup_quarter` count them from 1970 in UTC. */
export const QUARTER_MS = 900_000

/**
 * Gives points that exist the value that came for them, where it differs (of a key that occurs several times, the last
 * one), and marks what the rollups say of them as out of date. Returns the keys of the changed ones, as `pointKeyOf`.
 *
 * The second half of "overwrite", after `insertPoints` in the same transaction: an ON CONFLICT DO UPDATE cannot say in
 * one portable way which rows it made and which it changed, and nearly every flush changes nothing. Rows are locked in
 * the order of their keys, so that two writers wait for each other and never in a ring.
 */
export async function overwritePoints(db: Queryable, points: PointColumns): Promise<string[]> {
  const { rows } = await db.query<{ keys: string[] }>({
    name: 'overwrite_points',
    text: STATEMENT,
    values: toParameters(points),
  })
  return rows[0]?.keys ?? []
}

/** Every mark is a row of its own (see the table), so a fold that reads the points meanwhile neither waits nor loses it. */
const STATEMENT = `
WITH input AS (
  SELECT DISTINCT ON (product_id, series_id, ts_us, id) product_id, series_id,
    'epoch'::timestamptz + ts_us * interval '1 microsecond' AS ts, id, value
  FROM unnest($1::int4[], $2::int4[], $3::int8[], $4::int8[], $5::float8[]) WITH ORDINALITY
    AS row (product_id, series_id, ts_us, id, value, place)
  ORDER BY product_id, series_id, ts_us, id, place DESC
), locked AS MATERIALIZED (
  SELECT point.product_id, point.series_id, point.ts, point.id, input.value
  FROM input JOIN point USING (product_id, series_id, ts, id)
  WHERE point.value <> input.value
  ORDER BY 1, 2, 3, 4
  FOR UPDATE OF point
), written AS (
  UPDATE point SET value = locked.value FROM locked
  WHERE point.product_id = locked.product_id AND point.series_id = locked.series_id
    AND point.ts = locked.ts AND point.id = locked.id
  RETURNING point.product_id, point.series_id, point.ts, point.id
), dirty AS (
  INSERT INTO dirty_quarter (product_id, series_id, quarter)
  SELECT DISTINCT product_id, series_id, floor(date_part('epoch', ts) / 900)::int4 FROM written ORDER BY 1, 2, 3
)
SELECT coalesce(array_agg(series_id || ':' || (extract(epoch FROM ts) * 1000000)::int8 || ':' || id), '{}') AS keys
FROM written`
