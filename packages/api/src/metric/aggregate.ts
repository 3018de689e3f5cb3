/** From cells of the database to the series of an answer. Pure: gaps, zeros, averages, labels and order are decided here. */
import type { AggregateRow } from '@trackable/db/points'
import type { Aggregation, QuerySeries, SeriesPoint } from './schema'

export interface Question {
  metric: string
  aggregation: Aggregation
  groupBy: string | null
  edges: readonly number[]
  /**
   * Between these instants a bucket without points counts as 0 for count and sum: the metric had begun, and time has
   * passed. Elsewhere, and for every other aggregation, it is a gap. Null when the metric has no point.
   */
  zeroFrom: number | null
  zeroTo: number
}

export interface Answer {
  series: QuerySeries[]
  total: number | null
}

/** Which of the dear measures the database has to compute. */
export function measuresOf(aggregation: Aggregation): ('sum' | 'last')[] {
  if (aggregation === 'sum' || aggregation === 'avg') return ['sum']
  return aggregation === 'last' ? ['last'] : []
}

/** The groups with the largest totals, at most `max`; of equal ones the first by name. */
export function rankGroups(rows: readonly AggregateRow[], aggregation: Aggregation, max: number): (string | null)[] {
  const size = (row: AggregateRow) => Math.abs(readValue(row, aggregation) ?? Number.POSITIVE_INFINITY)
  return rows
    .filter((row) => row.level === 'group' && !row.is_other)
    .sort((a, b) => size(b) - size(a) || compareText(a.group?.[0] ?? '', b.group?.[0] ?? ''))
    .slice(0, max)
    .map((row) => row.group?.[0] ?? null)
}

/** `groups` in the order in which they are shown; "Other" comes last. */
export function buildAnswer(question: Question, rows: readonly AggregateRow[], groups: (string | null)[]): Answer {
  const total = totalOf(
    question,
    rows.find((row) => row.level === 'total'),
  )
  if (question.groupBy === null) return { series: [buildSeries(question, rows, 'bucket', 'all')], total }
  const series = groups.map((group) => buildSeries(question, rows, 'group_bucket', group))
  if (rows.some((row) => row.is_other)) series.push(buildSeries(question, rows, 'group_bucket', OTHER))
  return { series, total }
}

const OTHER = Symbol('other')
type Group = string | null | typeof OTHER

function buildSeries(
  question: Question,
  rows: readonly AggregateRow[],
  level: 'bucket' | 'group_bucket',
  group: Group,
): QuerySeries {
  const belongs = (row: AggregateRow) =>
    level === 'bucket' || (group === OTHER ? row.is_other : !row.is_other && (row.group?.[0] ?? null) === group)
  const values = new Map<number, number | null>()
  for (const row of rows) {
    if (row.level === level && belongs(row)) values.set(row.bucket ?? 0, readValue(row, question.aggregation))
  }
  const points = question.edges.slice(0, -1).map((edge, i): SeriesPoint => {
    const value = values.get(i)
    return [edge, value === undefined ? emptyValue(question, i) : value]
  })
  const totalRow = rows.find((row) => row.level === (level === 'bucket' ? 'total' : 'group') && belongs(row))
  return { ...identityOf(question, level === 'bucket' ? undefined : group), points, total: totalOf(question, totalRow) }
}

/** The key is the same wherever the series is shown, and no two series share one. */
function identityOf({ metric, groupBy }: Question, group: Group | undefined): Omit<QuerySeries, 'points' | 'total'> {
  if (groupBy === null || group === undefined) {
    return { key: JSON.stringify([metric]), label: metric, tags: {}, isOther: false }
  }
  if (group === OTHER) return { key: JSON.stringify([metric, groupBy]), label: 'Other', tags: {}, isOther: true }
  const key = JSON.stringify([metric, groupBy, group])
  if (group === null) return { key, label: '(none)', tags: {}, isOther: false }
  return { key, label: group, tags: { [toFieldName(groupBy)]: group }, isOther: false }
}

/** superjson sends no field of these names, and the whole answer, with all others of its batch, would fail. */
const UNSENDABLE: readonly string[] = ['constructor', 'prototype', '__proto__']

/** A name like others that looks the same: U+2060 is invisible and joins nothing. */
const toFieldName = (tag: string) => (UNSENDABLE.includes(tag) ? `${tag}\u2060` : tag)

const isAdditive = (aggregation: Aggregation) => aggregation === 'sum' || aggregation === 'count'

function emptyValue({ aggregation, edges, zeroFrom, zeroTo }: Question, bucket: number): number | null {
  if (!isAdditive(aggregation) || zeroFrom === null) return null
  return (edges[bucket + 1] as number) > zeroFrom && (edges[bucket] as number) <= zeroTo ? 0 : null
}

function totalOf(question: Question, row: AggregateRow | undefined): number | null {
  if (row) return readValue(row, question.aggregation)
  return question.edges.slice(0, -1).some((_, i) => emptyValue(question, i) === 0) ? 0 : null
}

/** Null when the exact result is beyond a 64-bit float: 1e308 twice has a sum that no JSON number can say. */
export function readValue(row: AggregateRow, aggregation: Aggregation): number | null {
  switch (aggregation) {
    case 'count':
      return row.count
    case 'min':
      return row.min
    case 'max':
      return row.max
    case 'last':
      return row.last
    case 'sum':
      return finite(Number(row.sum))
    case 'avg':
      return finite(divide(row.sum ?? '0', row.count))
  }
}

const finite = (value: number) => (Number.isFinite(value) ? value : null)

/** A sum beyond a float may have an average within it: then the division is done in integers. */
function divide(sum: string, count: number): number {
  const quick = Number(sum) / count
  if (Number.isFinite(quick)) return quick
  const [whole = '0'] = sum.split('.')
  return Number(BigInt(whole) / BigInt(count))
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
