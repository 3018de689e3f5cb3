/*
 * Calendar arithmetic on ISO dates without a time ('2025-11-20'). Days are counted in UTC, where each has 24 hours, so no
 * zone and no change of clocks can move a date; a zone decides only what today is, and that is the caller's to say.
 */

/** A day as 'YYYY-MM-DD'. Such texts sort as dates. */
export type IsoDate = string

/** Both ends belong to the range. */
export interface DateRange {
  from: IsoDate
  to: IsoDate
}

/** 1 is Monday, 7 is Sunday, as in ISO 8601. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7

const DAY_MS = 86_400_000

/** Whether a text is a day that exists; '2025-02-30' is not. */
export function isIsoDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text
}

export function addDays(date: IsoDate, days: number): IsoDate {
  return toIso(toMs(date) + days * DAY_MS)
}

/** Keeps the day of the month where it exists, else takes the last one: 31 January and a month is 28 February. */
export function addMonths(date: IsoDate, months: number): IsoDate {
  const { year, month, day } = parts(date)
  const first = Date.UTC(year, month - 1 + months, 1)
  const length = daysInMonth(toIso(first))
  return toIso(first + (Math.min(day, length) - 1) * DAY_MS)
}

/** Whole days from one date to the other; negative when `to` lies before. */
export function daysBetween(from: IsoDate, to: IsoDate): number {
  return Math.round((toMs(to) - toMs(from)) / DAY_MS)
}

export function daysInMonth(date: IsoDate): number {
  const { year, month } = parts(date)
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

export function weekdayOf(date: IsoDate): Weekday {
  return (new Date(toMs(date)).getUTCDay() || 7) as Weekday
}

export function startOfWeek(date: IsoDate, weekStart: Weekday = 1): IsoDate {
  return addDays(date, -((weekdayOf(date) - weekStart + 7) % 7))
}

export function startOfMonth(date: IsoDate): IsoDate {
  return `${date.slice(0, 8)}01`
}

export function endOfMonth(date: IsoDate): IsoDate {
  return addDays(startOfMonth(date), daysInMonth(date) - 1)
}

/** `firstMonth` is the one that the fiscal year begins with, 1 = January. */
export function startOfQuarter(date: IsoDate, firstMonth = 1): IsoDate {
  const { month } = parts(date)
  return addMonths(startOfMonth(date), -((month - firstMonth + 12) % 3))
}

export function startOfYear(date: IsoDate, firstMonth = 1): IsoDate {
  const { month } = parts(date)
  return addMonths(startOfMonth(date), -((month - firstMonth + 12) % 12))
}

/** The weeks of a month, Monday first unless told; days of the neighbours are `null`, so that no date stands twice. */
export function monthGrid(month: IsoDate, weekStart: Weekday = 1): (IsoDate | null)[][] {
  const last = endOfMonth(month)
  const weeks: (IsoDate | null)[][] = []
  for (let start = startOfWeek(startOfMonth(month), weekStart); start <= last; start = addDays(start, 7)) {
    weeks.push(
      Array.from({ length: 7 }, (_, index) => {
        const date = addDays(start, index)
        return date.slice(0, 7) === month.slice(0, 7) ? date : null
      }),
    )
  }
  return weeks
}

/** The weekdays in display order. */
export function weekdays(weekStart: Weekday = 1): Weekday[] {
  return Array.from({ length: 7 }, (_, index) => (((weekStart - 1 + index) % 7) + 1) as Weekday)
}

/**
 * The period before or after. A range of whole months moves by months (October follows September, whatever their
 * lengths), any other by its own number of days.
 */
export function shiftRange(range: DateRange, periods: number): DateRange {
  const isWholeMonths = range.from === startOfMonth(range.from) && range.to === endOfMonth(range.to)
  if (isWholeMonths) {
    const from = parts(range.from)
    const to = parts(range.to)
    const months = ((to.year - from.year) * 12 + to.month - from.month + 1) * periods
    return { from: addMonths(range.from, months), to: endOfMonth(addMonths(startOfMonth(range.to), months)) }
  }
  const days = (daysBetween(range.from, range.to) + 1) * periods
  return { from: addDays(range.from, days), to: addDays(range.to, days) }
}

/** Holds a date between two others; an absent one does not bound. */
export function clampDate(date: IsoDate, min?: IsoDate, max?: IsoDate): IsoDate {
  if (min && date < min) return min
  if (max && date > max) return max
  return date
}

/** Formats a day in the reader's language. The zone is UTC because the text holds no time to convert. */
export function formatDate(date: IsoDate, locale: string | undefined, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(toMs(date))
}

/** A range as short as it can be said: '22 Oct – 20 Nov', with the year when it is not the present one. */
export function formatRange({ from, to }: DateRange, locale: string | undefined, today: IsoDate): string {
  const isThisYear = from.slice(0, 4) === today.slice(0, 4) && to.slice(0, 4) === today.slice(0, 4)
  const format = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    ...(isThisYear ? {} : { year: 'numeric' as const }),
    timeZone: 'UTC',
  })
  return from === to ? format.format(toMs(from)) : format.formatRange(toMs(from), toMs(to))
}

function toMs(date: IsoDate): number {
  return Date.parse(`${date}T00:00:00Z`)
}

function toIso(ms: number): IsoDate {
  return new Date(ms).toISOString().slice(0, 10)
}

function parts(date: IsoDate): { year: number; month: number; day: number } {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number)
  return { year, month, day }
}
