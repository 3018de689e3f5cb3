/**
 * Timestamps of the wire as epoch milliseconds with microseconds as the fraction (see PointColumns). By hand, because
 * Date.parse accepts what is not ISO 8601, reads a missing offset as the server's zone, and is slower.
 */

/** Epoch numbers tell their unit by their size, as InfluxDB 3 reads them: seconds up to the year 2128, and so on. */
const SECONDS_BELOW = 5e9
const MILLISECONDS_BELOW = 5e12
const MICROSECONDS_BELOW = 5e15

export function parseEpoch(epoch: number): number {
  const size = Math.abs(epoch)
  if (size < SECONDS_BELOW) return toMicrosecond(epoch * 1000)
  if (size < MILLISECONDS_BELOW) return toMicrosecond(epoch)
  if (size < MICROSECONDS_BELOW) return Math.round(epoch) / 1000
  return Math.round(epoch / 1000) / 1000
}

const toMicrosecond = (ms: number) => Math.round(ms * 1000) / 1000

export type TimestampFault = 'not_iso' | 'no_offset' | 'no_such_time'

export const TIMESTAMP_FAULTS: Readonly<Record<TimestampFault, string>> = {
  not_iso: 'A timestamp is ISO 8601 with an offset, such as 2026-11-20T09:30:00Z, or an epoch number.',
  no_offset: 'The timestamp has no offset. Add Z for UTC, or an offset such as +02:00.',
  no_such_time: 'There is no such date or time. Months are 01-12, seconds 00-59; leap seconds are not accepted.',
}

/**
 * RFC 3339: `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)`; a space for the T, and lower case, as the RFC allows. Seconds may
 * be left out. What is finer than a microsecond is cut off. Answers a fault in words of TIMESTAMP_FAULTS.
 */
export function parseIso(text: string): number | TimestampFault {
  if (text.length < 16 || text.length > 64) return /^\d{4}-\d\d-\d\d$/.test(text) ? 'no_offset' : 'not_iso'
  const year = two(text, 0) * 100 + two(text, 2)
  const month = two(text, 5)
  const day = two(text, 8)
  const hour = two(text, 11)
  const minute = two(text, 14)
  const between = text.charCodeAt(10) | 0x20
  // A NaN of `two` makes every comparison below false; this one decides.
  if (!(year + month + day + hour + minute >= 0)) return 'not_iso'
  if (text[4] !== '-' || text[7] !== '-' || text[13] !== ':' || (between !== 0x74 && text[10] !== ' ')) return 'not_iso'
  let at = 16
  let second = 0
  let micros = 0
  if (text[at] === ':') {
    second = two(text, at + 1)
    if (!(second >= 0)) return 'not_iso'
    at += 3
    if (text[at] === '.') {
      const end = endOfDigits(text, at + 1)
      if (end === at + 1) return 'not_iso'
      micros = readMicros(text, at + 1, end)
      at = end
    }
  }
  const offset = readOffset(text, at)
  if (typeof offset === 'string') return offset
  if (month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return 'no_such_time'
  if (hour > 23 || minute > 59 || second > 59) return 'no_such_time'
  const seconds = daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + (minute - offset) * 60 + second
  return seconds * 1000 + micros / 1000
}

/** The other way, in UTC: with milliseconds, and with microseconds where there are some. */
export function toIsoMicros(ms: number): string {
  const micros = Math.round(ms * 1000)
  const rest = ((micros % 1000) + 1000) % 1000
  const iso = new Date((micros - rest) / 1000).toISOString()
  return rest === 0 ? iso : iso.replace('Z', `${String(rest).padStart(3, '0')}Z`)
}

/** Two digits as a number, NaN when they are none. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

function endOfDigits(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++
  return at
}

function readMicros(text: string, from: number, end: number): number {
  let micros = 0
  for (let i = 0; i < 6; i++) micros = micros * 10 + (from + i < end ? text.charCodeAt(from + i) - 48 : 0)
  return micros
}

/** Minutes east of UTC. */
function readOffset(text: string, at: number): number | TimestampFault {
  if (at === text.length) return 'no_offset'
  const sign = text[at]
  if ((sign === 'Z' || sign === 'z') && at + 1 === text.length) return 0
  if ((sign !== '+' && sign !== '-') || text[at + 3] !== ':' || at + 6 !== text.length) return 'not_iso'
  const hours = two(text, at + 1)
  const minutes = two(text, at + 4)
  if (!(hours + minutes >= 0)) return 'not_iso'
  if (hours > 23 || minutes > 59) return 'no_such_time'
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes)
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function daysOfMonth(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 && isLeap ? 29 : (MONTH_DAYS[month - 1] as number)
}

/** Proleptic Gregorian, by Howard Hinnant's `days_from_civil` (https://howardhinnant.github.io/date_algorithms.html). */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}
