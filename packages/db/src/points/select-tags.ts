import type { Queryable } from '../client'

export interface TagRow {
  tag: string
  /** The first of them by name. */
  values: string[]
  value_count: number
}

/** The tags that a metric's series carry, and their values, from the dictionary alone. */
export async function selectTags(
  db: Queryable,
  productId: number,
  metricId: number,
  valuesMax: number,
): Promise<TagRow[]> {
  const { rows } = await db.query<TagRow>({
    name: 'select_tags',
    text: STATEMENT,
    values: [productId, metricId, valuesMax],
  })
  return rows
}

/** "C" sorts by code point, the same on every machine. */
const STATEMENT = `
SELECT tag,
  (array_agg(value ORDER BY value COLLATE "C"))[1:$3] AS values,
  count(*)::float8 AS value_count
FROM (
  SELECT DISTINCT pair.key AS tag, pair.value
  FROM series CROSS JOIN LATERAL jsonb_each_text(series.tags) AS pair
  WHERE series.product_id = $1 AND series.metric_id = $2
) AS distinct_pair
GROUP BY tag
ORDER BY tag COLLATE "C"`
