/** From a period to the edges of its buckets. Pure; days become instants in zone.ts alone. */
import type { Granularity } from './schema'
import {
  clockStarts,
  DAY_MS,
  getZoneTable,
  HOUR_MS,
  monthOfDay,
  startOfDay,
  startOfUtcMonth,
  weekdayOfDay,
  type ZoneTable,
} from './zone'

/** What a calendar is beside its zone. */
export interface CalendarRules {
  zone: string
  /** ISO weekday that a week begins with. */
  weekStart: number
  /** Month that quarters and years begin with, 1 = January. */
  fiscalYearStart: number
}

/** Where the period that is compared with lies: so many milliseconds, days or calendar months away. */
export interface Step {
  unit: 'ms' | 'day' | 'month'
  count: number
}

export interface Period {
  /** Local dates `[fromDay, toDay)`. */
  fromDay: number
  toDay: number
  /** Where it begins and ends otherwise than with those days, epoch ms. */
  clip: { from: number; to: number } | null
  /** To the period directly before; null where nothing can lie before (`all`). */
  step: Step | null
  /** Ends with the clock's current minute or hour and not with its day, when cut into them. */
  endsNow: boolean
}

const MINUTE_MS = 60_000

/** Of granularities that follow the clock and not the calendar. */
const CLOCK_MS: Partial<Record<Granularity, number>> = {
  minute: MINUTE_MS,
  quarter_hour: 15 * MINUTE_MS,
  hour: HOUR_MS,
}

const MONTHS: Partial<Record<Granularity, number>> = { month: 1, quarter: 3, year: 12 }

export const isOfClock = (granularity: Granularity) => CLOCK_MS[granularity] !== undefined

export const startOfWeek = (day: number, weekStart: number) => day - ((weekdayOfDay(day) - weekStart + 7) % 7)

/** The first month of the quarter or year (`size` 3 or 12) that the month lies in. Months are counted from year 0. */
export function startOfMonths(month: number, size: number, fiscalYearStart: number): number {
  const past = (month - (fiscalYearStart - 1)) % size
  return month - (past < 0 ? past + size : past)
}

/** An upper bound, from the dates alone: it is asked before anything is computed. */
export function countBuckets({ fromDay, toDay, clip }: Period, granularity: Granularity): number {
  const clockMs = CLOCK_MS[granularity]
  if (clockMs !== undefined) {
    // A range that begins within a bucket touches one more.
    return clip
      ? Math.ceil((clip.to - clip.from) / clockMs) + (clip.from % clockMs ? 1 : 0)
      : (toDay - fromDay) * (DAY_MS / clockMs)
  }
  if (granularity === 'day') return toDay - fromDay
  if (granularity === 'week') return Math.ceil((toDay - fromDay) / 7) + 1
  const months = monthOfDay(toDay - 1) - monthOfDay(fromDay)
  return Math.floor(months / (MONTHS[granularity] ?? 1)) + (granularity === 'month' ? 1 : 2)
}

export function tableOf(zone: string, { fromDay, toDay, clip }: Period): ZoneTable {
  return getZoneTable(zone, Math.min(fromDay * DAY_MS, clip?.from ?? Infinity), Math.max(toDay * DAY_MS, clip?.to ?? 0))
}

/** Strictly ascending; the first and the last are the ends of the period. A single one when no time lies in it. */
export function cutPeriod(
  table: ZoneTable,
  period: Period,
  granularity: Granularity,
  rules: CalendarRules,
  now: number,
): number[] {
  const { from, to } = boundsOf(table, period)
  const clockMs = CLOCK_MS[granularity]
  if (clockMs === undefined) {
    return between(
      from,
      startDays(period, granularity, rules).map((day) => startOfDay(table, day)),
      to,
    )
  }
  const end = period.endsNow ? (clockStarts(table, now, now + 2 * clockMs, clockMs)[0] ?? to) : to
  const last = Math.min(to, Math.max(end, from))
  return between(from, clockStarts(table, from, last, clockMs), last)
}

export function boundsOf(table: ZoneTable, { fromDay, toDay, clip }: Period): { from: number; to: number } {
  return clip ?? { from: startOfDay(table, fromDay), to: startOfDay(table, toDay) }
}

/** Dates that a zone skipped begin where the next one does: they are no bucket. */
export function between(from: number, starts: readonly number[], to: number): number[] {
  const edges = [from]
  for (const start of starts) if (start > (edges.at(-1) as number) && start < to) edges.push(start)
  if (to > from) edges.push(to)
  return edges
}

/** The dates inside the period on which buckets begin. */
export function startDays({ fromDay, toDay }: Period, granularity: Granularity, rules: CalendarRules): number[] {
  const starts: number[] = []
  if (granularity === 'day') for (let day = fromDay + 1; day < toDay; day++) starts.push(day)
  if (granularity === 'week') {
    for (let day = startOfWeek(fromDay, rules.weekStart) + 7; day < toDay; day += 7) starts.push(day)
  }
  const size = MONTHS[granularity]
  if (size !== undefined) {
    const first = startOfMonths(monthOfDay(fromDay), size, rules.fiscalYearStart)
    for (let month = first + size; startOfUtcMonth(month) < toDay; month += size) starts.push(startOfUtcMonth(month))
  }
  return starts
}
