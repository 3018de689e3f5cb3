import type { ReportSchedule } from '@trackable/api/client'
import { describe, expect, it } from 'vitest'
import {
  cityOf,
  describeSchedule,
  formatPeriod,
  formatUntil,
  namePeriod,
  ordinal,
  parseTime,
  withFrequency,
} from './schedule-words'

const at = { hour: 8, minute: 5, zone: 'Europe/Berlin' }
const weekly: ReportSchedule = { frequency: 'weekly', weekday: 1, ...at }

describe('a schedule in words', () => {
  it.each<[ReportSchedule, string]>([
    [{ frequency: 'daily', ...at }, 'Daily, 08:05'],
    [weekly, 'Mondays, 08:05'],
    [{ frequency: 'weekly', ...at, weekday: 7 }, 'Sundays, 08:05'],
    [{ frequency: 'monthly', ...at, day: 1 }, '1st of the month, 08:05'],
    [{ frequency: 'monthly', ...at, day: 31 }, 'Last day of the month, 08:05'],
  ])('%j reads %s', (schedule, words) => {
    expect(describeSchedule(schedule)).toBe(words)
  })

  it('gives every day of the month its English ending', () => {
    expect([1, 2, 3, 4, 11, 12, 13, 21, 22, 23].map(ordinal)).toEqual(
      '1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 23rd'.split(' '),
    )
  })

  it('names a zone after its city', () => {
    expect([cityOf('America/Argentina/Buenos_Aires'), cityOf('UTC')]).toEqual(['Buenos Aires', 'UTC'])
  })
})

describe('changing a schedule', () => {
  it('keeps time and zone when the rhythm changes, and nothing of the old rhythm', () => {
    expect(withFrequency(weekly, 'monthly')).toEqual({ frequency: 'monthly', day: 1, ...at })
    expect(withFrequency(weekly, 'daily')).toEqual({ frequency: 'daily', ...at })
    expect(withFrequency(weekly, 'weekly')).toBe(weekly)
  })

  it('reads a time field, with or without seconds, and nothing from an unfinished one', () => {
    expect(parseTime('07:30')).toEqual({ hour: 7, minute: 30 })
    expect(parseTime('23:59:10')).toEqual({ hour: 23, minute: 59 })
    expect(parseTime('')).toBeNull()
  })
})

describe('the days that a run covers', () => {
  const period = (from: string, to: string) => ({ periodFrom: new Date(from), periodTo: new Date(to) })

  it('are cut in the zone of the schedule, the last one included', () => {
    const week = formatPeriod(period('2025-11-16T23:00:00Z', '2025-11-23T23:00:00Z'), 'Europe/Berlin')
    expect(week).toMatch(/17\D+23/)
    expect(formatPeriod(period('2025-10-25T22:00:00Z', '2025-10-26T23:00:00Z'), 'Europe/Berlin')).toMatch(/26/)
  })

  it.each([
    ['2025-11-16T23:00:00Z', 'week 47'],
    ['2026-12-27T23:00:00Z', 'week 53'],
    ['2025-12-28T23:00:00Z', 'week 1'],
  ])('a week that begins on %s is ISO %s', (from, name) => {
    expect(namePeriod(weekly, period(from, from))).toBe(name)
  })

  it('a week that does not begin on Monday has no number', () => {
    expect(namePeriod({ ...weekly, weekday: 4 }, period('2025-11-19T23:00:00Z', '2025-11-26T23:00:00Z'))).toBeNull()
  })
})

it('says how long it is until a run', () => {
  const now = Date.parse('2025-11-20T08:00:00Z')
  const until = (hours: number) => formatUntil(new Date(now + hours * 3_600_000), now)
  expect([until(0.2), until(5), until(30), until(96)]).toEqual(['in 12 min', 'in 5 h', 'in 30 h', 'in 4 days'])
})
