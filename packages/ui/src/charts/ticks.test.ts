import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { niceScale } from './ticks'

const LINE = { zeroBased: false, isWhole: false, unit: 'none' } as const
const BAR = { ...LINE, zeroBased: true }

describe('value axis', () => {
  test.each([
    [
      [7_200, 14_200],
      [6000, 9000, 12_000, 15_000],
    ],
    [
      [4.7, 11.9],
      [0, 3, 6, 9, 12],
    ],
    [
      [100, 100],
      [90, 95, 100, 105, 110],
    ],
    [
      [0, 0],
      [0, 0.5, 1],
    ],
  ])('a line over %j', (values, ticks) => {
    expect(niceScale(values, LINE).ticks).toEqual(ticks)
  })

  test('bars start at zero, on either side', () => {
    expect(niceScale([900, 1000], BAR).ticks[0]).toBe(0)
    expect(niceScale([-900, -1000], BAR).ticks.at(-1)).toBe(0)
  })

  test('counts have no halves', () => {
    expect(niceScale([0, 1], { ...BAR, isWhole: true }).ticks).toEqual([0, 1, 2])
    expect(niceScale([0, 0], { ...BAR, isWhole: true }).ticks).toEqual([0, 1, 2])
  })

  test('durations step on clock values', () => {
    const minutes = niceScale([0, 55 * 60_000], { ...BAR, unit: 'duration_ms' }).ticks.map((at) => at / 60_000)
    expect(minutes).toEqual([0, 15, 30, 45, 60])
    expect(niceScale([0, 3_500], { ...BAR, unit: 'duration_s' }).ticks.map((at) => at / 60)).toEqual([
      0, 15, 30, 45, 60,
    ])
  })

  test('nothing measured still gives an axis', () => {
    expect(niceScale([null, null], LINE).ticks.length).toBeGreaterThanOrEqual(3)
  })

  test('ticks are sorted, three to five, without repeats, and enclose every value', () => {
    const value = fc.oneof(
      fc.double({ min: -1e12, max: 1e12, noNaN: true }),
      fc.double({ min: -1e300, max: 1e300, noNaN: true }),
      fc.integer({ min: -50, max: 50 }),
    )
    const unit = fc.constantFrom('none', 'duration_ms', 'duration_s', 'percent') as fc.Arbitrary<'none'>
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), fc.boolean(), unit, (values, zeroBased, chosen) => {
        const { ticks, domain } = niceScale(values, { zeroBased, isWhole: false, unit: chosen })
        expect(ticks.length).toBeGreaterThanOrEqual(3)
        expect(ticks.length).toBeLessThanOrEqual(5)
        expect(ticks.every((tick, index) => index === 0 || tick > (ticks[index - 1] ?? Number.POSITIVE_INFINITY))).toBe(
          true,
        )
        expect(domain[0]).toBeLessThanOrEqual(Math.min(...values))
        expect(domain[1]).toBeGreaterThanOrEqual(Math.max(...values))
        expect(domain[0]).toBeLessThan(domain[1])
        if (zeroBased) expect(domain[0] <= 0 && domain[1] >= 0).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test('whole ticks stay whole', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1 }), (values) => {
        const { ticks } = niceScale(values, { ...BAR, isWhole: true })
        expect(ticks.every(Number.isInteger)).toBe(true)
      }),
    )
  })
})
