/** From cells of the database to the series of an answer. Pure: gaps, zeros, averages, labels and order are decided here. */
import { setImmediate } from 'node:timers/promises'
import type { AggregateRow, GroupKey, Measure } from '@trackable/db/points'
import { type DecimalSum, decimalSum } from './decimal'
import { type Aggregation, isZeroWhenSilent, type MetricKind } from './kinds'
import type { QuerySeries, SeriesPoint } from './schema'

/** One metric's cells, and how they are read. A plain query has one term, a formula one for each of its names. */
export interface Term {
  aggregation: Aggregation
  kind: MetricKind | null
  /** Epoch ms of the metric's first point: before it silence is a gap, after it perhaps a zero. Null without any point. */
  firstPointAt: number | null
  rows: readonly AggregateRow[]
  /** What nobody can tell any more; see retention.ts. */
  unknown?: UnknownCells | undefined
}

export interface UnknownCells {
  buckets: ReadonlySet<number>
  isTotal: boolean
}

export interface Question {
  /** What the series' keys begin with: the metric's name, or the formula. */
  metric: string
  groupBy: readonly string[]
  edges: readonly number[]
  /** Epoch ms: what lies after it has not happened, and what it falls into has lasted until then. */
  asOf: number
  terms: readonly Term[]
  /** From the terms' values of one cell to the cell's value. Absent: the only term's own. */
  combine?: (values: readonly (number | null)[]) => number | null
}

export interface Answer {
  series: QuerySeries[]
  total: number | null
  /** Some value is beyond a 64-bit float. */
  isOverflowed: boolean
  isApproximate: boolean
}

const QUANTILES: Partial<Record<Aggregation, number>> = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 }

/** What the database has to compute besides the count. */
export function measuresOf(aggregation: Aggregation): { measures: Measure[]; quantiles?: number[] } {
  const quantile = QUANTILES[aggregation]
  if (quantile !== undefined) return { measures: ['quantiles'], quantiles: [quantile] }
  switch (aggregation) {
    case 'min':
    case 'max':
    case 'first':
    case 'last':
    case 'unique':
      return { measures: [aggregation] }
    case 'count':
      return { measures: [] }
    default:
      return { measures: ['sum'] }
  }
}

const OTHER = Symbol('other')
const ALL = Symbol('all')
type Group = GroupKey | typeof OTHER | typeof ALL

/** Groups that are ranked in one turn of the event loop: others would wait a second for a hundred thousand. */
const GROUPS_PER_TURN = 2_000

/** The groups of all terms with the largest totals, at most `max`; of equal ones the first by name. */
export async function rankGroups(question: Question, max: number): Promise<GroupKey[]> {
  const cells: CellIndex[] = []
  const groups = new Map<string, GroupKey>()
  for (const { rows } of question.terms) {
    const totals = rows.filter((row) => row.level === 'group' && !row.is_other)
    const isLong = totals.length > GROUPS_PER_TURN
    for (const row of totals) groups.set(keyOf(row.group ?? []), row.group ?? [])
    if (isLong) await setImmediate()
    cells.push(indexCells(totals))
    if (isLong) await setImmediate()
  }
  let largest: { group: GroupKey; text: string; size: number }[] = []
  const all = [...groups.values()]
  for (let from = 0; from < all.length; from += GROUPS_PER_TURN) {
    for (const group of all.slice(from, from + GROUPS_PER_TURN))
      largest.push({ group, text: labelOf(group), size: sizeOf(question, cells, group) })
    largest = largest.sort((a, b) => b.size - a.size || compareText(a.text, b.text)).slice(0, max)
    if (from + GROUPS_PER_TURN < all.length) await setImmediate()
  }
  return largest.map(({ group }) => group)
}

/** A sum beyond any float is the largest; what a formula has no value for is the smallest. */
function sizeOf(question: Question, cells: readonly CellIndex[], group: GroupKey): number {
  const reading = readGroup(question, cells, group, [])
  if (reading.total !== null) return Math.abs(reading.total)
  return reading.isOverflowed ? Number.POSITIVE_INFINITY : -1
}

/** `groups` in the order in which they are shown; "Other" comes last. */
export function buildAnswer(question: Question, groups: readonly GroupKey[]): Answer {
  const cells = question.terms.map((term) => indexCells(term.rows))
  const starts = question.edges.slice(0, -1)
  const toSeries = (group: Group, reading: Reading): QuerySeries => ({
    ...identityOf(question, group),
    points: starts.map((start, i): SeriesPoint => [start, reading.values[i] ?? null]),
    total: reading.total,
  })
  // Of groups the whole is shown as a total alone.
  const all = readGroup(question, cells, ALL, question.groupBy.length === 0 ? starts : [])
  const readings: { group: Group; reading: Reading }[] = []
  if (question.groupBy.length === 0) readings.push({ group: ALL, reading: all })
  else {
    const shown: Group[] = [...groups]
    if (question.terms.some(({ rows }) => rows.some((row) => row.is_other))) shown.push(OTHER)
    for (const group of shown) readings.push({ group, reading: readGroup(question, cells, group, starts) })
  }
  return {
    series: readings.map(({ group, reading }) => toSeries(group, reading)),
    total: all.total,
    isOverflowed: all.isOverflowed || readings.some(({ reading }) => reading.isOverflowed),
    isApproximate: question.terms.some(({ rows }) => rows.some((row) => row.isApproximate)),
  }
}

/** The cells of one group: its total, and those of its buckets that have points. */
interface Cells {
  total: AggregateRow | undefined
  buckets: Map<number, AggregateRow>
}

type CellIndex = Map<string | typeof OTHER | typeof ALL, Cells>

/** One tag, the usual case, is told from null by a letter: JSON for each of thousands of rows took longer than the rest. */
const keyOf = (group: GroupKey) =>
  group.length === 1 ? (typeof group[0] === 'string' ? `=${group[0]}` : '') : JSON.stringify(group)
const NO_CELLS: Cells = { total: undefined, buckets: new Map() }

function indexCells(rows: readonly AggregateRow[]): CellIndex {
  const index: CellIndex = new Map()
  for (const row of rows) {
    const isWhole = row.level === 'bucket' || row.level === 'total'
    const key = isWhole ? ALL : row.is_other ? OTHER : keyOf(row.group ?? [])
    let cells = index.get(key)
    if (!cells) {
      cells = { total: undefined, buckets: new Map() }
      index.set(key, cells)
    }
    if (row.bucket === null) cells.total = row
    else cells.buckets.set(row.bucket, row)
  }
  return index
}

interface Reading {
  values: (number | null)[]
  total: number | null
  isOverflowed: boolean
}

/** What one term says about one cell. `isSilent`: there are no points, and silence of this kind means zero. */
interface CellValue {
  value: number | null
  isSilent: boolean
}

function readGroup(question: Question, cells: readonly CellIndex[], group: Group, starts: readonly number[]): Reading {
  const key = typeof group === 'symbol' ? group : keyOf(group)
  const notes = { isOverflowed: false }
  const terms = question.terms.map((term, i) => readTerm(question, term, cells[i]?.get(key) ?? NO_CELLS, starts, notes))
  const at = (pick: (term: TermReading) => CellValue | undefined) => combineCells(question, terms.map(pick), notes)
  const values = starts.map((_, i) => at((term) => term.values[i]))
  const total = at((term) => term.total)
  return { values, total, isOverflowed: notes.isOverflowed }
}

const SILENT_GAP: CellValue = { value: null, isSilent: false }

/** A formula has a value where at least one term has: then a counted term that is silent counts as zero. */
function combineCells(
  { combine }: Question,
  cells: readonly (CellValue | undefined)[],
  notes: { isOverflowed: boolean },
): number | null {
  if (!combine) return cells[0]?.value ?? null
  if (cells.every((cell) => (cell?.value ?? null) === null)) return null
  const value = combine(cells.map((cell) => cell?.value ?? (cell?.isSilent ? 0 : null)))
  // 0 * -1 is minus zero, which JSON cannot say.
  if (value === null || Number.isFinite(value)) return value === 0 ? 0 : value
  notes.isOverflowed = true
  return null
}

interface TermReading {
  values: CellValue[]
  total: CellValue
}

function readTerm(
  question: Question,
  term: Term,
  { total, buckets }: Cells,
  starts: readonly number[],
  notes: { isOverflowed: boolean },
): TermReading {
  const { edges, asOf } = question
  const isSilent = isZeroWhenSilent(term.aggregation, term.kind)
  const hasBegun = (i: number) => {
    const { firstPointAt } = term
    return firstPointAt !== null && (edges[i + 1] as number) > firstPointAt && (edges[i] as number) <= asOf
  }
  const empty = (i: number): CellValue =>
    isSilent && hasBegun(i) ? { value: 0, isSilent } : { ...SILENT_GAP, isSilent }
  const known = (row: AggregateRow, seconds: number): CellValue => {
    const value = readValue(row, term.aggregation, seconds)
    if (value === null) notes.isOverflowed = true
    return { value, isSilent: false }
  }
  const lastedS = (from: number, to: number) => (asOf > from ? Math.min(to, asOf) - from : to - from) / 1000
  const cellTotal = term.unknown?.isTotal
    ? SILENT_GAP
    : total
      ? known(total, lastedS(edges[0] as number, edges.at(-1) as number))
      : (edges
          .slice(0, -1)
          .map((_, i) => empty(i))
          .find(({ value }) => value === 0) ?? { ...SILENT_GAP, isSilent })
  if (term.aggregation === 'cumulative') {
    // What has run up since an unknown beginning is unknown.
    if (term.unknown) return { values: starts.map(() => SILENT_GAP), total: cellTotal }
    return { values: runningTotals(buckets, starts, empty, notes), total: cellTotal }
  }
  const values = starts.map((start, i) => {
    if (term.unknown?.buckets.has(i)) return SILENT_GAP
    const row = buckets.get(i)
    return row ? known(row, lastedS(start, edges[i + 1] as number)) : empty(i)
  })
  return { values, total: cellTotal }
}

/** The sum of everything since the range began, at the end of each bucket: added up exactly, and rounded to be shown. */
function runningTotals(
  buckets: ReadonlyMap<number, AggregateRow>,
  starts: readonly number[],
  empty: (i: number) => CellValue,
  notes: { isOverflowed: boolean },
): CellValue[] {
  let running: DecimalSum = decimalSum()
  return starts.map((_, i) => {
    const row = buckets.get(i)
    if (row) running = running.add(row.sum ?? '0')
    const cell = row ? { value: 0, isSilent: false } : empty(i)
    if (cell.value === null) return cell
    const value = finite(running.toNumber())
    if (value === null) notes.isOverflowed = true
    return { value, isSilent: false }
  })
}

/** The key is the same wherever the series is shown, and no two series share one. */
function identityOf({ metric, groupBy }: Question, group: Group): Omit<QuerySeries, 'points' | 'total'> {
  if (group === ALL) return { key: JSON.stringify([metric]), label: metric, tags: {}, isOther: false }
  // One tag is written as itself: the colours of charts hang on the keys.
  const by = groupBy.length === 1 ? groupBy[0] : groupBy
  if (group === OTHER) return { key: JSON.stringify([metric, by]), label: 'Other', tags: {}, isOther: true }
  const values = group as GroupKey
  const key = JSON.stringify([metric, by, groupBy.length === 1 ? (values[0] ?? null) : values])
  const tags = groupBy.flatMap((tag, i) => {
    const value = values[i] ?? null
    return value === null ? [] : [[toFieldName(tag), value] as const]
  })
  return { key, label: labelOf(values), tags: Object.fromEntries(tags), isOther: false }
}

const labelOf = (group: GroupKey) => group.map((value) => value ?? '(none)').join(' · ')

/** superjson sends no field of these names, and the whole answer, with all others of its batch, would fail. */
const UNSENDABLE: readonly string[] = ['constructor', 'prototype', '__proto__']

/** A name like others that looks the same: U+2060 is invisible and joins nothing. */
const toFieldName = (tag: string) => (UNSENDABLE.includes(tag) ? `${tag}\u2060` : tag)

/** Null when the exact result is beyond a 64-bit float: 1e308 twice has a sum that no JSON number can say. */
export function readValue(row: AggregateRow, aggregation: Aggregation, seconds: number): number | null {
  switch (aggregation) {
    case 'count':
      return row.count
    case 'min':
      return row.min
    case 'max':
      return row.max
    case 'first':
      return row.first
    case 'last':
      return row.last
    case 'unique':
      return row.unique
    case 'sum':
    case 'cumulative':
      return finite(Number(row.sum))
    case 'rate':
      return finite(Number(row.sum) / seconds)
    case 'avg':
      return finite(divide(row.sum ?? '0', row.count))
    default:
      return row.quantiles?.[0] ?? null
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
