import type { Queryable } from '../client'

export interface TagFilter {
  tag: string
  /** `is`: the tag has one of the values; `is_not`: it has none of them, or is missing. */
  op: 'is' | 'is_not'
  values: string[]
}

export interface AggregateQuery {
  productId: number
  metricId: number
  /** Ascending epoch milliseconds; bucket i is `[edges[i], edges[i + 1])`, so there is one edge more than buckets. */
  edges: number[]
  /** The tag whose values make the groups, or null for one group. */
  groupBy: string | null
  filters: TagFilter[]
  /** The groups that get rows of their own (null is "has no such tag"); all others are added up into one. Absent: every group. */
  groups?: (string | null)[]
}

/**
 * One cell. `level` says over what it was taken; `group` and `bucket` are null where they do not apply, and `group` is
 * also null, on the group levels, for the points that lack the tag.
 */
export interface AggregateRow {
  level: 'group_bucket' | 'group' | 'bucket' | 'total'
  group: string | null
  /** All groups that `groups` does not name, together. */
  is_other: boolean
  bucket: number | null
  count: number
  /** Exact, as decimal text: a float64 sum depends on the order of the points, and 1e308 + 1e308 is an SQL error. */
  sum: string
  min: number
  max: number
  /** The value with the latest timestamp; of several at the same instant, the one with the highest id. */
  last: number
  /** Epoch milliseconds. */
  last_ts: number
}

/**
 * Counts, exact sums, extremes and last values of one metric: for each group and bucket, each group, each bucket and
 * altogether, from one scan. The larger cells are made from the smallest ones, not from the points again, so every sum
 * adds up exactly. Buckets and groups without points have no row; without `groupBy` there are no rows on group levels.
 */
export async function selectAggregates(db: Queryable, query: AggregateQuery): Promise<AggregateRow[]> {
  const { rows } = await db.query<AggregateRow>(STATEMENT, [
    query.productId,
    query.metricId,
    query.edges.map((edge) => new Date(edge).toISOString()),
    query.groupBy,
    JSON.stringify(query.filters),
    query.groups ?? null,
  ])
  return rows
}

const STATEMENT = ''
