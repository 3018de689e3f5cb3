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
  SELECT wanted.group_id, point.value, width_bucket(point.ts, $6::timestamptz[]) - 1 AS bucket
  FROM wanted
  JOIN point ON point.product_id = $1 AND point.series_id = wanted.series_id
  WHERE point.ts >= ($6::timestamptz[])[1] AND point.ts < ($6::timestamptz[])[cardinality($6::timestamptz[])]
)
SELECT answer.level, named_group.tag_values AS "group", coalesce(named_group.is_other, false) AS is_other, answer.bucket, answer.quantiles,
  false AS "isApproximate"
FROM (
  SELECT
    CASE grouping(group_id, bucket) WHEN 0 THEN 'group_bucket' WHEN 1 THEN 'group' WHEN 2 THEN 'bucket' ELSE 'total' END AS level,
    group_id, bucket, percentile_cont($7::float8[]) WITHIN GROUP (ORDER BY value) AS quantiles
  FROM cell
  GROUP BY GROUPING SETS ((group_id, bucket), (group_id), (bucket), ())
  HAVING count(*) > 0 AND (cardinality($3::text[]) > 0 OR grouping(group_id) = 1)
) AS answer LEFT JOIN named_group USING (group_id)`
