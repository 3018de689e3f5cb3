import type { Queryable } from '../client'
import type { TagFilter } from './aggregate-query'
import { WANTED } from './wanted'

/** The series of a metric that the filters leave (as in AggregateQuery); all of them without any. */
export async function selectSeries(
  db: Queryable,
  query: { productId: number; metricId: number; filters: TagFilter[][] },
): Promise<number[]> {
  const { rows } = await db.query<{ series_id: number }>(SELECT, [
    query.productId,
    query.metricId,
    [],
    JSON.stringify(query.filters),
    null,
  ])
  return rows.map((row) => row.series_id)
}

const SELECT = `WITH ${WANTED} SELECT series_id FROM wanted ORDER BY series_id`
