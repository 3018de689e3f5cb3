/** Which rollups answer which part of a range. Pure. */
import type { LocalDays } from './aggregate-query'
import { QUARTER_MS } from './overwrite-points'

export interface Plan {
  /** Whole days `[fromDay, toDay)`, or null when no day lies in one bucket. */
  days: PlannedDays | null
  /** What is left, in order: half-open epoch milliseconds. */
  spans: Span[]
  /** Of `spans`, whole quarters of an hour, each in one bucket; counted, half-open. */
  quarters: Span[]
  /** Of `spans`, what is no whole quarter; epoch milliseconds. */
  rest: Span[]
}

export interface PlannedDays {
  zone: string
  fromDay: number
  /** The starts of the days from `fromDay` on, and behind them the end of the last one; epoch milliseconds. */
  starts: number[]
  /** Of each day from `fromDay` on; null of a day that lies in two. */
  buckets: (number | null)[]
}

export interface Span {
  from: number
  to: number
}

/** `edges` as in AggregateQuery, at least two. */
export function planOf(edges: readonly number[], days: LocalDays | undefined): Plan {
  const plan: Plan = { days: null, spans: [], quarters: [], rest: [] }
  const buckets: (number | null)[] = []
  let fromDay: number | undefined
  for (let bucket = 0; bucket + 1 < edges.length; bucket++) {
    const from = edges[bucket] as number
    const to = edges[bucket + 1] as number
    const whole = days && wholeDays(days, from, to)
    if (!whole) {
      addSpan(plan, from, to)
      continue
    }
    addSpan(plan, from, whole.start)
    addSpan(plan, whole.end, to)
    fromDay ??= whole.from
    while (fromDay + buckets.length < whole.from) buckets.push(null)
    while (fromDay + buckets.length < whole.to) buckets.push(bucket)
  }
  if (!days || fromDay === undefined) return plan
  const first = fromDay
  const starts = Array.from({ length: buckets.length + 1 }, (_, i) => days.startOf(first + i))
  plan.days = { zone: days.zone, fromDay, starts, buckets }
  return plan
}

function wholeDays(days: LocalDays, fromMs: number, toMs: number) {
  const first = days.dayOf(fromMs)
  const from = days.startOf(first) === fromMs ? first : first + 1
  const to = days.dayOf(toMs)
  const [start, end] = [days.startOf(from), days.startOf(to)]
  return start < end ? { from, to, start, end } : null
}

/** A piece of one bucket. */
function addSpan(plan: Plan, from: number, to: number): void {
  if (from >= to) return
  append(plan.spans, from, to)
  const fromQuarter = Math.ceil(from / QUARTER_MS)
  const toQuarter = Math.floor(to / QUARTER_MS)
  if (fromQuarter >= toQuarter) {
    append(plan.rest, from, to)
    return
  }
  append(plan.rest, from, fromQuarter * QUARTER_MS)
  append(plan.quarters, fromQuarter, toQuarter)
  append(plan.rest, toQuarter * QUARTER_MS, to)
}

/** Joins what touches: a range of hours is one span, not one for each hour. */
function append(spans: Span[], from: number, to: number): void {
  if (from >= to) return
  const last = spans.at(-1)
  if (last?.to === from) last.to = to
  else spans.push({ from, to })
}
