import type { PlannedRun, ReportSchedule } from '@trackable/api/client'
import { WEEKDAYS } from '../product/zones'

/** Day 31 exists in every month as "the last one": that is how the server reads it. */
export const LAST_DAY = 31

const ORDINAL = new Intl.PluralRules('en', { type: 'ordinal' })
const SUFFIX: Record<string, string> = { one: 'st', two: 'nd', few: 'rd', other: 'th' }

const twoDigits = (n: number) => String(n).padStart(2, '0')

export const timeOf = ({ hour, minute }: Pick<ReportSchedule, 'hour' | 'minute'>): string =>
  `${twoDigits(hour)}:${twoDigits(minute)}`

/** `1st`, `22nd`, `13th`. */
export const ordinal = (day: number): string => `${day}${SUFFIX[ORDINAL.select(day)] ?? 'th'}`

/** The place that a zone is named after: `America/Argentina/Buenos_Aires` is Buenos Aires. */
export const cityOf = (zone: string): string => (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ')

/** "Mondays, 08:00", "Daily, 18:00", "1st of the month, 08:00", "Last day of the month, 08:00". */
export function describeSchedule(schedule: ReportSchedule): string {
  return `${describeDays(schedule)}, ${timeOf(schedule)}`
}

function describeDays(schedule: ReportSchedule): string {
  switch (schedule.frequency) {
    case 'daily':
      return 'Daily'
    case 'weekly':
      return `${WEEKDAYS[schedule.weekday - 1]}s`
    case 'monthly':
      return schedule.day === LAST_DAY ? 'Last day of the month' : `${ordinal(schedule.day)} of the month`
  }
}

/** Another rhythm at the same time of day; what the rhythms do not share starts at Monday and the 1st. */
export function withFrequency(schedule: ReportSchedule, frequency: ReportSchedule['frequency']): ReportSchedule {
  if (schedule.frequency === frequency) return schedule
  const { hour, minute, zone } = schedule
  if (frequency === 'daily') return { frequency, hour, minute, zone }
  if (frequency === 'weekly') return { frequency, weekday: 1, hour, minute, zone }
  return { frequency, day: 1, hour, minute, zone }
}

/** What a time field holds, or null while it is not a whole time. */
export function parseTime(text: string): { hour: number; minute: number } | null {
  const match = /^(\d{2}):(\d{2})/.exec(text)
  return match ? { hour: Number(match[1]), minute: Number(match[2]) } : null
}

/** "Mon 24 Nov", with the year when it is not the present one. */
export function formatRunDay(at: Date, zone: string, now: number): string {
  const year = new Intl.DateTimeFormat('en', { timeZone: zone, year: 'numeric' })
  const options: Intl.DateTimeFormatOptions = { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short' }
  if (year.format(at) !== year.format(now)) options.year = 'numeric'
  return new Intl.DateTimeFormat(undefined, options).format(at)
}

/** "Mon 24 Nov, 08:00" on the clock of the zone. */
export function formatRunAt(at: Date, zone: string, now: number): string {
  const time = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(at)
  return `${formatRunDay(at, zone, now)}, ${time}`
}

type Period = Pick<PlannedRun, 'periodFrom' | 'periodTo'>

/** The days of `[from, to)`: "17 – 23 Nov", or "Sun 23 Nov" for a single one. */
export function formatPeriod({ periodFrom, periodTo }: Period, zone: string): string {
  const last = new Date(periodTo.getTime() - 1)
  const options: Intl.DateTimeFormatOptions = { timeZone: zone, day: 'numeric', month: 'short' }
  // A day of the clock change has 23 or 25 hours.
  const isOneDay = periodTo.getTime() - periodFrom.getTime() <= 25 * 3_600_000
  if (isOneDay) return new Intl.DateTimeFormat(undefined, { ...options, weekday: 'short' }).format(periodFrom)
  return new Intl.DateTimeFormat(undefined, options).formatRange(periodFrom, last)
}

/** "week 47" where the period is an ISO week, "November" where it is a month, else nothing. */
export function namePeriod(schedule: ReportSchedule, { periodFrom }: Period): string | null {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: schedule.zone, dateStyle: 'short' }).format(periodFrom)
  if (schedule.frequency === 'weekly' && schedule.weekday === 1) return `week ${isoWeek(day)}`
  if (schedule.frequency !== 'monthly') return null
  return new Intl.DateTimeFormat(undefined, { timeZone: schedule.zone, month: 'long' }).format(periodFrom)
}

const DAY_MS = 86_400_000

/** ISO 8601: the week that holds the year's first Thursday is week 1. */
function isoWeek(monday: string): number {
  const thursday = Date.parse(monday) + 3 * DAY_MS
  const yearStart = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1)
  return Math.floor((thursday - yearStart) / (7 * DAY_MS)) + 1
}

/** "in 20 min", "in 5 h", "in 4 days". */
export function formatUntil(at: Date, now: number): string {
  const minutes = Math.max(1, Math.ceil((at.getTime() - now) / 60_000))
  if (minutes < 60) return `in ${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `in ${hours} h` : `in ${Math.round(hours / 24)} days`
}

/** What a run compares with, for the note below the next runs. */
export const PERIOD_BEFORE: Record<ReportSchedule['frequency'], string> = {
  daily: 'the day before',
  weekly: 'the week before',
  monthly: 'the month before',
}
