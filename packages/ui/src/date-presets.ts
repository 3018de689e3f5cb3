import {
  addDays,
  addMonths,
  type DateRange,
  type IsoDate,
  startOfMonth,
  startOfQuarter,
  startOfWeek,
  startOfYear,
  type Weekday,
} from './calendar'

/** A named range, already turned into dates. Rules are drawn between groups. */
export interface DatePreset extends DateRange {
  id: string
  label: string
  /** The single key that picks it, upper case. */
  key?: string
  group: number
  /** Ends at this minute and not with a day: its dates are only those that it touches. */
  isClock?: boolean
}

/**
 * The ranges everyone asks for. They end today, except those that are over; `today` is the present day in the dashboard's zone.
 * Quarters and years are those of the fiscal year, whose first month is 1 for January.
 */
export function datePresets(today: IsoDate, weekStart: Weekday = 1, fiscalYearStart = 1): DatePreset[] {
  const yesterday = addDays(today, -1)
  const week = startOfWeek(today, weekStart)
  const month = startOfMonth(today)
  const quarter = startOfQuarter(today, fiscalYearStart)
  const year = startOfYear(today, fiscalYearStart)
  return [
    { id: '60m', label: 'Last 60 minutes', key: 'H', group: 1, from: today, to: today, isClock: true },
    { id: '24h', label: 'Last 24 hours', key: '2', group: 1, from: yesterday, to: today, isClock: true },
    { id: 'today', label: 'Today', key: 'D', group: 1, from: today, to: today },
    { id: 'yesterday', label: 'Yesterday', key: 'Y', group: 1, from: yesterday, to: yesterday },
    { id: '7d', label: 'Last 7 days', key: '7', group: 1, from: addDays(today, -6), to: today },
    { id: '30d', label: 'Last 30 days', key: '3', group: 1, from: addDays(today, -29), to: today },
    { id: '90d', label: 'Last 90 days', key: '9', group: 1, from: addDays(today, -89), to: today },
    { id: 'week', label: 'This week', key: 'W', group: 2, from: week, to: today },
    { id: 'month', label: 'This month', key: 'M', group: 2, from: month, to: today },
    { id: 'quarter', label: 'This quarter', key: 'Q', group: 2, from: quarter, to: today },
    { id: 'year', label: 'This year', key: 'A', group: 2, from: year, to: today },
    { id: 'last_week', label: 'Last week', group: 3, from: addDays(week, -7), to: addDays(week, -1) },
    { id: 'last_month', label: 'Last month', group: 3, from: addMonths(month, -1), to: addDays(month, -1) },
    { id: 'last_quarter', label: 'Last quarter', group: 3, from: addMonths(quarter, -3), to: addDays(quarter, -1) },
    { id: 'last_year', label: 'Last year', group: 3, from: addMonths(year, -12), to: addDays(year, -1) },
  ]
}

/** Stepping onto a preset's dates is that preset again, so that it goes on moving with time. */
export function presetOf(range: DateRange, presets: readonly DatePreset[]): string | null {
  return presets.find(({ from, to, isClock }) => !isClock && from === range.from && to === range.to)?.id ?? null
}
