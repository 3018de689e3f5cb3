import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lastRun, latestPeriod, nextRun, periodDays, periodFor } from './schedule'
import type { ReportSchedule } from './schema'

const BERLIN = 'Europe/Berlin'
const daily = (hour: number, minute: number, zone = BERLIN): ReportSchedule => ({
  frequency: 'daily',
  hour,
  minute,
  zone,
})
const monthly = (day: number, zone = BERLIN): ReportSchedule => ({
  frequency: 'monthly',
  day,
  hour: 8,
  minute: 0,
  zone,
})
const weekly = (weekday: number, zone = BERLIN): ReportSchedule => ({
  frequency: 'weekly',
  weekday,
  hour: 8,
  minute: 0,
  zone,
})

function runsBetween(schedule: ReportSchedule, from: string, to: string): string[] {
  const runs: string[] = []
  for (let at = nextRun(schedule, new Date(from)); at < new Date(to); at = nextRun(schedule, at))
    runs.push(at.toISOString())
  return runs
}

describe('clock changes', () => {
  test('JB-03: 02:30 in Berlin runs exactly once on 2026-03-29, as much later as the clock jumped', () => {
    expect(runsBetween(daily(2, 30), '2026-03-28T12:00Z', '2026-03-30T12:00Z')).toEqual([
      '2026-03-29T01:30:00.000Z', // 03:30 CEST, for 02:30 that never comes
      '2026-03-30T00:30:00.000Z',
    ])
  })

  test('JB-03: 02:30 in Berlin runs exactly once on 2026-10-25, the first time it happens', () => {
    expect(runsBetween(daily(2, 30), '2026-10-24T12:00Z', '2026-10-26T12:00Z')).toEqual([
      '2026-10-25T00:30:00.000Z', // 02:30 CEST; 02:30 CET an hour later is not asked again
      '2026-10-26T01:30:00.000Z',
    ])
  })

  test('a day of 23 or 25 hours is covered whole', () => {
    const spring = periodFor(daily(8, 0), new Date('2026-03-30T06:00Z'))
    expect(spring.to.getTime() - spring.from.getTime()).toBe(23 * 3_600_000)
    const autumn = periodFor(daily(8, 0), new Date('2026-10-26T07:00Z'))
    expect(autumn.to.getTime() - autumn.from.getTime()).toBe(25 * 3_600_000)
  })

  test('a time that the clock skips over midnight still covers the day it was planned for', () => {
    // Nuuk jumps from 23:00 to 00:00 on 2026-03-28.
    const schedule = daily(23, 30, 'America/Nuuk')
    const pushed = nextRun(schedule, new Date('2026-03-28T12:00Z'))
    expect(pushed.toISOString()).toBe('2026-03-29T01:30:00.000Z')
    expect(periodFor(schedule, pushed)).toMatchObject({ firstDay: '2026-03-27', lastDay: '2026-03-27' })
  })
})

describe('months and weeks', () => {
  test('JB-09: day 31 runs on the last day of every month', () => {
    const days = runsBetween(monthly(31), '2026-01-01T00:00Z', '2026-07-01T00:00Z').map((at) => at.slice(0, 10))
    expect(days).toEqual(['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31', '2026-06-30'])
  })

  test('JB-09: day 29 runs on 29 February in a leap year and on the 28th in the others', () => {
    expect(nextRun(monthly(29), new Date('2028-02-01T00:00Z')).toISOString()).toBe('2028-02-29T07:00:00.000Z')
    expect(nextRun(monthly(29), new Date('2026-02-01T00:00Z')).toISOString()).toBe('2026-02-28T07:00:00.000Z')
  })

  test('JB-09: a monthly run covers the calendar month before, also on the last day of a month', () => {
    expect(periodFor(monthly(1), new Date('2026-03-01T07:00Z'))).toMatchObject({
      firstDay: '2026-02-01',
      lastDay: '2026-02-28',
    })
    expect(periodFor(monthly(31), new Date('2026-03-31T06:00Z'))).toMatchObject({
      firstDay: '2026-02-01',
      lastDay: '2026-02-28',
    })
  })

  test('a weekly run on Monday covers the ISO week before, on another day the seven days up to it', () => {
    expect(periodFor(weekly(1), new Date('2025-11-17T07:00Z'))).toMatchObject({
      firstDay: '2025-11-10',
      lastDay: '2025-11-16',
    })
    expect(periodFor(weekly(4), new Date('2025-11-20T07:00Z'))).toMatchObject({
      firstDay: '2025-11-13',
      lastDay: '2025-11-19',
    })
  })

  test('sending now shows the last complete period and never the running one', () => {
    const thursday = new Date('2025-11-20T10:00Z')
    expect(latestPeriod(weekly(1), thursday)).toMatchObject({ firstDay: '2025-11-10', lastDay: '2025-11-16' })
    expect(latestPeriod(daily(18, 0), thursday)).toMatchObject({ firstDay: '2025-11-19', lastDay: '2025-11-19' })
    expect(latestPeriod(monthly(5), thursday)).toMatchObject({ firstDay: '2025-10-01', lastDay: '2025-10-31' })
  })
})

const zones = fc.constantFrom(
  'UTC',
  BERLIN,
  'America/New_York',
  'America/Nuuk',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'America/Sao_Paulo',
)
const at = { hour: fc.integer({ min: 0, max: 23 }), minute: fc.integer({ min: 0, max: 59 }), zone: zones }
const schedules: fc.Arbitrary<ReportSchedule> = fc.oneof(
  fc.record({ frequency: fc.constant('daily' as const), ...at }),
  fc.record({ frequency: fc.constant('weekly' as const), weekday: fc.integer({ min: 1, max: 7 }), ...at }),
  fc.record({ frequency: fc.constant('monthly' as const), day: fc.integer({ min: 1, max: 31 }), ...at }),
)
const moments = fc.date({ min: new Date('2009-01-01T00:00Z'), max: new Date('2037-01-01T00:00Z'), noInvalidDate: true })

describe('properties', () => {
  test('the next run is later, and nothing lies between it and the last', () => {
    fc.assert(
      fc.property(schedules, moments, (schedule, moment) => {
        const next = nextRun(schedule, moment)
        expect(next.getTime()).toBeGreaterThan(moment.getTime())
        const last = lastRun(schedule, moment)
        expect(last.getTime()).toBeLessThanOrEqual(moment.getTime())
        expect(nextRun(schedule, last)).toEqual(next)
        expect(lastRun(schedule, next)).toEqual(next)
      }),
      { numRuns: 400 },
    )
  })

  test('the periods of consecutive runs follow each other without a gap and are over when the run comes', () => {
    fc.assert(
      fc.property(schedules, moments, (schedule, moment) => {
        const first = nextRun(schedule, moment)
        const second = nextRun(schedule, first)
        const period = periodFor(schedule, first)
        expect(period.to.getTime()).toBeLessThanOrEqual(first.getTime())
        expect(period.from.getTime()).toBeLessThan(period.to.getTime())
        expect(periodFor(schedule, second).from).toEqual(period.to)
        expect(periodDays(schedule.zone, period.from, period.to)).toEqual({
          firstDay: period.firstDay,
          lastDay: period.lastDay,
        })
      }),
      { numRuns: 400 },
    )
  })
})
