import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BIN_ACCURACY, binOf, binsOfBuckets, binsOfExponential, quantilesOf, valueOfBin } from './bins'

/** Below this size float64 itself has no two digits left. */
const NORMAL_MIN = 1e-300
const value = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((v) => v === 0 || Math.abs(v) > NORMAL_MIN)
/** A hair more than 1 %, for the rounding of the logarithms. */
const CLOSE = BIN_ACCURACY * (1 + 1e-9)

test('the representative of a bin is within 1 % of every value in it', () => {
  fc.assert(
    fc.property(value, (v) => {
      const bin = binOf(v)
      expect(Number.isInteger(bin) && Math.abs(bin) < 2 ** 31).toBe(true)
      expect(Math.abs(valueOfBin(bin) - v)).toBeLessThanOrEqual(CLOSE * Math.abs(v))
    }),
  )
})

test('bins are in the order of their values, and negatives mirror positives', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      if (a < b) expect(binOf(a)).toBeLessThanOrEqual(binOf(b))
      expect(binOf(-a) + binOf(a)).toBe(0)
    }),
  )
})

test('IN-04: zero, negative zero and the extremes have bins whose values are finite', () => {
  expect([binOf(0), binOf(-0), valueOfBin(0)]).toEqual([0, 0, 0])
  for (const v of [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, -Number.MIN_VALUE, 1e308]) {
    expect(Number.isFinite(valueOfBin(binOf(v)))).toBe(true)
    expect(Math.sign(binOf(v))).toBe(Math.sign(v))
  }
})

const exact = (sorted: number[], quantile: number) => {
  const rank = quantile * (sorted.length - 1)
  const low = sorted[Math.floor(rank)] as number
  return low + ((sorted[Math.ceil(rank)] as number) - low) * (rank - Math.floor(rank))
}

const count = (values: number[]) => {
  const counts = new Map<number, number>()
  for (const v of values) counts.set(binOf(v), (counts.get(binOf(v)) ?? 0) + 1)
  const sorted = [...counts].sort(([a], [b]) => a - b)
  return { bins: sorted.map(([bin]) => bin), counts: sorted.map(([, n]) => n) }
}

test('quantiles of bins are within 1 % of those of the values', () => {
  const positive = fc.double({ min: 1e-6, max: 1e12, noNaN: true })
  fc.assert(
    fc.property(
      fc.array(positive, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, q) => {
        const truth = exact(
          [...values].sort((a, b) => a - b),
          q,
        )
        const [answer = Number.NaN] = quantilesOf(count(values), [q]) ?? []
        expect(Math.abs(answer - truth)).toBeLessThanOrEqual(CLOSE * truth)
      },
    ),
  )
  expect(quantilesOf({ bins: [], counts: [] }, [0.5])).toBeNull()
})

test('explicit buckets keep every count, and a quantile lies in the bucket that holds it', () => {
  const bounds = [0.1, 0.5, 1, 10]
  const histogram = binsOfBuckets(bounds, [10, 80, 5, 4, 1], { min: 0.01, max: 42 })
  expect(histogram).toMatchObject({ count: 100, min: 0.01, max: 42 })
  expect(histogram.counts.reduce((a, b) => a + b, 0)).toBe(100)
  const [p5 = 0, p50 = 0, p93 = 0, p100 = 0] = quantilesOf(histogram, [0.05, 0.5, 0.93, 1]) ?? []
  expect(p5).toBeLessThan(0.101)
  expect(p50).toBeGreaterThan(0.25)
  expect(p50).toBeLessThan(0.35)
  expect(p93).toBeGreaterThan(0.5)
  expect(p93).toBeLessThan(1.01)
  expect(p100).toBeGreaterThan(10)
})

test('without known extremes the open buckets end at their bounds, and an empty histogram has none', () => {
  expect(binsOfBuckets([1, 2], [0, 0, 7])).toMatchObject({ count: 7, min: 2, max: 2 })
  expect(binsOfBuckets([-5, 2], [3, 0, 0])).toMatchObject({ bins: [binOf(-5)], min: -5, max: -5 })
  expect(binsOfBuckets([], [4], { min: 3, max: 3 })).toMatchObject({ bins: [binOf(3)], counts: [4] })
  expect(binsOfBuckets([1], [0, 0])).toEqual({ count: 0, min: null, max: null, bins: [], counts: [] })
})

test('no count is lost or invented, whatever the buckets', () => {
  const bounds = fc.uniqueArray(fc.double({ min: -1e300, max: 1e300, noNaN: true }), { maxLength: 8 })
  fc.assert(
    fc.property(bounds, fc.array(fc.nat(100_000), { minLength: 9, maxLength: 9 }), (unsorted, counts) => {
      const sorted = unsorted.map((b) => b + 0).sort((a, b) => a - b)
      const asked = counts.slice(0, sorted.length + 1)
      const histogram = binsOfBuckets(sorted, asked)
      const total = asked.reduce((a, b) => a + b, 0)
      expect(histogram.counts.reduce((a, b) => a + b, 0)).toBe(total)
      expect(histogram.bins.every(Number.isInteger)).toBe(true)
    }),
  )
})

test('an exponential histogram keeps its counts, signs and, at a fine scale, its values', () => {
  const index = Math.ceil(Math.log2(250) * 2 ** 10) - 1
  const histogram = binsOfExponential({
    scale: 10,
    zeroCount: 2,
    positive: { offset: index, counts: [5, 0] },
    negative: { offset: index, counts: [3] },
  })
  expect(histogram).toMatchObject({ count: 10, counts: [3, 2, 5] })
  const [low = 0, high = 0] = quantilesOf(histogram, [0, 1]) ?? []
  expect(Math.abs(high - 250)).toBeLessThan(250 * 0.012)
  expect(low).toBe(-high)
  expect(binsOfExponential({ scale: -10, zeroCount: 0, positive: { offset: 0, counts: [1] } }).count).toBe(1)
})
