import type { Queryable } from '../client'
import type { AggregateQuery, AggregateRow } from './aggregate-query'
import { WANTED } from './wanted'

type Cell = Pick<AggregateRow, 'level' | 'group' | 'is_other' | 'bucket'>
type Quantiles = Pick<AggregateRow, 'quantiles' | 'isApproximate'>

const keyOf = ({ level, group, is_other, bucket }: Cell) => JSON.stringify([level, group, is_other, bucket])

/** The quantiles of each cell, on the same levels as selectAggregates: by linear interpolation between the sorted values. */
export async function selectQuantiles(db: Queryable, query: AggregateQuery): Promise<(cell: Cell) => Quantiles> {
  const { rows } = await db.query<Cell & Quantiles>(STATEMENT, [
    query.productId,
    query.metricId,
    query.groupBy,
    JSON.stringify(query.filters),
    query.groups?.map((group) => JSON.stringify(group)) ?? null,
    query.edges.map((edge) => new Date(edge).toISOString()),
    query.quantiles ?? [],
  ])
  const cells = new Map(rows.map((row) => [keyOf(row), row]))
  return (cell) => {
    const known = cells.get(keyOf(cell))
    return { quantiles: known?.quantiles ?? null, isApproximate: known?.isApproximate ?? false }
  }
}

const STATEMENT = `
WITH ${WANTED}, cell AS (
  SELECT wanted.tag_values, wanted.is_other, point.value, width_bucket(point.ts, $6::timestamptz[]) - 1 AS bucket
  FROM wanted
  JOIN point ON point.product_id = $1 AND point.series_id = wanted.series_id
  WHERE point.ts >= ($6::timestamptz[])[1] AND point.ts < ($6::timestamptz[])[cardinality($6::timestamptz[])]
)
SELECT
  CASE grouping(tag_values, bucket) WHEN 0 THEN 'group_bucket' WHEN 1 THEN 'group' WHEN 2 THEN 'bucket' ELSE 'total' END AS level,
  tag_values AS "group",
  coalesce(is_other, false) AS is_other,
  bucket,
  percentile_cont($7::float8[]) WITHIN GROUP (ORDER BY value) AS quantiles,
  false AS "isApproximate"
FROM cell
GROUP BY GROUPING SETS ((tag_values, is_other, bucket), (tag_values, is_other), (bucket), ())
HAVING cardinality($3::text[]) > 0 OR grouping(tag_values) = 1`
