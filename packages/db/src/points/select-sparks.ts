import type { Queryable } from '../client'

export interface SparkQuery {
  productId: number
  metricIds: number[]
  /** The first day, counted from 1970-01-01 in the product's zone. */
  fromDay: number
  /** Ascending epoch ms of where the days begin, and one more for where the last ends. */
  edges: number[]
}

/** What a metric got on one day; days without points have no row. */
export interface SparkRow {
  metric_id: number
  /** Counted from 0 = `fromDay`. */
  slot: number
  count: number
  /** Exact, as decimal text. */
  sum: string
  min: number
  max: number
  first: number
  last: number
  /** Series that got a point. */
  series: number
}

/** Days of several metrics at once, for the little curves of a list. */
export async function selectSparks(db: Queryable, query: SparkQuery): Promise<SparkRow[]> {
  const values = [query.productId, query.metricIds, query.fromDay, query.edges]
  const { rows } = await db.query<SparkRow>({ name: 'select_sparks', text: STATEMENT, values })
  return rows
}

const STATEMENT = `
WITH wanted AS MATERIALIZED (
  SELECT id AS series_id, metric_id FROM series WHERE product_id = $1 AND metric_id = ANY($2::int4[])
), cell AS (
  SELECT wanted.metric_id, wanted.series_id, day - $3::int4 AS slot, count, sum, min, max,
    ARRAY[first_ms, first] AS first, ARRAY[last_ms, last] AS last
  FROM wanted
  JOIN rollup_day ON rollup_day.product_id = $1 AND rollup_day.series_id = wanted.series_id
    AND day >= $3::int4 AND day < $3::int4 + cardinality($4::float8[]) - 1
  UNION ALL
  SELECT wanted.metric_id, wanted.series_id, width_bucket(point.ts, $4::float8[]) - 1, coalesce(point.weight, 1),
    point.value::text::numeric, coalesce(point.low, point.value), coalesce(point.high, point.value),
    ARRAY[point.ts, point.value], ARRAY[point.ts, point.value]
  FROM point_delta
  CROSS JOIN LATERAL unnest(point_delta.series, point_delta.ts, point_delta.value, point_delta.weight, point_delta.low, point_delta.high)
    AS point (series_id, ts, value, weight, low, high)
  JOIN wanted ON wanted.series_id = point.series_id
  WHERE point_delta.product_id = $1
    AND point.ts >= ($4::float8[])[1] AND point.ts < ($4::float8[])[cardinality($4::float8[])]
)
SELECT metric_id, slot, sum(count)::float8 AS count, sum(sum)::text AS sum, min(min) AS min, max(max) AS max,
  (min(first))[2] AS first, (max(last))[2] AS last, count(DISTINCT series_id)::float8 AS series
FROM cell
GROUP BY metric_id, slot
ORDER BY metric_id, slot`
