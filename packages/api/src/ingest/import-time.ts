/** Timestamps as files have them, as epoch milliseconds. */
import { getZoneTable, offsetAt } from '../metric/service'
import type { ImportMapping } from './schema-import'
import { parseEpoch, parseIso, TIMESTAMP_FAULTS } from './timestamp'

/** Epoch ms, or what is wrong in words. */
export type ReadTime = (text: string) => number | string

type TimeFormat = ImportMapping['timestamp']['format']

export function createTimeReader({ format, zone }: { format: TimeFormat; zone: string }): ReadTime {
  if (format === 'iso') return readIso
  if (format === 'epoch') return readEpoch
  return (text) => readLocal(text, format, zone)
}

function readIso(text: string): number | string {
  const ts = parseIso(text)
  return typeof ts === 'number' ? ts : TIMESTAMP_FAULTS[ts]
}

const EPOCH = /^-?\d{1,19}(\.\d+)?$/

const readEpoch = (text: string) =>
  EPOCH.test(text) ? parseEpoch(Number(text)) : 'The timestamp is not a number of seconds or milliseconds since 1970.'

const TIME = String.raw`(?:[T ,]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:\s*([ap])\.?m\.?)?)?`
const DATES = {
  ymd: new RegExp(String.raw`^(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|(\d{2})(\d{2}))${TIME}$`, 'i'),
  dmy: new RegExp(String.raw`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})${TIME}$`, 'i'),
  mdy: new RegExp(String.raw`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})${TIME}$`, 'i'),
} as const

const ORDERS = { ymd: 'year-month-day', dmy: 'day.month.year', mdy: 'month/day/year' } as const
const DAY_MS = 86_400_000

function readLocal(text: string, order: keyof typeof DATES, zone: string): number | string {
  const match = DATES[order].exec(text)
  if (!match) return `The timestamp is not of the form ${ORDERS[order]}, perhaps with a time behind it.`
  const numbers = match.map(Number)
  const at = (place: number) => numbers[place] as number
  // The first form of ymd leaves groups 4 and 5 out, the second 2 and 3.
  const isCompact = order === 'ymd' && match[2] === undefined
  const month = at(order === 'mdy' ? 1 : isCompact ? 4 : 2)
  const day = order === 'dmy' ? at(1) : order === 'mdy' ? at(2) : at(isCompact ? 5 : 3)
  const year = order === 'ymd' ? at(1) : at(3) < 100 ? 2000 + at(3) : at(3)
  const time = match.slice(order === 'ymd' ? 6 : 4)
  const date = Date.UTC(year, month - 1, day)
  const { isValid, ms } = readClock(time)
  const isDate = month >= 1 && month <= 12 && day >= 1 && new Date(date).getUTCDate() === day
  if (!isValid || !isDate || Number.isNaN(date)) return TIMESTAMP_FAULTS.no_such_time
  return toInstant(date + ms, zone)
}

/** Hours, minutes, seconds, fraction and the a or p of am and pm, each of which may be missing. */
function readClock([hours = '0', minutes = '0', seconds = '0', fraction = '', half]: (string | undefined)[]) {
  let hour = Number(hours)
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return { isValid: false, ms: 0 }
    hour = (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
  }
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'))
  const ms = (hour * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000 + micros / 1000
  return { isValid: hour < 24 && Number(minutes) < 60 && Number(seconds) < 60, ms }
}

/**
 * From the clocks of a zone to an instant, as Temporal's `compatible` does it: of an hour that comes twice the first, of
 * an hour that is skipped the time as far behind the jump. `local` is the clock's time as if it were UTC.
 */
function toInstant(local: number, zone: string): number {
  const table = getZoneTable(zone, local, local)
  const before = offsetAt(table, local - DAY_MS)
  const after = offsetAt(table, local + DAY_MS)
  if (before === after || offsetAt(table, local - before) === before) return local - before
  return offsetAt(table, local - after) === after ? local - after : local - before
}
