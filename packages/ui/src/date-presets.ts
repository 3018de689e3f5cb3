import {
  addDays,
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
  key: string
  group: number
}

/**
 * The ranges everyone asks for. They end today, except yesterday; `today` is the present day in the dashboard's zone.
 * Quarters and years are those of the fiscal year, whose first month is 1 for January.
 */
export function datePresets(today: IsoDate, weekStart: Weekday = 1, fiscalYearStart = 1): DatePreset[] {
  const yesterday = addDays(today, -1)
  return [
    { id: 'today', label: 'Today', key: 'D', group: 1, from: today, to: today },
    { id: 'yesterday', label: 'Yesterday', key: 'Y', group: 1, from: yesterday, to: yesterday },
    { id: '7d', label: 'Last 7 days', key: '7', group: 1, from: addDays(today, -6), to: today },
    { id: '30d', label: 'Last 30 days', key: '3', group: 1, from: addDays(today, -29), to: today },
    { id: '90d', label: 'Last 90 days', key: '9', group: 1, from: addDays(today, -89), to: today },
    { id: 'week', label: 'This week', key: 'W', group: 2, from: startOfWeek(today, weekStart), to: today },
    { id: 'month', label: 'This month', key: 'M', group: 2, from: startOfMonth(today), to: today },
    {
      id: 'quarter',
      label: 'This quarter',
      key: 'Q',
      group: 2,
      from: startOfQuarter(today, fiscalYearStart),
      to: today,
    },
    { id: 'year', label: 'This year', key: 'A', group: 2, from: startOfYear(today, fiscalYearStart), to: today },
  ]
}
