import type { Queryable } from '../client'

export interface ExtentRow {
  /** Epoch ms of the earliest point; null when there is none. */
  first_ms: number | null
  count: number
}

/** How many values a metric holds and since when, from the daily rollups and what they do not hold yet. */
export async function selectExtent(db: Queryable, productId: number, metricId: number): Promise<ExtentRow> {
  const { rows } = await db.query<ExtentRow>({ name: 'select_extent', text: STATEMENT, values: [productId, metricId] })
  return rows[0] ?? { first_ms: null, count: 0 }
}

const STATEMENT = `
WITH wanted AS MATERIALIZED (SELECT id FROM series WHERE product_id = $1 AND metric_id = $2)
SELECT min(first_ms) AS first_ms, coalesce(sum(count), 0)::float8 AS count
FROM (
  SELECT min(first_ms) AS first_ms, sum(count) AS count
  FROM wanted JOIN rollup_day ON rollup_day.product_id = $1 AND rollup_day.series_id = wanted.id
  UNION ALL
  SELECT min(point.ts), sum(coalesce(point.weight, 1))
  FROM point_delta
  CROSS JOIN LATERAL unnest(point_delta.series, point_delta.ts, point_delta.weight) AS point (series_id, ts, weight)
  -- Not a join: the planner would read all deltas once for each series.
  WHERE point_delta.product_id = $1 AND (point.series_id IN (SELECT id FROM wanted)) IS TRUE
) AS part`
