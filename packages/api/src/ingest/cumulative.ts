/**
 * Values that count since a start, turned into differences. Pure: the writer brings the states, locked, and stores what
 * comes out in the transaction that it locked them in; so a value adds to the totals once, whatever is sent again,
 * however it is split, and whichever process dies in between.
 *
 * A stream is a series together with the start it counts from, and each stream has a state of its own. A new start is
 * then a new stream that counts from 0, and two processes that report the same series without a tag that tells them
 * apart (nothing obliges an OpenTelemetry SDK to send `service.instance.id`) do not reset each other at every turn.
 * That a point was counted is known from its stream's state, and not from its key: store the differences like points
 * without an id.
 *
 * What a stream adds up to is its last value minus its first, or its last value where the start is known. For this the
 * values of a stream have to arrive in the order of their time: an earlier one than the last is taken for one that was
 * seen, which costs nothing unless the stream was reset in between. Differences of whole numbers are exact below 2^53;
 * others are rounded once each, like any subtraction of float64.
 */

import { toHistogram } from './buckets'
import type { Buckets, Histogram, ParsedPoints } from './columns'

/** What a stream stood at: a row of cumulative_state. */
export interface CumulativeState {
  /** Epoch ms. */
  tsMs: number
  value: number
  /** The distribution, where it is one. `bounds` are upper ends, ascending; the last may be Infinity. */
  bounds: number[] | null
  counts: number[] | null
}

/** One value of a stream. Of a distribution, `value` is the sum. */
export interface CumulativeRow {
  /** Epoch ms with microseconds as the fraction. */
  ts: number
  value: number
  buckets: Buckets | null
}

/** What has to be stored for a row: a point, or a distribution whose sum is `value`. */
export interface Difference<Row extends CumulativeRow = CumulativeRow> {
  row: Row
  value: number
  histogram: Histogram | null
}

export interface Advance<Row extends CumulativeRow = CumulativeRow> {
  /** In the order of time. Rows that add nothing are left out. */
  differences: Difference<Row>[]
  /** Rows that were seen before: not later than the state. The answer counts them as duplicates, all others as accepted. */
  seen: Row[]
  /** What the stream stands at now. */
  state: CumulativeState
}

/**
 * Takes the rows of one stream, in any order, at least one. `startMs` is what the stream counts from, 0 where the
 * protocol tells none; the first value then only says where counting begins, because nobody knows how much of it had
 * been counted when the sender was first heard of. `state` is null for a stream that was never seen.
 */
export function advance<Row extends CumulativeRow>(
  state: CumulativeState | null,
  startMs: number,
  rows: readonly Row[],
): Advance<Row> {
  const differences: Difference<Row>[] = []
  const seen: Row[] = []
  let last = state
  // Of rows of the same instant the largest is the latest: values only grow.
  for (const row of [...rows].sort((a, b) => a.ts - b.ts || b.value - a.value)) {
    if (last !== null && row.ts <= last.tsMs) {
      seen.push(row)
      continue
    }
    const difference = last !== null ? subtract(row, last) : startMs > 0 ? whole(row) : null
    if (difference) differences.push(difference)
    last = toState(row)
  }
  if (last === null) throw new Error('a stream advances by at least one row')
  return { differences, seen, state: last }
}

const toState = ({ ts, value, buckets }: CumulativeRow): CumulativeState => ({
  tsMs: ts,
  value,
  bounds: buckets?.bounds ?? null,
  counts: buckets?.counts ?? null,
})

/** A value that counts from 0. Null when that is nothing. */
function whole<Row extends CumulativeRow>(row: Row): Difference<Row> | null {
  const { value, buckets } = row
  if (buckets === null) return value === 0 ? null : { row, value, histogram: null }
  const histogram = toHistogram(buckets)
  return histogram.count === 0 ? null : { row, value, histogram }
}

function subtract<Row extends CumulativeRow>(row: Row, last: CumulativeState): Difference<Row> | null {
  const { value, buckets } = row
  if (buckets === null) {
    // Below the last value: the sender began again at 0. NaN cannot be here, the parsers refuse it.
    if (value < last.value) return whole(row)
    return value === last.value ? null : { row, value: value - last.value, histogram: null }
  }
  const difference = subtractCounts(buckets, last)
  if (difference === null) return whole(row)
  const histogram = toHistogram(difference)
  return histogram.count === 0 ? null : { row, value: value - last.value, histogram }
}

/** Null when the distribution is no continuation of the last one: it holds less than before, somewhere. */
function subtractCounts(buckets: Buckets, last: CumulativeState): Buckets | null {
  const { bounds: lastBounds, counts: lastCounts } = last
  if (lastBounds === null || lastCounts === null) return null
  const now = coarsen(buckets, lastBounds)
  const before = regroup(lastBounds, lastCounts, now.bounds)
  if (before === null) return null
  const counts = now.counts.map((count, i) => count - (before[i] as number))
  return counts.some((count) => count < 0) ? null : { ...now, counts, min: null, max: null }
}

/**
 * The buckets whose ends both have. Explicit bounds change when somebody edits them, and when a request brings a part of
 * the buckets only; the total is what both count alike. Exponential ones are never finer than the last.
 */
function coarsen(buckets: Buckets, lastBounds: readonly number[]): Buckets {
  const { bounds, isExponential } = buckets
  if (isExponential || (bounds.length === lastBounds.length && bounds.every((one, i) => one === lastBounds[i])))
    return buckets
  const known = new Set(lastBounds)
  const common = bounds.filter((bound) => known.has(bound))
  const counts = regroup(bounds, buckets.counts, common)
  return counts === null ? buckets : { ...buckets, bounds: common, counts }
}

/** Two ends of the same exponential bucket differ by the rounding of a power. */
const SAME_BOUND = 1e-9

/**
 * Counts in buckets that hold the old ones whole: an exponential histogram halves its resolution when its values spread,
 * and leaves out buckets that are empty. Null when a count lies above all new buckets.
 */
function regroup(bounds: readonly number[], counts: readonly number[], into: readonly number[]): number[] | null {
  const regrouped = new Array<number>(into.length).fill(0)
  let at = 0
  for (let i = 0; i < bounds.length; i++) {
    const bound = bounds[i] as number
    while (
      at < into.length &&
      (into[at] as number) < bound - SAME_BOUND * (Number.isFinite(bound) ? Math.abs(bound) : 0)
    )
      at++
    if (counts[i] === 0) continue
    if (at === into.length) return null
    regrouped[at] = (regrouped[at] as number) + (counts[i] as number)
  }
  return regrouped
}

/** A row in its place: which request of the flush it is of, and which of its rows. */
export interface PlacedRow extends CumulativeRow {
  request: number
  /** Into the columns of the request. */
  place: number
}

export interface Stream {
  productId: number
  seriesId: number
  startMs: number
  rows: PlacedRow[]
}

/** What a request brings: its columns, and the ids of its series by place, 0 for one that was refused. */
export interface CumulativeRequest {
  productId: number
  parsed: ParsedPoints
  seriesIds: ArrayLike<number>
}

/**
 * The streams of a flush, sorted by product, series and start: locked in this order, two writers never wait for each
 * other in a circle. Requests of another identity are passed over, so that `request` counts all that were handed in.
 */
export function collectStreams(requests: readonly CumulativeRequest[]): Stream[] {
  const streams = new Map<string, Stream>()
  requests.forEach(({ productId, parsed, seriesIds }, request) => {
    if (parsed.identity !== 'cumulative') return
    for (let place = 0; place < parsed.length; place++) {
      const seriesId = seriesIds[parsed.seriesOf[place] as number] as number
      if (seriesId === 0) continue
      const startMs = parsed.startTs?.[place] ?? 0
      const key = `${productId} ${seriesId} ${startMs}`
      let stream = streams.get(key)
      if (!stream) {
        stream = { productId, seriesId, startMs, rows: [] }
        streams.set(key, stream)
      }
      const ts = parsed.ts[place] as number
      const value = parsed.value[place] as number
      stream.rows.push({ request, place, ts, value, buckets: parsed.buckets?.[place] ?? null })
    }
  })
  return [...streams.values()].sort(
    (a, b) => a.productId - b.productId || a.seriesId - b.seriesId || a.startMs - b.startMs,
  )
}
