import { addDays, type DateRange, daysBetween, type IsoDate } from './calendar'

/** A day on which the clocks change. */
export interface UnevenDay {
  date: IsoDate
  hours: number
}

/** Longer ranges are not searched: every one of them holds such days, and naming them helps nobody. */
const RANGE_DAYS_MAX = 190

/** The days of a range that do not have 24 hours in a zone, so that an odd bucket is explained before anyone asks. */
export function unevenDays(range: DateRange, zone: string): UnevenDay[] {
  const days = daysBetween(range.from, range.to) + 1
  if (days < 1 || days > RANGE_DAYS_MAX) return []
  const format = offsetFormat(zone)
  if (!format) return []
  const found: UnevenDay[] = []
  let offset = offsetAtStart(range.from, format)
  for (let index = 0; index < days; index += 1) {
    const date = addDays(range.from, index)
    const next = offsetAtStart(addDays(date, 1), format)
    if (next !== offset) found.push({ date, hours: 24 - (next - offset) / 60 })
    offset = next
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

/** Minutes ahead of UTC at the first instant of a local day. */
function offsetAtStart(date: IsoDate, format: Intl.DateTimeFormat): number {
  const utc = Date.parse(`${date}T00:00:00Z`)
  return offsetAt(utc - offsetAt(utc, format) * 60_000, format)
}

function offsetAt(ms: number, format: Intl.DateTimeFormat): number {
  const name = format.formatToParts(ms).find((part) => part.type === 'timeZoneName')?.value ?? ''
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(name)
  if (!match) return 0
  const minutes = Number(match[2]) * 60 + Number(match[3])
  return match[1] === '-' ? -minutes : minutes
}
