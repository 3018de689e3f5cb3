/** Native histograms of Prometheus: one sample is a whole distribution in exponential or custom buckets. */
import { type ExponentialRun, toBuckets, toHistogram } from '../buckets'
import type { Buckets, Fault } from '../columns'
import { type AgentPoints, isFault, toSeries } from './agent-points'
import { toInteger } from './int64'
import type { RemoteSeries } from './prometheus'
import type { RemoteHistogram } from './prometheus-schema'

const CUSTOM_BUCKETS = -53
/** The exponential schemas that there are. */
const SCHEMA_MIN = -9
const SCHEMA_MAX = 52
const GAUGE = 3
/** Prometheus itself scrapes at most 160 in each direction by default. */
const BUCKETS_MAX = 1_000
/** A whole number that a float64 stands for: floats of recording rules are counts divided by a time. */
const WHOLE = 1e-9

export function addNativeHistograms(
  points: AgentPoints,
  series: RemoteSeries,
  histograms: readonly RemoteHistogram[],
): void {
  if (histograms.length === 0) return
  points.beginList(series.pointer.replace(/samples$/, 'histograms'))
  const known = toSeries(series.name, series.labels)
  for (const histogram of histograms) {
    // A series that has ended says so with a sum that is the marker for it.
    if (Number.isNaN(histogram.sum)) {
      points.skip()
      continue
    }
    const buckets = isFault(known) ? known : readBuckets(histogram)
    if (isFault(known)) points.refuse(known)
    else if ('code' in buckets) points.refuse(buckets)
    else {
      const ts = toInteger(histogram.timestamp)
      const point = { series: known, ts, value: histogram.sum }
      const startMs = toInteger(histogram.startTimestamp ?? 0) || series.createdMs
      const isGauge = histogram.resetHint === GAUGE || series.type === 'gaugehistogram'
      const identity = isGauge ? 'overwrite' : 'cumulative'
      if (isGauge) points.add({ identity, ...point, histogram: toHistogram(buckets) })
      else points.add({ identity, ...point, startMs, buckets })
      points.hint(identity, series.name, { ...series.hint, kind: 'distribution' })
    }
  }
}

function readBuckets(histogram: RemoteHistogram): Buckets | Fault {
  const { schema, customValues } = histogram
  const positive = readRuns(histogram.positiveSpans, histogram.positiveDeltas, histogram.positiveCounts)
  const negative = readRuns(histogram.negativeSpans, histogram.negativeDeltas, histogram.negativeCounts)
  if ('code' in positive) return positive
  if ('code' in negative) return negative
  if (schema === CUSTOM_BUCKETS) return customBuckets(customValues, positive)
  if (schema < SCHEMA_MIN || schema > SCHEMA_MAX) return invalid(`There is no schema ${schema}.`)
  const zeroCount = toWhole(
    histogram.zeroCount === 'zeroCountFloat' ? histogram.zeroCountFloat : toInteger(histogram.zeroCountInt),
  )
  if (zeroCount === null) return NOT_WHOLE
  // Its bucket i ends at base^i; ours begin there.
  const shift = (runs: ExponentialRun[]) => runs.map(({ offset, counts }) => ({ offset: offset - 1, counts }))
  return toBuckets({
    scale: schema,
    zeroCount,
    positive: shift(positive),
    negative: shift(negative),
    min: null,
    max: null,
  })
}

/** Integers arrive as differences to the bucket before, floats as they are. */
function readRuns(
  spans: RemoteHistogram['positiveSpans'],
  deltas: RemoteHistogram['positiveDeltas'],
  floats: readonly number[],
): ExponentialRun[] | Fault {
  const size = spans.reduce((sum, { length }) => sum + length, 0)
  if (size > BUCKETS_MAX) return invalid(`A histogram has at most ${BUCKETS_MAX} buckets.`)
  if (size !== (deltas.length || floats.length))
    return invalid('The spans of a histogram are not those of its buckets.')
  let at = 0
  let index = 0
  let count = 0
  const runs: ExponentialRun[] = []
  for (const { offset, length } of spans) {
    index += offset
    const counts: number[] = []
    for (let i = 0; i < length; i++, at++) {
      const next = deltas.length > 0 ? count + toInteger(deltas[at] ?? 0) : toWhole(floats[at] ?? 0)
      if (next === null || next < 0) return NOT_WHOLE
      count = next
      counts.push(count)
    }
    runs.push({ offset: index, counts })
    index += length
  }
  return runs
}

function customBuckets(bounds: readonly number[], runs: readonly ExponentialRun[]): Buckets | Fault {
  if (bounds.length > BUCKETS_MAX) return invalid(`A histogram has at most ${BUCKETS_MAX} buckets.`)
  const all = [...bounds, Number.POSITIVE_INFINITY]
  if (bounds.some((bound, i) => !(bound < (all[i + 1] as number)))) return invalid('The bounds of a histogram ascend.')
  const counts = new Array<number>(all.length).fill(0)
  for (const run of runs) {
    for (let i = 0; i < run.counts.length; i++) {
      if (counts[run.offset + i] === undefined) return invalid('A histogram has more buckets than bounds.')
      counts[run.offset + i] = run.counts[i] as number
    }
  }
  return { bounds: all, lowers: null, counts, isExponential: false, min: null, max: null }
}

/** Null when it is none: a rate of a histogram is no distribution that could be counted. */
function toWhole(count: number): number | null {
  const whole = Math.round(count)
  return Number.isSafeInteger(whole) && Math.abs(count - whole) <= WHOLE * Math.max(1, whole) ? whole : null
}

const invalid = (detail: string): Fault => ({ path: '', code: 'invalid_histogram', detail })
const NOT_WHOLE = invalid('The counts of a histogram are whole numbers from 0.')
