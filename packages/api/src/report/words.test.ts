import { expect, test } from 'vitest'
import { momentWords, periodWords, rangeWords, shortRangeWords } from './words'

test('periods read as people say them', () => {
  expect(periodWords('2025-11-10', '2025-11-16')).toBe('Week 46, Monday 10 to Sunday 16 November 2025')
  expect(periodWords('2025-11-16', '2025-11-16')).toBe('Sunday 16 November 2025')
  expect(periodWords('2025-10-01', '2025-10-31')).toBe('October 2025')
  expect(rangeWords('2025-10-30', '2025-11-05')).toBe('Thursday 30 October to Wednesday 5 November 2025')
  expect(rangeWords('2025-12-29', '2026-01-04')).toBe('Monday 29 December 2025 to Sunday 4 January 2026')
})

test('only seven days from a Monday are a week, numbered as ISO 8601 does', () => {
  expect(shortRangeWords('2025-12-29', '2026-01-04')).toBe('week 1')
  expect(shortRangeWords('2025-11-11', '2025-11-17')).toBe('Tuesday 11 to Monday 17 November 2025')
})

test('a moment is told in the zone of the report', () => {
  expect(momentWords(Date.parse('2025-11-17T07:00:01Z'), 'Europe/Berlin')).toBe('17 November 2025, 08:00:01')
})
