import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import { AUTO_BUCKETS_MAX, type RangeRequest, resolveComparison, resolveRange } from './calendar'
import { BUCKETS_MAX, GRANULARITIES, type QueryRange, RANGE_PRESETS } from './schema'
import { DAY_MS, dayAt, getZoneTable, HOUR_MS, startOfDay } from './zone'

const at = (text: string) => Temporal.Instant.from(text).epochMilliseconds
const local = (ms: number, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDateTime().toString()

function resolve(range: QueryRange, zone: string, options: Partial<RangeRequest> = {}) {
  return resolveRange({
    range,
    zone,
    granularity: 'day',
    weekStart: 1,
    fiscalYearStart: 1,
    now: at('2026-07-15T12:34:56Z'),
    firstPointAt: null,
    ...options,
  })
}

const lengths = (edges: number[]) => edges.slice(1).map((edge, i) => (edge - (edges[i] ?? 0)) / HOUR_MS)

describe('IN-26: days are as long as they are in the zone', () => {
  test.each([
    ['Europe/Berlin', '2026-03-28', '2026-03-30', [24, 23, 24]],
    ['Europe/Berlin', '2026-10-24', '2026-10-26', [24, 25, 24]],
    ['Asia/Kolkata', '2026-03-28', '2026-03-30', [24, 24, 24]],
    ['Asia/Kathmandu', '1985-12-31', '1986-01-01', [24, 23.75]],
    ['Australia/Lord_Howe', '2026-04-04', '2026-04-06', [24, 24.5, 24]],
    ['Australia/Lord_Howe', '2026-10-03', '2026-10-05', [24, 23.5, 24]],
    ['Pacific/Apia', '2011-12-28', '2012-01-01', [24, 24, 24, 24]],
    ['America/Sao_Paulo', '2018-11-03', '2018-11-05', [24, 23, 24]],
  ])('%s %s to %s', (zone, from, to, expected) => {
    expect(lengths(resolve({ from, to }, zone).edges)).toEqual(expected)
  })

  test('a date that the zone skipped is no bucket, and a range of it alone is empty', () => {
    const { edges } = resolve({ from: '2011-12-29', to: '2011-12-31' }, 'Pacific/Apia')
    expect(edges.map((edge) => local(edge, 'Pacific/Apia'))).toEqual([
      '2011-12-29T00:00:00',
      '2011-12-31T00:00:00',
      '2012-01-01T00:00:00',
    ])
    const alone = resolve({ from: '2011-12-30', to: '2011-12-30' }, 'Pacific/Apia')
    expect(alone.edges).toHaveLength(1)
    expect(alone.to).toBe(alone.from)
  })

  test('a day begins at the jump where midnight does not exist', () => {
    const [edge] = resolve({ from: '2018-11-04', to: '2018-11-04' }, 'America/Sao_Paulo').edges
    expect(local(edge ?? 0, 'America/Sao_Paulo')).toBe('2018-11-04T01:00:00')
  })
})

describe('hours follow the clock on the wall', () => {
  const hours = (zone: string, date: string) => resolve({ from: date, to: date }, zone, { granularity: 'hour' }).edges

  test('the repeated hour is a bucket of its own, the skipped one is none', () => {
    expect(hours('Europe/Berlin', '2026-10-25')).toHaveLength(26)
    expect(hours('Europe/Berlin', '2026-03-29')).toHaveLength(24)
    expect(new Set(lengths(hours('Europe/Berlin', '2026-10-25')))).toEqual(new Set([1]))
  })

  test('hours of a zone with a 45-minute offset begin at full local hours', () => {
    const edges = hours('Asia/Kathmandu', '2026-07-01')
    expect(edges[0]).toBe(at('2026-06-30T18:15:00Z'))
    expect(edges).toHaveLength(25)
  })

  test('where the clock moves by half an hour, the hour it moves within is longer, or shorter', () => {
    expect(lengths(hours('Australia/Lord_Howe', '2026-04-05'))).toEqual([1, 1.5, ...Array(22).fill(1)])
    expect(lengths(hours('Australia/Lord_Howe', '2026-10-04'))).toEqual([1, 1, 0.5, ...Array(21).fill(1)])
  })
})

describe('presets', () => {
  const zone = 'Europe/Berlin'
  // Wednesday, 00:30 in Berlin, still Tuesday in UTC.
  const now = at('2026-07-14T22:30:00Z')
  const dates = (preset: (typeof RANGE_PRESETS)[number], options: Partial<RangeRequest> = {}) => {
    const { from, to } = resolve({ preset }, zone, { now, ...options })
    return [local(from, zone).slice(0, 10), local(to - 1, zone).slice(0, 10)]
  }

  test.each([
    ['today', '2026-07-15', '2026-07-15'],
    ['yesterday', '2026-07-14', '2026-07-14'],
    ['7d', '2026-07-09', '2026-07-15'],
    ['30d', '2026-06-16', '2026-07-15'],
    ['90d', '2026-04-17', '2026-07-15'],
    ['12m', '2025-08-01', '2026-07-15'],
    ['week', '2026-07-13', '2026-07-15'],
    ['last_week', '2026-07-06', '2026-07-12'],
    ['month', '2026-07-01', '2026-07-15'],
    ['last_month', '2026-06-01', '2026-06-30'],
    ['quarter', '2026-07-01', '2026-07-15'],
    ['year', '2026-01-01', '2026-07-15'],
    ['last_quarter', '2026-04-01', '2026-06-30'],
    ['last_year', '2025-01-01', '2025-12-31'],
    ['all', '2026-07-15', '2026-07-15'],
  ] as const)('%s is %s to %s in the zone of the query', (preset, from, to) => {
    expect(dates(preset)).toEqual([from, to])
  })

  test('all begins on the day of the first point', () => {
    expect(dates('all', { firstPointAt: at('2026-01-31T23:30:00Z') })).toEqual(['2026-02-01', '2026-07-15'])
  })

  test('weeks begin on the weekday that is asked for', () => {
    expect(dates('week', { weekStart: 7 })).toEqual(['2026-07-12', '2026-07-15'])
    expect(dates('last_week', { weekStart: 3 })).toEqual(['2026-07-08', '2026-07-14'])
  })

  test('today in hours ends with the current hour', () => {
    const { edges } = resolve({ preset: 'today' }, zone, { now: at('2026-07-15T12:00:00Z'), granularity: 'hour' })
    expect(local(edges.at(-1) ?? 0, zone)).toBe('2026-07-15T15:00:00')
    expect(edges).toHaveLength(16)
  })
})

describe('auto', () => {
  const auto = (range: QueryRange) => resolve(range, 'UTC', { granularity: 'auto', firstPointAt: 0 }).granularity

  test.each([
    [{ preset: 'today' }, 'hour'],
    [{ preset: '7d' }, 'day'],
    [{ preset: '90d' }, 'day'],
    [{ preset: '12m' }, 'month'],
    [{ preset: 'year' }, 'month'],
    [{ preset: 'all' }, 'year'],
    [{ preset: '60m' }, 'minute'],
    [{ preset: '24h' }, 'hour'],
    [{ from: '2025-01-05', to: '2025-12-20' }, 'week'],
  ] as const)('%j is drawn by %s', (range, granularity) => {
    expect(auto(range)).toBe(granularity)
  })
})

describe('the previous period', () => {
  const zone = 'Europe/Berlin'
  function previous(range: QueryRange, options: Partial<RangeRequest> = {}) {
    const now = options.now ?? at('2026-07-15T12:00:00Z')
    const current = resolve(range, zone, { now, ...options })
    const before = resolveComparison(current, 'previous_period', now)
    if (!before) throw new Error('no previous period')
    return { current, before, dates: [local(before.from, zone), local(before.to, zone)] }
  }

  test('of seven days are the seven before, up to the same time of the last', () => {
    expect(previous({ preset: '7d' }).dates).toEqual(['2026-07-02T00:00:00', '2026-07-08T14:00:00'])
  })

  test('of a finished month is the whole month before, though shorter', () => {
    const { before, dates } = previous({ from: '2026-03-01', to: '2026-03-31' })
    expect(dates).toEqual(['2026-02-01T00:00:00', '2026-03-01T00:00:00'])
    expect(before.edges).toHaveLength(29)
  })

  test('of an unfinished month is the same part of the month before', () => {
    const { before, current, dates } = previous({ preset: 'month' })
    expect(dates).toEqual(['2026-06-01T00:00:00', '2026-06-15T14:00:00'])
    // The fifteenth of June ends at 14:00, because today has come to 14:00.
    expect(before.edges).toHaveLength(current.edges.length)
    expect(lengths(before.edges).at(-1)).toBe(14)
  })

  test('of a month that has outgrown the one before is all of that one', () => {
    const { dates } = previous({ preset: 'month' }, { now: at('2026-03-31T12:00:00Z') })
    expect(dates).toEqual(['2026-02-01T00:00:00', '2026-03-01T00:00:00'])
  })

  test('of this week in hours is last week up to the same hour', () => {
    const now = at('2026-07-15T12:30:00Z')
    const { before, current, dates } = previous({ preset: 'week' }, { granularity: 'hour', now })
    expect(dates).toEqual(['2026-07-06T00:00:00', '2026-07-08T14:30:00'])
    expect(before.edges).toHaveLength(current.edges.length)
  })

  test('of whole months by month are whole months', () => {
    const { before } = previous({ from: '2026-03-01', to: '2026-04-30' }, { granularity: 'month' })
    expect(before.edges.map((edge) => local(edge, zone).slice(0, 10))).toEqual([
      '2026-01-01',
      '2026-02-01',
      '2026-03-01',
    ])
  })

  test('of what has not begun does not exist, nor at the moment in which it begins', () => {
    const now = at('2026-07-15T12:00:00Z')
    expect(
      resolveComparison(resolve({ from: '2026-07-16', to: '2026-07-20' }, zone, { now }), 'previous_period', now),
    ).toBeNull()
    const midnight = at('2026-07-14T22:00:00Z')
    expect(
      resolveComparison(resolve({ preset: 'today' }, zone, { now: midnight }), 'previous_period', midnight),
    ).toBeNull()
    expect(previous({ preset: 'today' }, { now: midnight + 1 }).before.edges).toHaveLength(2)
  })

  test('of everything does not exist', () => {
    expect(
      resolveComparison(resolve({ preset: 'all' }, zone), 'previous_period', at('2026-07-15T12:00:00Z')),
    ).toBeNull()
  })
})

describe('what is refused', () => {
  test('IN-25: too many buckets, with the granularity that would fit', () => {
    expect(() => resolve({ from: '2024-01-01', to: '2025-12-31' }, 'UTC', { granularity: 'hour' })).toThrow(
      'The range has 17,544 buckets of one hour, and at most 1,100 are answered. Use "day", or a shorter range.',
    )
    expect(() => resolve({ from: '1900-01-01', to: '2999-12-31' }, 'UTC', { granularity: 'month' })).toThrow(
      /Use a shorter range/,
    )
  })

  test('IN-25: dates that no point can have', () => {
    expect(() => resolve({ from: '0001-01-01', to: '0001-01-31' }, 'UTC')).toThrow(/from 1900-01-01/)
    expect(() => resolve({ from: '9999-01-01', to: '9999-12-31' }, 'UTC')).toThrow(/to 2999-12-31/)
  })

  test('IN-25: a zone that does not exist', () => {
    expect(() => resolve({ preset: '7d' }, 'Mars/Olympus')).toThrow(expect.objectContaining({ code: 'invalid_zone' }))
  })
})

const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'Europe/Dublin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Havana',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Beirut',
  'Asia/Pyongyang',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
)
const epochDay = fc.integer({ min: 0, max: 25_000 })
const toDate = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10)
const ranges = fc.oneof(
  fc.constantFrom(...RANGE_PRESETS).map((preset) => ({ preset })),
  fc
    .tuple(epochDay, fc.integer({ min: 0, max: 44 }))
    .map(([day, more]) => ({ from: toDate(day), to: toDate(day + more) })),
)

describe('properties', () => {
  test('IN-26: the start of every local day is the one that Temporal knows', () => {
    fc.assert(
      fc.property(zones, epochDay, (zone, day) => {
        const expected = Temporal.PlainDate.from(toDate(day)).toZonedDateTime(zone).epochMilliseconds
        const table = getZoneTable(zone, day * DAY_MS, day * DAY_MS)
        expect(startOfDay(table, day)).toBe(expected)
        expect(dayAt(table, expected)).toBeGreaterThanOrEqual(day)
      }),
      { numRuns: 1000 },
    )
  })

  test('IN-26: edges ascend strictly and cover the range exactly, also of the previous period', () => {
    fc.assert(
      fc.property(
        zones,
        ranges,
        fc.constantFrom(...GRANULARITIES, 'auto' as const),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 2_100_000_000_000 }),
        fc.integer({ min: 1, max: 12 }),
        (zone, range, granularity, weekStart, now, fiscalYearStart) => {
          // Minutes and hours of many days cost time, and prove no more than those of a few.
          const isShort = !('preset' in range) || ['60m', '24h', 'today', '7d', 'week'].includes(range.preset)
          fc.pre(isShort || !['minute', 'quarter_hour', 'hour'].includes(granularity))
          fc.pre(granularity !== 'minute' || !('from' in range) || range.from === range.to)
          const firstPointAt = now - 400 * DAY_MS
          const options = { granularity, weekStart, fiscalYearStart, now, firstPointAt, bucketsMax: 11_000 }
          const result = resolve(range, zone, options)
          expectCovering(result.edges, result.from, result.to)
          const before = resolveComparison(result, 'previous_period', now)
          if (!before) return
          expectCovering(before.edges, before.from, before.edges.at(-1) ?? 0)
          expect(before.to).toBeGreaterThan(before.from)
          expect(before.to).toBeLessThanOrEqual(result.from)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('auto never answers more buckets than it promises, months apart', () => {
    fc.assert(
      fc.property(zones, ranges, (zone, range) => {
        const { edges, granularity } = resolve(range, zone, { granularity: 'auto', firstPointAt: 0 })
        expect(edges.length - 1).toBeLessThanOrEqual(granularity === 'month' ? BUCKETS_MAX : AUTO_BUCKETS_MAX + 2)
      }),
    )
  })

  function expectCovering(edges: number[], from: number, to: number) {
    expect(edges[0]).toBe(from)
    expect(edges.at(-1)).toBe(to)
    // One assertion for all of them: thousands would take longer than what they prove.
    expect(edges.findIndex((edge, i) => i > 0 && edge <= (edges[i - 1] ?? 0))).toBe(-1)
  }
})

test('a year of day edges costs less than two milliseconds', () => {
  const run = () => resolve({ from: '2026-01-01', to: '2026-12-31' }, 'America/Denver').edges.length
  expect(run()).toBe(366)
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  // The quickest of nine: other processes of the machine can only make a run slower.
  expect(Math.min(...times)).toBeLessThan(2)
})
