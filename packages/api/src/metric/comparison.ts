/** The period that a range is compared with, cut so that bucket i compares with bucket i. Pure. */
import type { Buckets, ResolvedRange } from './calendar'
import { between, boundsOf, cutPeriod, isOfClock, type Period, type Step, startDays, tableOf } from './edges'
import type { Comparison } from './schema'
import {
  DAY_MS,
  dayAt,
  instantOf,
  monthOfDay,
  offsetAt,
  parseDay,
  startOfDay,
  startOfUtcMonth,
  type ZoneTable,
} from './zone'

/**
 * Null when nothing is compared, for `all`, and for a range of which nothing has elapsed. `previous_period` of a calendar
 * period (week, month, quarter, year, or dates that are whole months) is the calendar one before.
 *
 * While the range is unfinished it is compared with the same elapsed part: up to the same date and time of the clock.
 */
export function resolveComparison(current: ResolvedRange, compare: Comparison, now: number): Buckets | null {
  const step = stepOf(current.period, compare)
  if (!step) return null
  const { granularity, zone } = current
  const before = shiftPeriod(current, step)
  const table = tableOf(zone, before)
  const all = cutLike(table, current, before, step, now)
  const first = all[0] as number
  const to =
    now < current.to ? Math.min(all.at(-1) as number, shiftInstant(table, current, now, step)) : (all.at(-1) as number)
  if (to <= first) return null
  const edges = [...all.filter((edge) => edge < to), to]
  return { granularity, from: first, to, edges }
}

function stepOf(period: Period, compare: Comparison): Step | null {
  // Nothing lies before everything, on whichever way back.
  if (compare === 'none' || !period.step) return null
  if (compare === 'previous_period') return period.step
  if (compare === 'previous_year') return { unit: 'month', count: -12 }
  if (compare === 'previous_weekday') return { unit: 'day', count: -7 * Math.ceil((period.toDay - period.fromDay) / 7) }
  return { unit: 'day', count: parseDay(compare.from) - period.fromDay }
}

function shiftPeriod(current: ResolvedRange, step: Step): Period {
  const { period, zone } = current
  const { clip } = period
  if (!clip) {
    const fromDay = shiftDay(period.fromDay, step)
    // What is before ends where the range begins, also when its own days are fewer or more.
    const toDay = step === period.step ? period.fromDay : shiftEnd(period.toDay, step)
    return { ...period, fromDay, toDay, endsNow: false }
  }
  const far: Period = { ...period, fromDay: shiftDay(period.fromDay, step), clip: null }
  const table = tableOf(
    zone,
    step.unit === 'ms' ? { ...far, fromDay: period.fromDay + Math.floor(step.count / DAY_MS) } : far,
  )
  const from = shiftInstant(table, current, clip.from, step)
  const to = shiftInstant(table, current, clip.to, step)
  return { ...period, fromDay: dayAt(table, from), toDay: dayAt(table, to - 1) + 1, clip: { from, to }, endsNow: false }
}

/** Days and milliseconds move each edge; months have days of their own, and so have the hours of a day. */
function cutLike(table: ZoneTable, current: ResolvedRange, before: Period, step: Step, now: number): number[] {
  const { granularity, period, edges } = current
  const { from, to } = boundsOf(table, before)
  if (step.unit === 'ms') return edges.map((edge) => edge + step.count)
  if (step.unit === 'month' || isOfClock(granularity)) return cutPeriod(table, before, granularity, current, now)
  const starts = startDays(period, granularity, current).map((day) => startOfDay(table, shiftDay(day, step)))
  return between(from, starts, to)
}

/** A day that the month does not have becomes its last. */
function shiftDay(day: number, step: Step): number {
  if (step.unit === 'ms') return day
  if (step.unit === 'day') return day + step.count
  const month = monthOfDay(day)
  const first = startOfUtcMonth(month + step.count)
  const length = startOfUtcMonth(month + step.count + 1) - first
  return first + Math.min(day - startOfUtcMonth(month), length - 1)
}

/** The date after the last one: whole months end whole, and else the last date is moved. */
function shiftEnd(toDay: number, step: Step): number {
  const isFirstOfMonth = startOfUtcMonth(monthOfDay(toDay)) === toDay
  return isFirstOfMonth ? shiftDay(toDay, step) : shiftDay(toDay - 1, step) + 1
}

/** The same time of the clock on the moved date; on a date that the month does not have, the month's end. */
function shiftInstant(table: ZoneTable, current: ResolvedRange, ms: number, step: Step): number {
  if (step.unit === 'ms') return ms + step.count
  const here = tableOf(current.zone, {
    ...current.period,
    toDay: Math.max(current.period.toDay, Math.ceil(ms / DAY_MS)),
  })
  const local = ms + offsetAt(here, ms)
  const day = Math.floor(local / DAY_MS)
  if (step.unit === 'month') {
    const month = monthOfDay(day)
    const next = startOfUtcMonth(month + step.count + 1)
    if (startOfUtcMonth(month + step.count) + (day - startOfUtcMonth(month)) >= next) return startOfDay(table, next)
  }
  return instantOf(table, shiftDay(day, step) * DAY_MS + (local - day * DAY_MS))
}
