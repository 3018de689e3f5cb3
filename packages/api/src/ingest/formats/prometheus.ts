/** Prometheus remote-write 1.0 and 2.0: a snappy block around protobuf. */
/// <reference path="./snappyjs.d.ts" />
import { uncompress } from 'snappyjs'
import { DomainError } from '../../kernel/errors'
import type { MetricHint, ParsedPoints } from '../columns'
import { AgentPoints } from './agent-points'
import { toInteger } from './int64'
import { addSamples, type PrometheusSeries } from './prometheus-families'
import { addNativeHistograms } from './prometheus-histograms'
import {
  METRIC_TYPES,
  type MetricType,
  type RemoteHistogram,
  WriteRequestV1,
  WriteRequestV2,
} from './prometheus-schema'

export type RemoteWriteVersion = '1.0' | '2.0'

/** What the sender is told that was written (2.0). */
export interface RemoteWriteCounts {
  samples: number
  histograms: number
  exemplars: number
}

export interface RemoteWrite {
  parsed: ParsedPoints[]
  /** All that the request holds. Exemplars are read over, so none is ever written. */
  counts: RemoteWriteCounts
  /** What of it a refused point stands for. */
  countOf(rejected: { index: number; pointer: string }): Pick<RemoteWriteCounts, 'samples' | 'histograms'>
}

/**
 * Inflates a snappy block (not the framed format). The length stands in front, so a block that would be larger than
 * `bytesMax` is refused before anything is allocated.
 */
export function unsnap(body: Uint8Array, bytesMax: number): Buffer {
  const length = announcedLength(body)
  if (length === null) throw new DomainError('invalid_request', 'The body is no snappy block.')
  if (length > bytesMax)
    throw new DomainError(
      'payload_too_large',
      `The body has ${length} bytes once unpacked, and at most ${bytesMax} are taken.`,
    )
  // A copy of at most 64 bytes takes two: a length beyond that is a lie that would only cost memory.
  if (length > body.byteLength * 32) throw new DomainError('invalid_request', 'The body is no snappy block.')
  try {
    return uncompress(Buffer.from(body.buffer, body.byteOffset, body.byteLength), bytesMax)
  } catch (cause) {
    throw new DomainError('invalid_request', 'The body is no snappy block.', { cause })
  }
}

/** A varint of at most 32 bits. */
function announcedLength(body: Uint8Array): number | null {
  let length = 0
  for (let i = 0; i < 5; i++) {
    const byte = body[i]
    if (byte === undefined) return null
    length += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return length
  }
  return null
}

/** `body` is inflated, `now` epoch ms. Throws a DomainError when it cannot be read as a whole. */
export function parseRemoteWrite(body: Uint8Array, version: RemoteWriteVersion, now: number): RemoteWrite {
  const series = version === '1.0' ? readV1(body) : readV2(body)
  const points = new AgentPoints(body.byteLength, now)
  const weights = addSamples(points, series)
  for (const one of series) addNativeHistograms(points, one, one.histograms)
  if (series.length === 0 && version === '1.0') addMetadata(points, body)
  return {
    parsed: points.finish(),
    counts: {
      samples: series.reduce((sum, { samples }) => sum + samples.length, 0),
      histograms: series.reduce((sum, { histograms }) => sum + histograms.length, 0),
      exemplars: 0,
    },
    countOf: ({ index, pointer }) =>
      pointer.includes('/histograms/')
        ? { samples: 0, histograms: 1 }
        : { samples: weights.get(index) ?? 1, histograms: 0 },
  }
}

/** Prometheus sends what it knows of metrics once a minute, in requests without samples. */
function addMetadata(points: AgentPoints, body: Uint8Array): void {
  for (const { type, metricFamilyName, help, unit } of decode<WriteRequestV1>(WriteRequestV1, body).metadata) {
    const kind = KINDS[typeOf(type) ?? 'unknown']
    const hint = { unit, description: help, ...(kind ? { kind } : {}) }
    points.hint('overwrite', metricFamilyName, hint)
    // OpenMetrics names the family without it.
    if (kind === 'count') points.hint('overwrite', `${metricFamilyName}_total`, hint)
  }
}

const KINDS: Partial<Record<MetricType, NonNullable<MetricHint['kind']>>> = {
  counter: 'count',
  gauge: 'gauge',
  histogram: 'distribution',
  gaugehistogram: 'distribution',
  summary: 'gauge',
}

/** A series of the request with its native histograms beside its samples. */
export interface RemoteSeries extends PrometheusSeries {
  histograms: RemoteHistogram[]
  /** Since when its native histograms count, where the series says it for all of them. */
  createdMs: number
}

function readV1(body: Uint8Array): RemoteSeries[] {
  const { timeseries, metadata } = decode<WriteRequestV1>(WriteRequestV1, body)
  if (body.length > 0 && timeseries.length === 0 && metadata.length === 0) throw otherVersion('1.0')
  const families = new Map(metadata.map((one) => [one.metricFamilyName, one]))
  return timeseries.map(({ labels, samples, histograms }, i) => {
    const all = new Map<string, string>()
    for (const { name, value } of labels) all.set(name, value)
    const name = all.get('__name__') ?? ''
    const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count|total)$/, ''))
    return toRemoteSeries(all, {
      type: family ? typeOf(family.type) : null,
      hint: family ? { unit: family.unit, description: family.help } : {},
      samples: samples.map(({ value, timestamp }) => ({ value, ts: toInteger(timestamp), startMs: 0 })),
      pointer: `/timeseries/${i}/samples`,
      histograms,
      createdMs: 0,
    })
  })
}

function readV2(body: Uint8Array): RemoteSeries[] {
  const { symbols, timeseries } = decode<WriteRequestV2>(WriteRequestV2, body)
  const text = (ref: number): string => {
    const symbol = symbols[ref]
    if (symbol === undefined) throw unreadable(new Error(`there is no symbol ${ref}`))
    return symbol
  }
  if (body.length > 0 && symbols.length === 0) throw otherVersion('2.0')
  if (symbols.length > 0 && symbols[0] !== '') throw unreadable(new Error('the first symbol is not the empty text'))
  return timeseries.map(({ labelsRefs, samples, histograms, metadata, createdTimestamp }, i) => {
    if (labelsRefs.length % 2 !== 0) throw unreadable(new Error(`a label of series ${i} has no value`))
    const all = new Map<string, string>()
    for (let at = 0; at < labelsRefs.length; at += 2) all.set(text(labelsRefs[at] ?? 0), text(labelsRefs[at + 1] ?? 0))
    const createdMs = toInteger(createdTimestamp)
    return toRemoteSeries(all, {
      type: metadata ? typeOf(metadata.type) : null,
      hint: metadata ? { unit: text(metadata.unitRef), description: text(metadata.helpRef) } : {},
      samples: samples.map(({ value, timestamp, startTimestamp }) => ({
        value,
        ts: toInteger(timestamp),
        startMs: toInteger(startTimestamp ?? 0) || createdMs,
      })),
      pointer: `/timeseries/${i}/samples`,
      histograms,
      createdMs,
    })
  })
}

/** A label without a value is one that is not there (Prometheus' data model). */
function toRemoteSeries(
  all: ReadonlyMap<string, string>,
  rest: Omit<RemoteSeries, 'name' | 'labels' | 'hint'> & { hint: MetricHint },
): RemoteSeries {
  const labels = new Map<string, string>()
  for (const [name, value] of all) if (name !== '__name__' && value !== '') labels.set(name, value)
  return { name: all.get('__name__') ?? '', labels, ...rest }
}

/** Null for "unknown": the name then decides. */
const typeOf = (type: number): MetricType | null => (type === 0 ? null : (METRIC_TYPES[type] ?? null))

function decode<Message>(type: typeof WriteRequestV1, body: Uint8Array): Message {
  try {
    return type.decode(body) as unknown as Message
  } catch (cause) {
    throw unreadable(cause)
  }
}

/** The fields of one version are unknown to the other, and would be dropped without a word. */
const otherVersion = (version: string) =>
  unreadable(new Error(`nothing in it is of version ${version}, which the content type tells`))

const unreadable = (cause: unknown) => {
  const reason = cause instanceof Error ? cause.message : 'it cannot be read'
  return new DomainError('invalid_request', `The body is no write request: ${reason}`, { cause })
}
