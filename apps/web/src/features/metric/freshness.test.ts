import { describe, expect, test } from 'vitest'
import { formatCadence, formatExpected, isLate, splitCadence } from './freshness'

describe('the rhythm of a metric', () => {
  test.each([
    [400, 'many a second'],
    [1_000, 'every second'],
    [10_300, 'every 10 s'],
    [59_000, 'every minute'],
    [20 * 60_000, 'every 20 min'],
    [3_590_000, 'hourly'],
    [86_400_000, 'daily'],
    [3 * 86_400_000 + 5, 'every 3 days'],
    [7 * 86_400_000, 'weekly'],
  ])('%d ms between points is told as "%s"', (ms, text) => {
    expect(formatCadence(ms)).toBe(text)
  })

  test('what is overdue says what was expected', () => {
    expect(formatExpected(3_600_000)).toBe('hourly expected')
    expect(formatExpected(20_000)).toBe('20 s expected')
  })

  test('a metric is late after its own limit, and never without a rhythm or a point', () => {
    const lastPointAt = new Date(1_000_000)
    expect(isLate({ lastPointAt, lateAfterMs: 60_000 }, 1_060_000)).toBe(false)
    expect(isLate({ lastPointAt, lateAfterMs: 60_000 }, 1_060_001)).toBe(true)
    expect(isLate({ lastPointAt, lateAfterMs: null }, 9e12)).toBe(false)
    expect(isLate({ lastPointAt: null, lateAfterMs: 60_000 }, 9e12)).toBe(false)
  })

  test.each([
    [90, { count: 90, unitS: 1 }],
    [7_200, { count: 2, unitS: 3_600 }],
    [86_400, { count: 1, unitS: 86_400 }],
  ])('a form shows %d declared seconds in the largest unit without a rest', (seconds, split) => {
    expect(splitCadence(seconds)).toEqual(split)
  })
})
