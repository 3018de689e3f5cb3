/** OTLP metrics, protobuf and JSON: one schema decodes both, and what follows is the same. */
import { valueOfBin } from '@trackable/db/points'
import { toBuckets, toHistogram } from '../buckets'
import type { Buckets, Fault, ParsedPoints } from '../columns'
import { AgentPoints, type AgentSeries, isFault, toSeries } from './agent-points'
import { nanosToMs, toInteger } from './int64'
import { readAttributes, readResource } from './otlp-attributes'
import { decodeOtlp, decodeOtlpJson } from './otlp-decode'
import type {
  OtlpBuckets,
  OtlpExponentialHistogram,
  OtlpHistogram,
  OtlpMetric,
  OtlpNumber,
  OtlpPoint,
  OtlpRequest,
  OtlpSummary,
} from './otlp-schema'

/** `now` is epoch ms. Throws a DomainError when the body as a whole cannot be read. */
export function parseOtlp(body: Uint8Array, now: number): ParsedPoints[] {
  return readRequest(decodeOtlp(body), body.byteLength, now)
}

export function parseOtlpJson(body: Uint8Array, now: number): ParsedPoints[] {
  return readRequest(decodeOtlpJson(body), body.byteLength, now)
}

const DELTA = 1
const CUMULATIVE = 2
/** DataPointFlags: the point says that there is no value. */
const NO_RECORDED_VALUE = 1
/** SDKs stop at 160 in each direction. Each may be spread over 64 bins. */
const BUCKETS_MAX = 1_000

/** A metric in its place. */
interface Reading {
  points: AgentPoints
  metric: OtlpMetric
  resource: ReadonlyMap<string, string>
}

/** What every kind of point has: which series, when, and since when (epoch ms; 0 where that is not told). */
interface Head {
  series: AgentSeries
  ts: number
  startMs: number
}

function readRequest(request: OtlpRequest, bytes: number, now: number): ParsedPoints[] {
  const points = new AgentPoints(bytes, now)
  request.resourceMetrics.forEach(({ resource, scopeMetrics }, r) => {
    const tags = readResource(resource?.attributes ?? [])
    scopeMetrics.forEach(({ metrics }, s) => {
      metrics.forEach((metric, m) => {
        readMetric({ points, metric, resource: tags }, `/resourceMetrics/${r}/scopeMetrics/${s}/metrics/${m}`)
      })
    })
  })
  return points.finish()
}

function readMetric(reading: Reading, pointer: string): void {
  const { gauge, sum, histogram, exponentialHistogram, summary } = reading.metric
  if (gauge) {
    readPoints(reading, `${pointer}/gauge`, gauge.dataPoints, readGauge)
  } else if (sum) {
    readPoints(reading, `${pointer}/sum`, sum.dataPoints, (at, head, point) => readSum(at, head, point, sum))
  } else if (histogram) {
    const { dataPoints, aggregationTemporality } = histogram
    readPoints(reading, `${pointer}/histogram`, dataPoints, (at, head, point) =>
      readDistribution(at, head, point, aggregationTemporality, explicitBuckets(point)),
    )
  } else if (exponentialHistogram) {
    const { dataPoints, aggregationTemporality } = exponentialHistogram
    readPoints(reading, `${pointer}/exponentialHistogram`, dataPoints, (at, head, point) =>
      readDistribution(at, head, point, aggregationTemporality, exponentialBuckets(point)),
    )
  } else if (summary) {
    readPoints(reading, `${pointer}/summary`, summary.dataPoints, readSummary)
  }
}

/** Adds the point, or answers its fault. */
type Read<Point> = (reading: Reading, head: Head, point: Point) => Fault | null

function readPoints<Point extends OtlpPoint>(
  reading: Reading,
  pointer: string,
  dataPoints: readonly Point[],
  read: Read<Point>,
): void {
  const { points } = reading
  points.beginList(`${pointer}/dataPoints`)
  for (const point of dataPoints) {
    if ((point.flags & NO_RECORDED_VALUE) !== 0) {
      points.skip()
      continue
    }
    const head = readHead(reading, point)
    const fault = 'code' in head ? head : read(reading, head, point)
    if (fault) points.refuse(fault, () => JSON.stringify({ metric: reading.metric.name, point }))
  }
}

function readHead({ metric, resource }: Reading, point: OtlpPoint): Head | Fault {
  const series = toSeries(metric.name, readAttributes(point.attributes, resource))
  if (isFault(series)) return series
  const ts = nanosToMs(point.timeUnixNano)
  return ts === 0 ? NO_TIME : { series, ts, startMs: nanosToMs(point.startTimeUnixNano) }
}

function readGauge({ points, metric }: Reading, { series, ts }: Head, point: OtlpNumber): Fault | null {
  const value = toValue(point)
  if (value === null) return NO_VALUE
  points.add({ identity: 'overwrite', series, ts, value })
  points.hint('overwrite', metric.name, { kind: 'gauge', unit: metric.unit, description: metric.description })
  return null
}

/**
 * A cumulative sum that only grows becomes differences; one that also falls is a level, such as connections that are
 * open. A delta is stored as it is, and overwrites itself when it is sent again: no two processes report the same series
 * at the same microsecond.
 */
function readSum(
  { points, metric }: Reading,
  head: Head,
  point: OtlpNumber,
  { aggregationTemporality, isMonotonic }: { aggregationTemporality: number; isMonotonic: boolean },
): Fault | null {
  const value = toValue(point)
  if (value === null) return NO_VALUE
  if (aggregationTemporality !== DELTA && aggregationTemporality !== CUMULATIVE) return NO_TEMPORALITY
  const identity = aggregationTemporality === CUMULATIVE && isMonotonic ? 'cumulative' : 'overwrite'
  const kind = aggregationTemporality === CUMULATIVE && !isMonotonic ? 'gauge' : 'count'
  points.add({ identity, ...head, value })
  points.hint(identity, metric.name, { kind, unit: metric.unit, description: metric.description })
  return null
}

function readDistribution(
  { points, metric }: Reading,
  head: Head,
  { sum }: OtlpHistogram | OtlpExponentialHistogram,
  temporality: number,
  buckets: Buckets | Fault,
): Fault | null {
  if ('code' in buckets) return buckets
  if (temporality !== DELTA && temporality !== CUMULATIVE) return NO_TEMPORALITY
  const histogram = toHistogram(buckets)
  const value = sum ?? estimateSum(histogram)
  const identity = temporality === CUMULATIVE ? 'cumulative' : 'overwrite'
  if (temporality === CUMULATIVE) points.add({ identity, ...head, value, buckets })
  else if (histogram.count > 0) points.add({ identity, ...head, value, histogram })
  else points.skip()
  const { unit, description } = metric
  points.hint(identity, metric.name, { kind: 'distribution', unit, description })
  return null
}

/** Where values may be negative an SDK sends no sum. */
function estimateSum({ bins, counts }: { bins: number[]; counts: number[] }): number {
  return bins.reduce((sum, bin, i) => sum + valueOfBin(bin) * (counts[i] as number), 0)
}

function explicitBuckets({ explicitBounds, bucketCounts, count, min, max }: OtlpHistogram): Buckets | Fault {
  if (explicitBounds.length > BUCKETS_MAX) return TOO_MANY_BUCKETS
  const bounds = [...explicitBounds, Number.POSITIVE_INFINITY]
  if (explicitBounds.some((bound, i) => !(bound < (bounds[i + 1] as number)) || !Number.isFinite(bound)))
    return UNORDERED
  // Without buckets there is one, of everything.
  const counts =
    bucketCounts.length === 0 && explicitBounds.length === 0 ? [toInteger(count)] : bucketCounts.map(toInteger)
  if (counts.length !== bounds.length) return WRONG_BUCKETS
  return { bounds, lowers: null, counts, isExponential: false, min: min ?? null, max: max ?? null }
}

function exponentialBuckets(point: OtlpExponentialHistogram): Buckets | Fault {
  const { scale, zeroCount, positive, negative, min, max } = point
  if ((positive?.bucketCounts.length ?? 0) + (negative?.bucketCounts.length ?? 0) > BUCKETS_MAX) return TOO_MANY_BUCKETS
  const runs = (buckets: OtlpBuckets | null | undefined) =>
    buckets ? [{ offset: buckets.offset, counts: buckets.bucketCounts.map(toInteger) }] : []
  return toBuckets({
    scale,
    zeroCount: toInteger(zeroCount),
    positive: runs(positive),
    negative: runs(negative),
    min: min ?? null,
    max: max ?? null,
  })
}

/** `name.count` and `name.sum` as they grow, and each quantile as a level of `name` with the tag `quantile`. */
function readSummary({ points, metric, resource }: Reading, head: Head, point: OtlpSummary): Fault | null {
  const { name, unit, description } = metric
  const { tags } = head.series
  const count = { metric: `${name}.count`, tags }
  const sum = { metric: `${name}.sum`, tags }
  points.add({ identity: 'cumulative', ...head, series: count, value: toInteger(point.count) })
  points.hint('cumulative', count.metric, { kind: 'count', description })
  points.addBeside({ identity: 'cumulative', ...head, series: sum, value: point.sum })
  points.hint('cumulative', sum.metric, { kind: 'count', unit, description })
  for (const { quantile, value } of point.quantileValues) {
    const series = toSeries(name, readAttributes(point.attributes, resource).set('quantile', String(quantile)))
    if (isFault(series)) continue
    points.addBeside({ identity: 'overwrite', series, ts: head.ts, value })
    points.hint('overwrite', name, { kind: 'gauge', unit, description })
  }
  return null
}

function toValue({ value, asDouble, asInt }: OtlpNumber): number | null {
  if (value === 'asDouble') return asDouble
  return value === 'asInt' ? toInteger(asInt) : null
}

const NO_TIME: Fault = { path: '', code: 'missing_field', detail: 'The point has no timeUnixNano.' }
const NO_VALUE: Fault = { path: '', code: 'missing_field', detail: 'The point has no value: asDouble or asInt.' }
const NO_TEMPORALITY: Fault = {
  path: '',
  code: 'missing_field',
  detail: 'The metric says neither that it is cumulative nor that it is delta.',
}
const WRONG_BUCKETS: Fault = {
  path: '',
  code: 'invalid_histogram',
  detail: 'A histogram has one bucket more than it has bounds.',
}
const UNORDERED: Fault = { path: '', code: 'invalid_histogram', detail: 'The bounds of a histogram ascend.' }
const TOO_MANY_BUCKETS: Fault = {
  path: '',
  code: 'invalid_histogram',
  detail: `A histogram has at most ${BUCKETS_MAX} buckets.`,
}
