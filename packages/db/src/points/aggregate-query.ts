/** What may be asked of the points of a metric, and the shape of the answer. */

export const FILTER_OPS = ['is', 'is_not', 'contains', 'not_contains', 'exists', 'not_exists'] as const

/**
 * - `is`: the tag has one of the values. `contains`: it holds one of them, whatever the case. `exists`: it is there.
 * - The `not_` ops are true of all other series, those without the tag included.
 * `values` means nothing to `exists` and `not_exists`.
 */
export interface TagFilter {
  tag: string
  op: (typeof FILTER_OPS)[number]
  values: string[]
}

/** The values of `groupBy`, in its order; null where the series lacks the tag. */
export type GroupKey = (string | null)[]

export type Measure = 'sum' | 'min' | 'max' | 'first' | 'last' | 'unique' | 'quantiles'

/**
 * The days of a zone, by their starts. Days are counted from 1970-01-01; a day ends where the next one starts, also where
 * the local date comes back for a while. A date that the zone skipped has no length.
 */
export interface LocalDays {
  zone: string
  /** Epoch milliseconds. */
  startOf(day: number): number
  /** The last day that starts at or before the instant. */
  dayOf(ms: number): number
}

export interface AggregateQuery {
  productId: number
  metricId: number
  /** Ascending epoch milliseconds; bucket i is `[edges[i], edges[i + 1])`, so there is one edge more than buckets. */
  edges: number[]
  /** The days of the product's zone, which are rolled up. Without them everything is read in smaller pieces. */
  days?: LocalDays
  /** The tags whose values make the groups; empty for one group. */
  groupBy: string[]
  /** All of the clauses must be true, and of each clause one filter; a clause without filters is never true. */
  filters: TagFilter[][]
  /** The groups that get rows of their own; all others are added up into one. Absent: every group. */
  groups?: GroupKey[]
  /** What is wanted besides the count: each costs time in every row. */
  measures?: Measure[]
  /** Between 0 and 1; what `quantiles` of the rows holds, in this order. Needs the measure. */
  quantiles?: number[]
}

/**
 * One cell. `level` says over what it was taken; `group` and `bucket` are null where they do not apply. Measures that
 * were not asked for are null.
 */
export interface AggregateRow {
  level: 'group_bucket' | 'group' | 'bucket' | 'total'
  group: GroupKey | null
  /** All groups that `groups` does not name, together; `group` is null. */
  is_other: boolean
  /** Counted from 0. */
  bucket: number | null
  count: number
  /** Exact, as decimal text: a float64 sum depends on the order of the points, and 1e308 + 1e308 is an SQL error. */
  sum: string | null
  min: number | null
  max: number | null
  /**
   * The value with the earliest timestamp; of several at the same instant, the least. Of a counted distribution it is
   * the mean.
   */
  first: number | null
  /** The value with the latest timestamp; of several at the same instant, the greatest. */
  last: number | null
  /** Distinct series that have points. */
  unique: number | null
  quantiles: number[] | null
  /** The quantiles are within 1 % of the exact ones. */
  isApproximate: boolean
}
