/**
 * Local time of an IANA zone as a table of offsets. Temporal's ZonedDateTime arithmetic costs about 12 µs a day, which a
 * year of edges multiplies to 4 ms; a binary search in a table of the zone's few transitions costs well below 1 µs.
 * Temporal remains the source of the transitions, and the oracle of the tests.
 */
import type { LocalDays } from '@trackable/db/points'
import { Temporal } from 'temporal-polyfill'

export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** The offsets (local minus UTC, in ms) that hold from `starts[i]` on. The first entry reaches back to `from`. */
export interface ZoneTable {
  readonly from: number
  readonly to: number
  readonly starts: readonly number[]
  readonly offsets: readonly number[]
}

/** All names and links of the tz database are about 600; other spellings (`EUROPE/berlin`) must not grow the cache. */
const TABLES_MAX = 800
const tables = new Map<string, ZoneTable>()

/** Local dates reach a day beyond UTC's, and the start of a day looks one day back for its offset. */
const MARGIN_MS = 3 * DAY_MS

/** The zone's offsets over at least `[from, to]`, epoch ms. `zone` must have passed `isZone`. */
export function getZoneTable(zone: string, from: number, to: number): ZoneTable {
  const known = tables.get(zone)
  if (known && known.from <= from - MARGIN_MS && known.to >= to + MARGIN_MS) return known
  if (tables.size >= TABLES_MAX) tables.clear()
  // Whole years around the range, joined with what is there: neighbouring queries then find it ready.
  const table = readTable(
    zone,
    Math.min(known?.from ?? Number.POSITIVE_INFINITY, startOfYear(from - MARGIN_MS, -1)),
    Math.max(known?.to ?? Number.NEGATIVE_INFINITY, startOfYear(to + MARGIN_MS, 2)),
  )
  tables.set(zone, table)
  return table
}

function readTable(zone: string, from: number, to: number): ZoneTable {
  let at = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone)
  const starts = [from]
  const offsets = [at.offsetNanoseconds / 1e6]
  for (;;) {
    const next = at.getTimeZoneTransition('next')
    if (!next || next.epochMilliseconds >= to) break
    starts.push(next.epochMilliseconds)
    offsets.push(next.offsetNanoseconds / 1e6)
    at = next
  }
  return { from, to, starts, offsets }
}

function startOfYear(ms: number, yearsLater: number): number {
  return startOfUtcMonth((new Date(ms).getUTCFullYear() + yearsLater) * 12) * DAY_MS
}

/** Index of the table's entry that holds at the instant. */
export function segmentAt(table: ZoneTable, ms: number): number {
  let low = 0
  let high = table.starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((table.starts[middle] as number) <= ms) low = middle
    else high = middle - 1
  }
  return low
}

export function offsetAt(table: ZoneTable, ms: number): number {
  return table.offsets[segmentAt(table, ms)] as number
}

/** The local date that the instant falls on, as days since 1970-01-01. */
export function dayAt(table: ZoneTable, ms: number): number {
  return Math.floor((ms + offsetAt(table, ms)) / DAY_MS)
}

/**
 * The first instant of a local date. Where the clock jumps over midnight it is the jump; where midnight comes twice, the
 * first. A date that the zone skipped (Apia, 2011-12-30) starts where the next one starts.
 */
export const startOfDay = (table: ZoneTable, day: number): number => instantOf(table, day * DAY_MS)

/** The first instant at which the clock on the wall shows this, or has jumped over it. Local time as if it were UTC, in ms. */
export function instantOf(table: ZoneTable, local: number): number {
  for (let i = segmentAt(table, local - DAY_MS); i < table.starts.length; i++) {
    const at = Math.max(table.starts[i] as number, local - (table.offsets[i] as number))
    const end = table.starts[i + 1]
    if (end === undefined || at < end) return at
  }
  return local - (table.offsets.at(-1) as number)
}

/**
 * The instants inside `(from, to)` at which a local clock hour (or minute, or quarter of an hour) begins: full ones, and
 * jumps into another. The hour that is repeated at the end of summer time is a bucket of its own; where the clock moves
 * by half an hour (Lord Howe), the hour it moves within is longer.
 */
export function clockStarts(table: ZoneTable, from: number, to: number, sizeMs: number): number[] {
  const edges: number[] = []
  const first = segmentAt(table, from)
  for (let i = first; i < table.starts.length; i++) {
    const start = table.starts[i] as number
    if (start >= to) break
    const offset = table.offsets[i] as number
    const end = Math.min(to, table.starts[i + 1] ?? to)
    const before = i > first ? (table.offsets[i - 1] as number) : offset
    const isJump = Math.floor((start - 1 + before) / sizeMs) !== Math.floor((start + offset) / sizeMs)
    if (i > first && start > from && isJump) edges.push(start)
    let at = Math.ceil((Math.max(start, from) + offset) / sizeMs) * sizeMs - offset
    for (; at < end; at += sizeMs) if (at > from && at !== edges.at(-1)) edges.push(at)
  }
  return edges
}

/** `YYYY-MM-DD` as days since 1970-01-01. */
export function parseDay(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS
}

/** Months since year 0 of a date given as days since 1970-01-01. */
export function monthOfDay(day: number): number {
  const date = new Date(day * DAY_MS)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

/** The first day of a month that is counted from year 0. */
export function startOfUtcMonth(month: number): number {
  const date = new Date(0)
  // Date.UTC would read the years 0 to 99 as 1900 to 1999.
  date.setUTCFullYear(Math.floor(month / 12), ((month % 12) + 12) % 12, 1)
  return date.getTime() / DAY_MS
}

/** ISO weekday (1 = Monday) of a date given as days since 1970-01-01, which was a Thursday. */
export function weekdayOfDay(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1
}

/**
 * The days of a zone by their starts, as rollups count them. `dayOf` is not the local date: where clocks go back over
 * midnight that date returns for a while, and the day it belongs to has ended already. `zone` must have passed `isZone`.
 */
export function localDays(zone: string): LocalDays {
  const startOf = (day: number) => startOfDay(getZoneTable(zone, day * DAY_MS, day * DAY_MS), day)
  return {
    zone,
    startOf,
    dayOf(ms) {
      let day = dayAt(getZoneTable(zone, ms, ms), ms)
      while (startOf(day) > ms) day--
      while (startOf(day + 1) <= ms) day++
      return day
    },
  }
}
