import { describe, expect, test } from 'vitest'
import { readView, todayIn, writeView } from './view-state'

const fallback = { range: { preset: '30d' as const }, granularity: 'auto' as const, compare: true }
const at = (text: string) => new URLSearchParams(text)

describe('the address of a dashboard', () => {
  test('an empty address shows the default of its owner', () => {
    expect(readView(at(''), fallback)).toEqual(fallback)
  })

  test.each([
    [{ range: { preset: '7d' as const }, granularity: 'auto' as const, compare: true }, 'range=7d'],
    [
      { range: { from: '2026-10-01', to: '2026-10-31' }, granularity: 'week' as const, compare: false },
      'from=2026-10-01&to=2026-10-31&by=week&compare=off',
    ],
    [fallback, ''],
  ])('what is written is read back: %j', (view, text) => {
    const written = writeView(at(''), view, fallback)
    expect(written.toString()).toBe(text)
    expect(readView(written, fallback)).toEqual(view)
  })

  test('a switch back to the default leaves nothing behind, and other parameters stay', () => {
    const search = at('widget=new&range=7d&compare=off')
    expect(writeView(search, fallback, fallback).toString()).toBe('widget=new')
  })

  test.each(['range=nonsense', 'from=2026-10-31&to=2026-10-01', 'from=x&to=y', 'by=second', 'compare=maybe'])(
    'a damaged address falls back: %s',
    (text) => {
      expect(readView(at(text), fallback)).toEqual(fallback)
    },
  )

  test('today is the day of the zone, not of the browser', () => {
    const now = new Date('2026-11-20T23:30:00Z')
    expect(todayIn('Europe/Berlin', now)).toBe('2026-11-21')
    expect(todayIn('America/New_York', now)).toBe('2026-11-20')
  })
})
