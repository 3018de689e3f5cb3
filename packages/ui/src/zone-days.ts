import { addDays, type DateRange, daysBetween, type IsoDate } from './calendar'

/** A day on which the clocks change. */
export interface UnevenDay {
  date: IsoDate
  hours: number
}

/** Longer ranges are not searched: every one of them holds such days, and naming them helps nobody. */
const RANGE_DAYS_MAX = 190
const HOUR_MS = 3_600_000

/** The days of a range that do not have 24 hours in a zone, so that an odd bucket is explained before anyone asks. */
export function unevenDays(range: DateRange, zone: string): UnevenDay[] {
  const days = daysBetween(range.from, range.to) + 1
  if (days < 1 || days > RANGE_DAYS_MAX) return []
  const format = offsetFormat(zone)
  if (!format) return []
  const found: UnevenDay[] = []
  let start = startOfDay(range.from, format)
  for (let index = 0; index < days; index += 1) {
    const date = addDays(range.from, index)
    const next = startOfDay(addDays(date, 1), format)
    const hours = (next - start) / HOUR_MS
    if (hours !== 24) found.push({ date, hours })
    start = next
  }
  return found
}

function offsetFormat(zone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  } catch {
    // A zone this browser has no data for. The note is a courtesy; without it nothing is wrong.
    return null
  }
}

/**
 * The first instant of a local day. Where the clocks jump over midnight the two candidates contradict each other; the later
 * one is then the jump itself, which is when the day begins.
 */
function startOfDay(date: IsoDate, format: Intl.DateTimeFormat): number {
  const utc = Date.parse(`${date}T00:00:00Z`)
  const first = utc - offsetAt(utc, format)
  const offset = offsetAt(first, format)
  const second = utc - offset
  return offsetAt(second, format) === offset ? second : Math.max(first, second)
}

/** Milliseconds ahead of UTC. */
function offsetAt(instant: number, format: Intl.DateTimeFormat): number {
  const name = format.formatToParts(instant).find((part) => part.type === 'timeZoneName')?.value ?? ''
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(name)
  if (!match) return 0
  const offset = (Number(match[2]) * 60 + Number(match[3])) * 60_000
  return match[1] === '-' ? -offset : offset
}
