/**
 * Logarithmic bins: a distribution as counts of values that lie within 1 % of each other. The mapping is that of DDSketch
 * (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019);
 * merging is adding up counts, so a table holds it.
 *
 * A bin is an int4. Positive values: `ceil(ln v / ln γ) + 40,000`, which is above zero for every float64. Zero is bin 0.
 * Negative values: the bin of the opposite, negated. So bins are in the order of their values.
 */

/** Relative distance of a value to the representative of its bin. */
export const BIN_ACCURACY = 0.01
const GAMMA = (1 + BIN_ACCURACY) / (1 - BIN_ACCURACY)
const LN_GAMMA = Math.log(GAMMA)
/** ln of a float64 lies between -745 and 710, which is -37,222 and 35,489 in powers of γ. */
const OFFSET = 40_000
const ZERO_BIN = 0

export interface Bins {
  /** Ascending. */
  bins: number[]
  counts: number[]
}

/** `value` is finite. */
export function binOf(value: number): number {
  if (value === 0) return ZERO_BIN
  const bin = Math.ceil(Math.log(Math.abs(value)) / LN_GAMMA) + OFFSET
  return value > 0 ? bin : -bin
}

/** The value that stands for a bin: within 1 % of everything in it. */
export function valueOfBin(bin: number): number {
  if (bin === ZERO_BIN) return 0
  // The sum of the logarithms first: γ^k alone leaves the range of a float64 a step before its bin does.
  const size = Math.exp((Math.abs(bin) - OFFSET) * LN_GAMMA + Math.log(2 / (1 + GAMMA)))
  return Math.sign(bin) * Math.min(size, Number.MAX_VALUE)
}

/** The same mapping in SQL, over a float8 column named `value`. The logarithms may differ in the last digit, which moves a value on an edge to the neighbour. */
export const BIN_OF_VALUE = `(CASE WHEN value = 0 THEN 0
  ELSE sign(value)::int4 * (ceil(ln(abs(value)) / ${LN_GAMMA})::int4 + ${OFFSET}) END)`

/**
 * Quantiles (each between 0 and 1) of counted bins, interpolated like those of the values themselves: within 1 % of them,
 * and where the neighbours have different signs within 1 % of the larger. Null when nothing was counted.
 */
export function quantilesOf({ bins, counts }: Bins, quantiles: readonly number[]): number[] | null {
  const ends: number[] = []
  let total = 0
  for (const count of counts) {
    total += count
    ends.push(total)
  }
  if (total === 0) return null
  const at = (rank: number) => valueOfBin(bins[firstAbove(ends, rank)] as number)
  return quantiles.map((quantile) => {
    const rank = quantile * (total - 1)
    const low = at(Math.floor(rank))
    const high = at(Math.ceil(rank))
    return low + (high - low) * (rank - Math.floor(rank))
  })
}

function firstAbove(ends: readonly number[], rank: number): number {
  let low = 0
  let high = ends.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ends[middle] as number) > rank) high = middle
    else low = middle + 1
  }
  return low
}

/** A distribution that arrived counted, as the histogram table keeps it. */
export interface BinnedHistogram extends Bins {
  count: number
  /** As told; else the ends of what the buckets leave possible. Null when nothing was counted. */
  min: number | null
  max: number | null
}

interface Extremes {
  min?: number | null | undefined
  max?: number | null | undefined
}

/**
 * A histogram with explicit bounds (OTLP, Prometheus). `bounds` are the ascending upper ends, included; `counts` has one
 * more, for what lies above the last bound. They are not cumulative. A bound of +Inf (Prometheus) is left out.
 *
 * Which values a bucket holds nobody knows: they are spread evenly over it, so that a quantile is as exact as the width
 * of its bucket. The lowest bucket begins at `min`, or else at 0 (or its own bound, when that is not above 0); the
 * highest ends at `max`, or else at its own bound, as Prometheus' histogram_quantile has it.
 */
export function binsOfBuckets(
  bounds: readonly number[],
  counts: readonly number[],
  known: Extremes = {},
): BinnedHistogram {
  const spread = new Spread(known)
  const lowest = bounds[0] ?? known.min ?? known.max ?? 0
  const highest = bounds.at(-1) ?? known.max ?? known.min ?? 0
  counts.forEach((count, i) => {
    const low = i === 0 ? (known.min ?? Math.min(0, lowest)) : (bounds[i - 1] as number)
    const high = bounds[i] ?? known.max ?? highest
    // Below 0 the lowest bucket has no end to be spread from.
    if (i === 0 && known.min == null && lowest <= 0) spread.add(lowest, lowest, count)
    else spread.add(low, Math.max(low, high), count)
  })
  return spread.finish()
}

/** Any buckets that do not overlap: `counts[i]` values within `[lows[i], highs[i]]`, all ends finite. */
export function binsOfRanges(
  lows: readonly number[],
  highs: readonly number[],
  counts: readonly number[],
  known: Extremes = {},
): BinnedHistogram {
  const spread = new Spread(known)
  counts.forEach((count, i) => {
    spread.add(lows[i] as number, highs[i] as number, count)
  })
  return spread.finish()
}

/** The counts of consecutive buckets, of which the first has the index `offset`. */
export interface ExponentialBuckets {
  offset: number
  counts: readonly number[]
}

export interface ExponentialHistogram extends Extremes {
  scale: number
  zeroCount: number
  positive?: ExponentialBuckets | undefined
  negative?: ExponentialBuckets | undefined
}

/**
 * An exponential histogram of OTLP: bucket i holds the sizes in `(base^i, base^(i + 1)]`, base = 2^(2^-scale). From scale
 * 6 on (base 1.011) its buckets are narrower than a bin, and the error is at most the two widths together; wider ones are
 * spread evenly.
 */
export function binsOfExponential(histogram: ExponentialHistogram): BinnedHistogram {
  const { scale, zeroCount, positive, negative } = histogram
  const spread = new Spread(histogram)
  const bound = (index: number) => Math.min(2 ** (index * 2 ** -scale), Number.MAX_VALUE)
  negative?.counts.forEach((count, i) => {
    spread.add(-bound(negative.offset + i + 1), -bound(negative.offset + i), count)
  })
  spread.add(0, 0, zeroCount)
  positive?.counts.forEach((count, i) => {
    spread.add(bound(positive.offset + i), bound(positive.offset + i + 1), count)
  })
  return spread.finish()
}

/** Places of a bucket that its values are put to: a bucket that is 64 times as wide as a bin is wide enough to know little. */
const PLACES_MAX = 64

class Spread {
  readonly #known: Extremes
  readonly #counts = new Map<number, number>()
  #low = Number.POSITIVE_INFINITY
  #high = Number.NEGATIVE_INFINITY
  #count = 0

  constructor(known: Extremes) {
    this.#known = known
  }

  /** Values of `[low, high]`: at the middle of as many equal parts as there are values. */
  add(low: number, high: number, count: number): void {
    if (!(count > 0)) return
    const from = Math.max(low, this.#known.min ?? low)
    const to = Math.max(from, Math.min(high, this.#known.max ?? high))
    const places = Math.min(count, PLACES_MAX)
    for (let i = 0; i < places; i++) {
      const share = (i + 0.5) / places
      // Not from + (to - from) * share: the difference of the largest two floats is none.
      this.#put(
        binOf(from * (1 - share) + to * share),
        Math.floor((count * (i + 1)) / places) - Math.floor((count * i) / places),
      )
    }
    this.#low = Math.min(this.#low, from)
    this.#high = Math.max(this.#high, to)
    this.#count += count
  }

  #put(bin: number, count: number): void {
    this.#counts.set(bin, (this.#counts.get(bin) ?? 0) + count)
  }

  finish(): BinnedHistogram {
    const sorted = [...this.#counts].sort(([a], [b]) => a - b)
    return {
      count: this.#count,
      min: this.#count === 0 ? null : (this.#known.min ?? this.#low),
      max: this.#count === 0 ? null : (this.#known.max ?? this.#high),
      bins: sorted.map(([bin]) => bin),
      counts: sorted.map(([, count]) => count),
    }
  }
}
