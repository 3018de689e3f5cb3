import type { Queryable } from '../client'

export interface TagCountRow {
  metric_id: number
  tag: string
  value_count: number
}

/** The tags of several metrics, and how many values each has, from the dictionary alone. */
export async function selectTagCounts(db: Queryable, productId: number, metricIds: number[]): Promise<TagCountRow[]> {
  const { rows } = await db.query<TagCountRow>(STATEMENT, [productId, metricIds])
  return rows
}

const STATEMENT = `
SELECT series.metric_id, pair.key AS tag, count(DISTINCT pair.value)::float8 AS value_count
FROM series CROSS JOIN LATERAL jsonb_each_text(series.tags) AS pair
WHERE series.product_id = $1 AND series.metric_id = ANY($2::int4[])
GROUP BY series.metric_id, pair.key
ORDER BY series.metric_id, pair.key COLLATE "C"`
