/** Distributions that arrive in the sender's buckets, counted into the log bins in which ours are kept. */
import type { Buckets, Histogram } from './columns'

export function toHistogram({ bounds, lowers, counts, min, max }: Buckets, sum: number): Histogram {
  void [bounds, lowers, counts, min, max, sum]
  return { count: 0, min, max, bins: [], counts: [] }
}
