import type { Queryable } from '../client'
import { UNPACK } from './packs'

export interface SpanRow {
  metric_id: number
  /** Epoch milliseconds of the earliest and of the latest point; null when there is none. */
  first_ts: number | null
  last_ts: number | null
}

/**
 * Where the points of each metric begin and end: from the first and the last daily rollup of each series and what they do
 * not hold yet. Only where points were changed, or while rollups are being built, the points themselves are asked.
 */
export async function selectSpans(db: Queryable, productId: number, metricIds: number[]): Promise<SpanRow[]> {
  const values = [productId, metricIds]
  const { rows } = await db.query<SpanRow & { is_sure: boolean }>({ name: 'select_spans', text: FROM_ROLLUPS, values })
  const sure = rows.filter((row) => row.is_sure).map(({ is_sure, ...row }) => row)
  if (sure.length === rows.length) return sure
  const unsure = rows.filter((row) => !row.is_sure).map((row) => row.metric_id)
  const exact = await db.query<SpanRow>({ name: 'select_spans_raw', text: FROM_POINTS, values: [productId, unsure] })
  return [...sure, ...exact.rows]
}

const WANTED = `
wanted AS MATERIALIZED (
  SELECT id, metric_id FROM series WHERE series.product_id = $1 AND series.metric_id = ANY($2::int4[])
)`

/**
 * Two look-ups in the key for each series, and no partition. Days whose raw points were dropped stay in the rollups, so
 * that a metric begins where it once began.
 */
const FROM_ROLLUPS = `
WITH ${WANTED}, unfolded AS MATERIALIZED (
  SELECT cell.series_id, min(cell.ts) AS first_ms, max(cell.ts) AS last_ms
  FROM point_delta AS delta CROSS JOIN LATERAL unnest(delta.series, delta.ts) AS cell (series_id, ts)
  WHERE delta.product_id = $1
  GROUP BY 1
), found AS (
  SELECT wanted.metric_id,
    (SELECT first_ms FROM rollup_day WHERE rollup_day.product_id = $1 AND rollup_day.series_id = wanted.id ORDER BY day LIMIT 1) AS first_ms,
    (SELECT last_ms FROM rollup_day WHERE rollup_day.product_id = $1 AND rollup_day.series_id = wanted.id ORDER BY day DESC LIMIT 1) AS last_ms
  FROM wanted
  UNION ALL
  SELECT wanted.metric_id, unfolded.first_ms, unfolded.last_ms FROM unfolded JOIN wanted ON wanted.id = unfolded.series_id
), unsure AS (
  SELECT DISTINCT wanted.metric_id FROM wanted
  WHERE EXISTS (SELECT FROM dirty_quarter WHERE dirty_quarter.product_id = $1 AND dirty_quarter.series_id = wanted.id)
    OR EXISTS (
      SELECT FROM product
      WHERE product.id = $1 AND (product.rollup_zone IS NULL OR product.rollup_built_to < wanted.id))
)
SELECT found.metric_id, min(found.first_ms) AS first_ts, max(found.last_ms) AS last_ts,
  NOT EXISTS (SELECT FROM unsure WHERE unsure.metric_id = found.metric_id) AS is_sure
FROM found GROUP BY found.metric_id`

/**
 * Two look-ups in the index for each series, whatever the number of points: the partitions are in order of time, so a
 * look-up stops at the first that holds a point of the series. No range bounds it, so that it is planned for every
 * partition there is; named, each connection plans it once: with 683 months it takes 13 ms instead of 90.
 */
const FROM_POINTS = `
WITH ${WANTED}, found AS (
  SELECT wanted.metric_id,
    (SELECT ts FROM point WHERE point.product_id = $1 AND point.series_id = wanted.id ORDER BY ts LIMIT 1) AS first_ts,
    (SELECT ts FROM point WHERE point.product_id = $1 AND point.series_id = wanted.id ORDER BY ts DESC LIMIT 1) AS last_ts
  FROM wanted
  UNION ALL
  SELECT wanted.metric_id,
    (SELECT min(packed.ts) FROM (
      SELECT * FROM point_pack WHERE point_pack.product_id = $1 AND point_pack.series_id = wanted.id ORDER BY day LIMIT 1
    ) AS pack ${UNPACK}),
    (SELECT max(packed.ts) FROM (
      SELECT * FROM point_pack WHERE point_pack.product_id = $1 AND point_pack.series_id = wanted.id ORDER BY day DESC LIMIT 1
    ) AS pack ${UNPACK})
  FROM wanted
  UNION ALL
  SELECT wanted.metric_id, min(histogram.ts), max(histogram.ts)
  FROM wanted JOIN histogram ON histogram.product_id = $1 AND histogram.series_id = wanted.id AND histogram.count > 0
  GROUP BY 1
)
SELECT found.metric_id, (extract(epoch FROM min(found.first_ts)) * 1000)::float8 AS first_ts,
  (extract(epoch FROM max(found.last_ts)) * 1000)::float8 AS last_ts
FROM found GROUP BY found.metric_id`
