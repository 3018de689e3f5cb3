import { expect, test } from 'vitest'
import { formatAge, formatStopwatch } from './time'

const NOW = 1_700_000_000_000

test.each([
  [0, '0 s ago'],
  [59_999, '59 s ago'],
  [60_000, '1 min ago'],
  [3_599_999, '59 min ago'],
  [3_600_000, '1 h ago'],
  [26 * 3_600_000, '26 h ago'],
  [3 * 86_400_000, '3 days ago'],
  [-5_000, '0 s ago'],
])('an age of %i ms reads %s', (age, text) => {
  expect(formatAge(NOW - age, NOW)).toBe(text)
})

test('a stopwatch counts minutes past the hour', () => {
  expect(formatStopwatch(42_900)).toBe('0:42')
  expect(formatStopwatch(3_725_000)).toBe('62:05')
})
