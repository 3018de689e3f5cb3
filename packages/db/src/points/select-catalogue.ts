import type { Queryable } from '../client'

export interface CatalogueRow {
  id: number
  name: string
  display_name: string | null
  description: string | null
  unit: string | null
  kind: string | null
  default_aggregation: string
  is_hidden: boolean
  /** Declared seconds between two points. */
  cadence_s: number | null
  retention_days: number | null
  first_seen_at: Date
  series_count: number
  /** Epoch ms of the latest point, and its value; null when the metric has none. */
  last_ms: number | null
  last: number | null
  /** Mean distance of the points of its most regular series, in ms; null while there are too few to tell. */
  learned_ms: number | null
  /** The longest silence from one day's last point to the next day's first, of the same series: nights and weekends. */
  quiet_ms: number | null
  /** Whether the name, the display name, the description or a tag holds the text. */
  is_found: boolean
}

export interface CatalogueQuery {
  productId: number
  /** Lower case; empty finds everything. */
  find: string
  /** Null: all of them. */
  metricIds: number[] | null
}

/** Days looked back to learn how often a series reports: two weeks hold two of each weekday. */
const LEARN_DAYS = 15
/** Series of a metric that are learned from, those that reported last. Each costs as much as all the rest of its row. */
const LEARN_SERIES = 2
/** Fewer points of a series tell no rhythm. */
const LEARN_POINTS_MIN = 5

/** Fewer series are looked at one by one. */
const EVENT_SERIES_MIN = 4
const EVENT_QUIET_GAPS = 8

/**
 * Every metric of a product with its last value and its rhythm, from the daily rollups and what they do not hold yet. One look-up for
 * each series and fifteen rows for two series of each metric, however many points there are.
 */
export async function selectCatalogue(db: Queryable, query: CatalogueQuery): Promise<CatalogueRow[]> {
  const values = [
    query.productId,
    query.find,
    query.metricIds ?? [],
    LEARN_DAYS,
    LEARN_SERIES,
    LEARN_POINTS_MIN,
    EVENT_SERIES_MIN,
    EVENT_QUIET_GAPS,
  ]
  const { rows } = await db.query<CatalogueRow>({ ...(query.metricIds === null ? OF_ALL : OF_SOME), values })
  return rows
}

/**
 * `pending` is what was committed and not folded: it can be newer than any rollup. `ranked` numbers the series of a metric
 * from the one that reported last, so that a dead series teaches no rhythm.
 *
 * Where each point brings its own tags (orders by country and plan), every single series is slow and the metric is not. The
 * last points of its series tell: in a batch they are all of one moment, in a stream of events half of them are spread over a
 * time in which half of the series got a point. Events have no nightly silence of a series to learn from; `quiet_ms` is then
 * so many gaps that chance alone does not make such a pause in years.
 */
const textOf = (isWanted: (metricId: string) => string) => `
WITH pending AS MATERIALIZED (
  SELECT point.series_id, max(ARRAY[point.ts, point.value]) AS latest
  FROM point_delta CROSS JOIN LATERAL unnest(point_delta.series, point_delta.ts, point_delta.value) AS point (series_id, ts, value)
  WHERE point_delta.product_id = $1
  GROUP BY point.series_id
), ranked AS MATERIALIZED (
  SELECT series.metric_id, series.id AS series_id, latest.at,
    row_number() OVER (PARTITION BY series.metric_id ORDER BY latest.at[1] DESC NULLS LAST) AS place
  FROM series
  LEFT JOIN LATERAL (
    SELECT ARRAY[last_ms, last] AS at FROM rollup_day
    WHERE product_id = $1 AND series_id = series.id ORDER BY day DESC LIMIT 1
  ) AS folded ON true
  LEFT JOIN pending ON pending.series_id = series.id
  CROSS JOIN LATERAL (SELECT greatest(folded.at, pending.latest) AS at) AS latest
  WHERE series.product_id = $1 AND ${isWanted('series.metric_id')}
), of_metric AS (
  SELECT metric_id, count(*) AS series_count, max(at) AS latest,
    (max(at))[1] - percentile_cont(0.5) WITHIN GROUP (ORDER BY at[1]) AS spread_ms
  FROM ranked GROUP BY metric_id
), regular AS (
  SELECT ranked.metric_id,
    min((span.last_ms - span.first_ms) / nullif(span.count - 1, 0)) FILTER (WHERE span.count >= $6) AS learned_ms,
    min(span.quiet_ms) FILTER (WHERE span.count >= $6) AS quiet_ms
  FROM ranked
  CROSS JOIN LATERAL (
    SELECT min(first_ms) AS first_ms, max(last_ms) AS last_ms, sum(count)::float8 AS count, max(quiet_ms) AS quiet_ms
    FROM (
      SELECT first_ms, last_ms, count, first_ms - lag(last_ms) OVER (ORDER BY day) AS quiet_ms
      FROM (
        SELECT day, first_ms, last_ms, count FROM rollup_day
        WHERE product_id = $1 AND series_id = ranked.series_id ORDER BY day DESC LIMIT $4
      ) AS recent
    ) AS days
  ) AS span
  WHERE ranked.place <= $5
  GROUP BY ranked.metric_id
), rhythm AS (
  SELECT metric_id,
    CASE WHEN event.gap_ms IS NULL THEN learned_ms ELSE least(learned_ms, event.gap_ms) END AS learned_ms,
    CASE WHEN event.gap_ms IS NULL THEN quiet_ms ELSE least(quiet_ms, $8 * event.gap_ms) END AS quiet_ms
  FROM regular JOIN of_metric USING (metric_id)
  CROSS JOIN LATERAL (
    SELECT CASE WHEN series_count >= $7 AND spread_ms > learned_ms / 10 THEN 2 * spread_ms / series_count END AS gap_ms
  ) AS event
)
SELECT metric.id, metric.name, metric.display_name, metric.description, metric.unit, metric.kind, metric.default_aggregation,
  metric.is_hidden, metric.cadence_s, metric.retention_days, metric.first_seen_at,
  coalesce(of_metric.series_count, 0)::float8 AS series_count,
  of_metric.latest[1] AS last_ms,
  of_metric.latest[2] AS last,
  rhythm.learned_ms,
  rhythm.quiet_ms,
  $2 = '' OR strpos(lower(metric.name), $2) > 0 OR strpos(lower(coalesce(metric.display_name, '')), $2) > 0
    OR strpos(lower(coalesce(metric.description, '')), $2) > 0
    OR EXISTS (
      SELECT FROM series WHERE series.product_id = $1 AND series.metric_id = metric.id AND strpos(lower(series.tags::text), $2) > 0
    ) AS is_found
FROM metric
LEFT JOIN of_metric ON of_metric.metric_id = metric.id
LEFT JOIN rhythm ON rhythm.metric_id = metric.id
WHERE metric.product_id = $1 AND ${isWanted('metric.id')}
ORDER BY metric.name`

/** Two texts: a plan for either case would look at every series to find those of one metric. */
const OF_ALL = { name: 'select_catalogue', text: textOf(() => 'cardinality($3::int4[]) = 0') }
const OF_SOME = { name: 'select_catalogue_some', text: textOf((id) => `${id} = ANY($3::int4[])`) }
