/** Days and periods as the mail says them. English, because nobody can choose another language yet. */
import { Temporal } from 'temporal-polyfill'

/** Reports are written in one language; en-GB puts the day before the month, as the rest of the product does. */
export const REPORT_LOCALE = 'en-GB'

const parse = (day: string) => Temporal.PlainDate.from(day)

function words(date: Temporal.PlainDate, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(REPORT_LOCALE, { timeZone: 'UTC', ...options })
    .format(new Date(date.toZonedDateTime('UTC').epochMilliseconds))
    .replaceAll(',', '')
}

const dayOnly = (date: Temporal.PlainDate) => words(date, { weekday: 'long', day: 'numeric' })
const dayAndMonth = (date: Temporal.PlainDate) => words(date, { weekday: 'long', day: 'numeric', month: 'long' })
const wholeDay = (date: Temporal.PlainDate) =>
  words(date, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })

/** `Monday 10 to Sunday 16 November 2025`, `Sunday 16 November 2025`, `October 2025`. */
export function rangeWords(firstDay: string, lastDay: string): string {
  const [first, last] = [parse(firstDay), parse(lastDay)]
  if (first.equals(last)) return wholeDay(first)
  if (isWholeMonth(first, last)) return words(first, { month: 'long', year: 'numeric' })
  if (first.year !== last.year) return `${wholeDay(first)} to ${wholeDay(last)}`
  const start = first.month === last.month ? dayOnly(first) : dayAndMonth(first)
  return `${start} to ${wholeDay(last)}`
}

/** `week 46` when the days are an ISO week, else the range in words. */
export function shortRangeWords(firstDay: string, lastDay: string): string {
  const week = isoWeekOf(firstDay, lastDay)
  return week === null ? rangeWords(firstDay, lastDay) : `week ${week}`
}

/** The mail's line about its period: `Week 46, Monday 10 to Sunday 16 November 2025`. */
export function periodWords(firstDay: string, lastDay: string): string {
  const week = isoWeekOf(firstDay, lastDay)
  const range = rangeWords(firstDay, lastDay)
  return week === null ? range : `Week ${week}, ${range}`
}

/** `17 November 2025, 08:00:01` in the zone. */
export function momentWords(epochMs: number, zone: string): string {
  const at = new Date(epochMs)
  const day = new Intl.DateTimeFormat(REPORT_LOCALE, { timeZone: zone, dateStyle: 'long' }).format(at)
  const time = new Intl.DateTimeFormat(REPORT_LOCALE, { timeZone: zone, timeStyle: 'medium' }).format(at)
  return `${day}, ${time}`
}

function isoWeekOf(firstDay: string, lastDay: string): number | null {
  const [first, last] = [parse(firstDay), parse(lastDay)]
  const isWeek = first.dayOfWeek === 1 && first.add({ days: 6 }).equals(last)
  return isWeek ? (first.weekOfYear ?? null) : null
}

function isWholeMonth(first: Temporal.PlainDate, last: Temporal.PlainDate): boolean {
  return first.day === 1 && first.month === last.month && first.year === last.year && last.day === last.daysInMonth
}
