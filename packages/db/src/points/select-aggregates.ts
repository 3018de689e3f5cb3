import type { Queryable } from '../client'
import type { AggregateQuery, AggregateRow } from './aggregate-query'
import { selectQuantiles } from './select-quantiles'
import { WANTED } from './wanted'

/**
 * Counts, exact sums, extremes, first and last values of one metric: for each group and bucket, each group, each bucket
 * and altogether, from one scan. Buckets and groups without points have no row; without `groupBy` there are no rows on
 * the group levels; without any point there is none at all.
 */
export async function selectAggregates(db: Queryable, query: AggregateQuery): Promise<AggregateRow[]> {
  if (query.edges.length < 2) return []
  const wants = new Set(query.measures)
  const [{ rows }, quantiles] = await Promise.all([
    db.query<AggregateRow>(STATEMENT, [
      query.productId,
      query.metricId,
      query.groupBy,
      JSON.stringify(query.filters),
      query.groups?.map((group) => JSON.stringify(group)) ?? null,
      query.edges.map((edge) => new Date(edge).toISOString()),
      wants.has('sum'),
      wants.has('first'),
      wants.has('last'),
      wants.has('unique'),
    ]),
    wants.has('quantiles') ? selectQuantiles(db, query) : null,
  ])
  if (!quantiles) return rows
  return rows.map((row) => ({ ...row, ...quantiles(row) }))
}

const STATEMENT = `
WITH ${WANTED}, cell AS (
  SELECT wanted.tag_values, wanted.is_other, wanted.series_id,
    width_bucket(point.ts, $6::timestamptz[]) - 1 AS bucket,
    count(*) AS count,
    sum(CASE WHEN $7::boolean THEN point.value::text::numeric END) AS sum,
    min(point.value) AS min,
    max(point.value) AS max,
    min(CASE WHEN $8::boolean THEN ARRAY[extract(epoch FROM point.ts)::float8, point.value] END) AS first,
    max(CASE WHEN $9::boolean THEN ARRAY[extract(epoch FROM point.ts)::float8, point.value] END) AS last,
    max(point.ts) AS last_ts
  FROM wanted
  JOIN point ON point.product_id = $1 AND point.series_id = wanted.series_id
  WHERE point.ts >= ($6::timestamptz[])[1] AND point.ts < ($6::timestamptz[])[cardinality($6::timestamptz[])]
  GROUP BY 1, 2, 3, 4
)
SELECT
  CASE grouping(tag_values, bucket) WHEN 0 THEN 'group_bucket' WHEN 1 THEN 'group' WHEN 2 THEN 'bucket' ELSE 'total' END AS level,
  tag_values AS "group",
  coalesce(is_other, false) AS is_other,
  bucket,
  sum(count)::float8 AS count,
  sum(sum)::text AS sum,
  min(min) AS min,
  max(max) AS max,
  (min(first))[2] AS first,
  (max(last))[2] AS last,
  (extract(epoch FROM max(last_ts)) * 1000)::float8 AS last_ts,
  CASE WHEN $10::boolean THEN count(DISTINCT series_id)::float8 END AS "unique",
  null::float8[] AS quantiles,
  false AS "isApproximate"
FROM cell
GROUP BY GROUPING SETS ((tag_values, is_other, bucket), (tag_values, is_other), (bucket), ())
HAVING count(*) > 0 AND (cardinality($3::text[]) > 0 OR grouping(tag_values) = 1)
ORDER BY tag_values, is_other, bucket`
