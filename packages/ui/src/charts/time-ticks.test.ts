import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { zonedParts } from './calendar'
import { berlinDays } from './testing'
import { NARROW, timeTicks, WIDE } from './time-ticks'
import type { Granularity } from './types'

const BERLIN = 'Europe/Berlin'
const HOUR = 3_600_000
const starts = (edges: number[]) => edges.slice(0, -1)
const labels = (ticks: { label: string }[]) => ticks.map((tick) => tick.label)

describe('time axis', () => {
  test('thirty days tick on Mondays', () => {
    expect(labels(timeTicks(starts(berlinDays('2025-10-22', 30)), 'day', BERLIN, 'en-GB'))).toEqual([
      '27 Oct',
      '3 Nov',
      '10 Nov',
      '17 Nov',
    ])
  })

  test('a week names its days', () => {
    expect(labels(timeTicks(starts(berlinDays('2025-11-10', 7)), 'day', BERLIN, 'en-GB'))).toEqual([
      'Mon 10',
      'Tue 11',
      'Wed 12',
      'Thu 13',
      'Fri 14',
      'Sat 15',
      'Sun 16',
    ])
  })

  test('a day of hours ticks on the clock, and midnight names the day', () => {
    const from = berlinDays('2025-11-10', 1)[0] ?? 0
    const hours = Array.from({ length: 24 }, (_, index) => from + index * HOUR)
    expect(labels(timeTicks(hours, 'hour', BERLIN, 'en-GB'))).toEqual([
      '10 Nov',
      '04:00',
      '08:00',
      '12:00',
      '16:00',
      '20:00',
    ])
  })

  test('a week of hours across the end of summer time ticks on every midnight', () => {
    const days = berlinDays('2026-10-21', 7)
    const hours: number[] = []
    for (let at = days[0] ?? 0; at < (days[7] ?? 0); at += HOUR) hours.push(at)
    expect(hours).toHaveLength(169)
    const ticks = timeTicks(hours, 'hour', BERLIN, 'en-GB')
    expect(labels(ticks)).toEqual(['21 Oct', '22 Oct', '23 Oct', '24 Oct', '25 Oct', '26 Oct', '27 Oct'])
    expect(ticks.every((tick) => zonedParts(hours[tick.at] ?? 0, BERLIN).hour === 0)).toBe(true)
  })

  test('the hour that happens twice is labelled once', () => {
    const from = Date.parse('2026-10-24T23:00:00Z')
    const hours = Array.from({ length: 5 }, (_, index) => from + index * HOUR)
    expect(labels(timeTicks(hours, 'hour', BERLIN, 'en-GB'))).toEqual(['01:00', '02:00', '03:00', '04:00'])
  })

  test('a year of months ticks on months with their year', () => {
    const months = Array.from({ length: 12 }, (_, index) => Date.UTC(2026, index, 1))
    expect(labels(timeTicks(months, 'month', 'UTC', 'en-GB'))[0]).toBe('Jan 2026')
  })

  test('any range has at most the allowed labels, in order, never two alike beside each other', () => {
    const granularity = fc.constantFrom<Granularity>(
      'minute',
      'quarter_hour',
      'hour',
      'day',
      'week',
      'month',
      'quarter',
      'year',
    )
    const zone = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'America/Sao_Paulo',
    )
    const hours = {
      minute: 1 / 60,
      quarter_hour: 0.25,
      hour: 1,
      day: 24,
      week: 168,
      month: 730,
      quarter: 2190,
      year: 8760,
    }
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2_000_000 }),
        fc.integer({ min: 1, max: 400 }),
        granularity,
        zone,
        (hour, count, chosen, where) => {
          const step = HOUR * hours[chosen]
          const moments = Array.from({ length: count }, (_, index) => hour * HOUR + index * step)
          for (const bounds of [WIDE, NARROW]) {
            const ticks = timeTicks(moments, chosen, where, 'en-GB', bounds)
            expect(ticks.length).toBeGreaterThanOrEqual(1)
            expect(ticks.length).toBeLessThanOrEqual(bounds.max)
            for (const [index, tick] of ticks.entries()) {
              expect(tick.at).toBeLessThan(count)
              expect(tick.at).toBeGreaterThan(ticks[index - 1]?.at ?? -1)
              expect(tick.label).not.toBe(ticks[index - 1]?.label)
            }
          }
        },
      ),
      { numRuns: 150 },
    )
  })
})
