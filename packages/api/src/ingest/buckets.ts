/** Distributions that arrive in the buckets of their sender, counted into the log bins in which ours are kept. */
import { binsOfBuckets, binsOfRanges } from '@trackable/db/points'
import type { Buckets, Histogram } from './columns'

/** `min` and `max` of the result are as told, or else the ends of what the buckets leave possible. */
export function toHistogram({ bounds, lowers, counts, min, max }: Buckets): Histogram {
  if (lowers !== null) return binsOfRanges(lowers, bounds, counts, { min, max })
  const finite = bounds.at(-1) === Number.POSITIVE_INFINITY ? bounds.slice(0, -1) : bounds
  return binsOfBuckets(finite, counts, { min, max })
}

/** A run of exponential buckets: bucket `offset + i` holds sizes within `(base^(offset + i), base^(offset + i + 1)]`. */
export interface ExponentialRun {
  offset: number
  counts: readonly number[]
}

export interface ExponentialBuckets {
  /** base = 2^(2^-scale) */
  scale: number
  zeroCount: number
  positive: readonly ExponentialRun[]
  negative: readonly ExponentialRun[]
  min: number | null
  max: number | null
}

/** Exponential buckets with their ends written out; empty ones are left out. */
export function toBuckets(histogram: ExponentialBuckets): Buckets {
  const { scale, zeroCount, positive, negative, min, max } = histogram
  const end = (index: number) => Math.min(2 ** (index * 2 ** -scale), Number.MAX_VALUE)
  const rows: { low: number; high: number; count: number }[] = []
  const take = (runs: readonly ExponentialRun[], toRow: (index: number) => { low: number; high: number }) => {
    for (const { offset, counts } of runs)
      counts.forEach((count, i) => {
        if (count > 0) rows.push({ ...toRow(offset + i), count })
      })
  }
  take(negative, (index) => ({ low: -end(index + 1), high: -end(index) }))
  if (zeroCount > 0) rows.push({ low: 0, high: 0, count: zeroCount })
  take(positive, (index) => ({ low: end(index), high: end(index + 1) }))
  rows.sort((a, b) => a.high - b.high)
  return {
    bounds: rows.map(({ high }) => high),
    lowers: rows.map(({ low }) => low),
    counts: rows.map(({ count }) => count),
    isExponential: true,
    min,
    max,
  }
}
