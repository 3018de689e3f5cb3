/** Every day on which a clock changed, or will, in ten zones over forty years; Temporal is the oracle. */
import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import { resolveComparison, resolveRange } from './calendar'
import { GRANULARITIES, type Granularity } from './schema'

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Asia/Beirut',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
]
const FROM = Temporal.Instant.from('2000-01-01T00:00Z')
const TO = Temporal.Instant.from('2040-12-31T00:00Z')
const CLOCK_MS: Partial<Record<Granularity, number>> = { minute: 60_000, quarter_hour: 900_000, hour: 3_600_000 }

/** The dates on which the zone's clock changes; of zones that never do, one a year, so that they are proved alike. */
function changeDays(zone: string): Temporal.PlainDate[] {
  const days: Temporal.PlainDate[] = []
  let at = FROM.toZonedDateTimeISO(zone).getTimeZoneTransition('next')
  while (at && Temporal.Instant.compare(at.toInstant(), TO) < 0) {
    days.push(at.toPlainDate())
    at = at.getTimeZoneTransition('next')
  }
  return days.length > 0 ? days : Array.from({ length: 41 }, (_, i) => new Temporal.PlainDate(2000 + i, 3, 29))
}

const startOf = (date: Temporal.PlainDate, zone: string) => date.toZonedDateTime(zone).epochMilliseconds

function cut(zone: string, from: Temporal.PlainDate, to: Temporal.PlainDate, granularity: Granularity) {
  return resolveRange({
    range: { from: from.toString(), to: to.toString() },
    zone,
    granularity,
    weekStart: 1,
    fiscalYearStart: 4,
    now: TO.epochMilliseconds + 86_400_000,
    firstPointAt: null,
    bucketsMax: 11_000,
  })
}

/** Points at odd instants, the edges themselves and a millisecond before each: where a bucket would lose or double one. */
function sumOfBuckets(edges: readonly number[]): { buckets: number; range: number } {
  const bucketCount = edges.length - 1
  const [from, to] = [edges[0] as number, edges[bucketCount] as number]
  let [buckets, range, bucket] = [0, 0, 0]
  for (const edge of edges) {
    for (const point of [edge - 1, edge, edge + 7]) {
      while (bucket < bucketCount && point >= (edges[bucket + 1] as number)) bucket++
      if (bucket < bucketCount && point >= (edges[bucket] as number)) buckets++
      if (point >= from && point < to) range++
    }
  }
  return { buckets, range }
}

describe.each(ZONES)('IN-26: %s, every change of its clock from 2000 to 2040', (zone) => {
  const days = changeDays(zone)

  test('days begin where Temporal says, and those that were skipped are none', () => {
    for (const day of days) {
      const [from, to] = [day.subtract({ days: 2 }), day.add({ days: 2 })]
      const expected = new Set(Array.from({ length: 6 }, (_, i) => startOf(from.add({ days: i }), zone)))
      expect(cut(zone, from, to, 'day').edges).toEqual([...expected])
    }
  })

  test('buckets of every granularity follow each other without gap or overlap, and their sums are the range’s', () => {
    for (const [i, day] of days.entries()) {
      const [from, to] = [day.subtract({ days: 1 }), day.add({ days: 1 })]
      for (const granularity of GRANULARITIES) {
        // Cut by the code that cuts quarters of an hour, at fifteen times the cost: both changes of every fourth year.
        if (granularity === 'minute' && i % 8 > 1) continue
        const { edges } = cut(zone, from, to, granularity)
        if (edges[0] !== startOf(from, zone) || edges.at(-1) !== startOf(to.add({ days: 1 }), zone))
          expect.fail(`${zone} ${day} ${granularity}: the ends are not those of the dates`)
        if (edges.some((edge, i) => i > 0 && edge <= (edges[i - 1] as number)))
          expect.fail(`${zone} ${day} ${granularity}: the edges do not ascend`)
        const sums = sumOfBuckets(edges)
        if (sums.buckets !== sums.range) expect.fail(`${zone} ${day} ${granularity}: ${JSON.stringify(sums)}`)
      }
    }
  })

  test('minutes, quarters and hours begin on full ones of the wall, or where the clock jumps', () => {
    for (const day of days) {
      const changes = new Set<number>()
      for (let at = day.subtract({ days: 1 }).toZonedDateTime(zone).getTimeZoneTransition('next'); at; ) {
        changes.add(at.epochMilliseconds)
        at = at.epochMilliseconds < startOf(day, zone) + 2 * 86_400_000 ? at.getTimeZoneTransition('next') : null
      }
      for (const [granularity, sizeMs] of Object.entries(CLOCK_MS)) {
        const { edges } = cut(zone, day, day, granularity as Granularity)
        // Offsets are whole minutes in these years, so one reading of the wall for each hour is enough for minutes too.
        for (const edge of granularity === 'hour' ? edges : edges.filter((_, i) => i % 97 === 0)) {
          const wall = Temporal.Instant.fromEpochMilliseconds(edge).toZonedDateTimeISO(zone)
          const local = edge + wall.offsetNanoseconds / 1e6
          if (local % sizeMs !== 0 && !changes.has(edge)) expect.fail(`${wall} begins no ${granularity}`)
          const next = edges.find((later) => later > edge)
          if (granularity === 'hour' && next !== undefined) {
            const last = Temporal.Instant.fromEpochMilliseconds(next - 1).toZonedDateTimeISO(zone)
            if (last.hour !== wall.hour) expect.fail(`the hour from ${wall} lasts until ${last}`)
          }
        }
      }
    }
  })

  test('what is compared with has as long an elapsed part, up to the same time of the wall', () => {
    for (const day of days.slice(-10)) {
      const now = startOf(day, zone) + 15 * 3_600_000
      const request = { zone, granularity: 'hour' as const, weekStart: 1, fiscalYearStart: 1, now, firstPointAt: null }
      const today = resolveRange({ ...request, range: { preset: 'today' } })
      const before = resolveComparison(today, 'previous_weekday', now)
      const wall = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone)
      expect(before && wall(before.to).toPlainTime().toString()).toBe(wall(now).toPlainTime().toString())
      expect(before && wall(before.from).toPlainDate().toString()).toBe(day.subtract({ days: 7 }).toString())
    }
  })
})

test('IN-26: Pacific/Apia on 2011-12-30, the day that never was', () => {
  const { edges } = cut(
    'Pacific/Apia',
    Temporal.PlainDate.from('2011-12-29'),
    Temporal.PlainDate.from('2011-12-31'),
    'hour',
  )
  expect(edges).toHaveLength(49)
  expect(sumOfBuckets(edges)).toEqual({ buckets: 48 * 3, range: 48 * 3 })
})
