/**
 * When reports run and which days they cover. Pure: the time is handed in.
 *
 * A schedule names at most one run per local date of its zone, so the clock changes cannot double or lose one:
 * a time that the date skips (02:30 on the last Sunday of March in Berlin) runs as much later as the clock jumped
 * (03:30), a time that happens twice runs the first time. This is Temporal's and RFC 5545's "compatible" reading.
 *
 * Only complete periods are covered, in the schedule's own zone:
 * - daily: the day before the run;
 * - weekly: the seven days up to the weekday of the run, that day excluded. On a Monday that is the ISO week before;
 *   a team that reports on Thursdays gets Thursday to Wednesday and no day twice or never;
 * - monthly: the calendar month before the run, also on the last day of a month, which is not over yet.
 *   A day that a month does not have (31, or 29 in February) means its last day.
 */
import { Temporal } from 'temporal-polyfill'
import type { ReportSchedule } from './schema'

/** Local days `firstDay` to `lastDay`, both included, and the same as the half-open instants `[from, to)`. */
export interface ReportPeriod {
  from: Date
  to: Date
  firstDay: string
  lastDay: string
}

type Period = [from: Temporal.PlainDate, to: Temporal.PlainDate]

/** A month and a day on either side is more than the longest distance between two runs. */
const LOOK_BACK_DAYS = 33

/** The first run strictly after `after`. */
export function nextRun(schedule: ReportSchedule, after: Date): Date {
  const afterMs = after.getTime()
  // The day before is asked too: a skipped time shortly before midnight runs on the next date.
  for (const date of datesFrom(schedule, localDate(schedule, after).subtract({ days: 1 }))) {
    const at = instantOn(schedule, date)
    if (at > afterMs) return new Date(at)
  }
  throw new Error('A schedule has no end.') // the generator never ends; the compiler cannot know
}

/** The last run at or before `notAfter`: after a pause of the server the only one that is caught up. */
export function lastRun(schedule: ReportSchedule, notAfter: Date): Date {
  let last: number | null = null
  for (const date of datesFrom(schedule, localDate(schedule, notAfter).subtract({ days: LOOK_BACK_DAYS }))) {
    const at = instantOn(schedule, date)
    if (at > notAfter.getTime() && last !== null) return new Date(last)
    last = at
  }
  throw new Error('A schedule has no end.')
}

/** The period that the run at `runAt` covers. `runAt` comes from `nextRun` or `lastRun`. */
export function periodFor(schedule: ReportSchedule, runAt: Date): ReportPeriod {
  const local = localDate(schedule, runAt)
  const before = local.subtract({ days: 1 })
  // A run that the clock change pushed over midnight belongs to the date it was planned for.
  const isPushed = instantOn(schedule, before) === runAt.getTime()
  return toPeriod(schedule, periodOf(schedule, isPushed ? before : local))
}

/** The last complete period at any moment: what "send now", a test mail and the preview show. */
export function latestPeriod(schedule: ReportSchedule, now: Date): ReportPeriod {
  return toPeriod(schedule, periodOf(schedule, localDate(schedule, now)))
}

/** The local days of a stored period. */
export function periodDays(zone: string, from: Date, to: Date): { firstDay: string; lastDay: string } {
  const day = (ms: number) =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate().toString()
  return { firstDay: day(from.getTime()), lastDay: day(to.getTime() - 1) }
}

function localDate(schedule: ReportSchedule, at: Date): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(schedule.zone).toPlainDate()
}

function instantOn(schedule: ReportSchedule, date: Temporal.PlainDate): number {
  const time = Temporal.PlainTime.from({ hour: schedule.hour, minute: schedule.minute })
  return date.toPlainDateTime(time).toZonedDateTime(schedule.zone, { disambiguation: 'compatible' }).epochMilliseconds
}

/** The dates on which the schedule runs, from the first one at or after `start`, without end. */
function* datesFrom(schedule: ReportSchedule, start: Temporal.PlainDate): Generator<Temporal.PlainDate> {
  if (schedule.frequency === 'monthly') {
    for (let month = start.toPlainYearMonth(); ; month = month.add({ months: 1 })) {
      const date = month.toPlainDate({ day: Math.min(schedule.day, month.daysInMonth) })
      if (Temporal.PlainDate.compare(date, start) >= 0) yield date
    }
  }
  const days = schedule.frequency === 'weekly' ? 7 : 1
  const offset = schedule.frequency === 'weekly' ? (schedule.weekday - start.dayOfWeek + 7) % 7 : 0
  for (let date = start.add({ days: offset }); ; date = date.add({ days })) yield date
}

function periodOf(schedule: ReportSchedule, date: Temporal.PlainDate): Period {
  switch (schedule.frequency) {
    case 'daily':
      return [date.subtract({ days: 1 }), date]
    case 'weekly': {
      const end = date.subtract({ days: (date.dayOfWeek - schedule.weekday + 7) % 7 })
      return [end.subtract({ days: 7 }), end]
    }
    case 'monthly': {
      const end = date.with({ day: 1 })
      return [end.subtract({ months: 1 }), end]
    }
  }
}

function toPeriod(schedule: ReportSchedule, [from, to]: Period): ReportPeriod {
  const start = (date: Temporal.PlainDate) => new Date(date.toZonedDateTime(schedule.zone).epochMilliseconds)
  return { from: start(from), to: start(to), firstDay: from.toString(), lastDay: to.subtract({ days: 1 }).toString() }
}
