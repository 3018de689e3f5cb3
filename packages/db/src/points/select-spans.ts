import type { Queryable } from '../client'

export interface SpanRow {
  metric_id: number
  /** Epoch milliseconds of the earliest and of the latest point; null when there is none. */
  first_ts: number | null
  last_ts: number | null
}

/**
 * Where the points of each metric begin and end. Two look-ups in the index for each series, whatever the number of
 * points: the partitions are in order of time, so a look-up stops at the first that holds a point of the series.
 */
export async function selectSpans(db: Queryable, productId: number, metricIds: number[]): Promise<SpanRow[]> {
  const { rows } = await db.query<SpanRow>({ name: 'select_spans', text: STATEMENT, values: [productId, metricIds] })
  return rows
}

/**
 * No range bounds it, so that it is planned for every partition there is, and every chart asks it. Named, each connection
 * plans it once: with 683 months it takes 13 ms instead of 90. Anybody with a key can make so many, by sending old points.
 */
const STATEMENT = `
SELECT series.metric_id,
  (extract(epoch FROM min(earliest.ts)) * 1000)::float8 AS first_ts,
  (extract(epoch FROM max(latest.ts)) * 1000)::float8 AS last_ts
FROM series
LEFT JOIN LATERAL (
  SELECT ts FROM point WHERE point.product_id = $1 AND point.series_id = series.id ORDER BY ts LIMIT 1
) AS earliest ON true
LEFT JOIN LATERAL (
  SELECT ts FROM point WHERE point.product_id = $1 AND point.series_id = series.id ORDER BY ts DESC LIMIT 1
) AS latest ON true
WHERE series.product_id = $1 AND series.metric_id = ANY($2::int4[])
GROUP BY series.metric_id`
