import { describe, expect, test } from 'vitest'
import { DomainError } from '../../kernel/errors'
import { encodeRemoteWrite } from '../../testing'
import type { ParsedPoints } from '../columns'
import { parseRemoteWrite, type RemoteWriteVersion, unsnap } from './prometheus'

const NOW = Date.UTC(2026, 10, 20, 12)
const BYTES_MAX = 20 * 1024 * 1024

const read = (version: RemoteWriteVersion, request: Record<string, unknown>) =>
  parseRemoteWrite(unsnap(encodeRemoteWrite(version, request), BYTES_MAX), version, NOW)
const labels = (all: Record<string, string>) => Object.entries(all).map(([name, value]) => ({ name, value }))
const series = (name: string, tags: Record<string, string>, ...values: number[]) => ({
  labels: labels({ __name__: name, ...tags }),
  samples: values.map((value, i) => ({ value, timestamp: NOW - 60_000 + i * 1000 })),
})
const part = (parsed: readonly ParsedPoints[], identity: string) =>
  parsed.find((one) => one.identity === identity && one.length > 0)
const thrown = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** 0x7ff0000000000002: a series that has ended. A float64 that JavaScript makes has other bits, so they are written. */
const stale = (version: RemoteWriteVersion) => {
  const request = { timeseries: [series('up', {}, 1.25)] }
  const bytes = unsnap(encodeRemoteWrite(version, request), BYTES_MAX)
  const at = bytes.indexOf(Buffer.from('000000000000f43f', 'hex'))
  Buffer.from('020000000000f07f', 'hex').copy(bytes, at)
  return parseRemoteWrite(bytes, version, NOW)
}

test('a sample is a counter when its name or its metadata says so, and else a level', () => {
  const { parsed, counts } = read('1.0', {
    timeseries: [
      series('requests_total', { path: '/' }, 1, 2),
      series('size_sum', {}, 3),
      series('size_count', {}, 4),
      series('depth', { queue: 'a', empty: '' }, 5),
      series('odd_total', {}, 6),
    ],
    metadata: [{ metricFamilyName: 'odd', type: 2, help: 'Odd', unit: 'bytes' }],
  })
  expect(counts).toEqual({ samples: 6, histograms: 0, exemplars: 0 })
  const counters = part(parsed, 'cumulative')
  expect(counters?.series.map(({ metric }) => metric)).toEqual(['requests_total', 'size_sum', 'size_count'])
  expect(counters?.hints?.get('requests_total')).toEqual({ kind: 'count' })
  expect(counters?.startTs).toEqual([null, null, null, null])
  const levels = part(parsed, 'overwrite')
  expect(levels?.series).toMatchObject([{ metric: 'depth', tags: '{"queue":"a"}' }, { metric: 'odd_total' }])
  expect(levels?.hints?.get('odd_total')).toEqual({ kind: 'gauge', unit: 'bytes', description: 'Odd' })
})

test('the marker of an ended series and other NaN are taken and not stored; infinities are refused', () => {
  const { parsed, counts } = stale('1.0')
  expect([parsed.flatMap(({ length }) => length), counts.samples]).toEqual([[0], 1])
  const one = read('1.0', { timeseries: [series('g', {}, Number.NaN, 1, Number.NEGATIVE_INFINITY)] })
  expect(one.parsed).toMatchObject([
    { count: 3, length: 1, rejected: [{ pointer: '/timeseries/0/samples/2', code: 'not_finite' }] },
  ])
})

describe('a classic histogram', () => {
  const all = (ts: number, tags: Record<string, string> = {}) => {
    const one = (name: string, more: Record<string, string>, value: number) => ({
      labels: labels({ __name__: name, ...tags, ...more }),
      samples: [{ value, timestamp: ts }],
    })
    return [
      one('took_bucket', { le: '0.5' }, 1),
      one('took_bucket', { le: '+Inf' }, 4),
      one('took_bucket', { le: '1' }, 3),
      one('took_sum', {}, 6),
      one('took_count', {}, 4),
    ]
  }

  test('is one distribution when its sum and its count are there', () => {
    const write = read('1.0', { timeseries: [...all(NOW - 1, { host: 'a' }), ...all(NOW - 1, { host: 'b' })] })
    expect(write.parsed).toHaveLength(1)
    const parsed = part(write.parsed, 'cumulative')
    expect(parsed).toMatchObject({
      length: 2,
      value: [6, 6],
      series: [
        { metric: 'took', tags: '{"host":"a"}' },
        { metric: 'took', tags: '{"host":"b"}' },
      ],
    })
    expect(parsed?.buckets?.[0]).toMatchObject({ bounds: [0.5, 1, Number.POSITIVE_INFINITY], counts: [1, 2, 1] })
    expect(parsed?.hints?.get('took')?.kind).toBe('distribution')
    expect(write.counts.samples).toBe(10)
    expect(write.countOf({ index: 1, pointer: '' }).samples).toBe(5)
  })

  test('is counters when a part is missing, and one of the parts that are there when only buckets are', () => {
    const without = read('1.0', { timeseries: all(NOW - 1).slice(0, 4) })
    expect(part(without.parsed, 'cumulative')?.series.map(({ metric }) => metric)).toEqual([
      'took_bucket',
      'took_bucket',
      'took_bucket',
      'took_sum',
    ])
    const rest = read('1.0', { timeseries: all(NOW - 1).slice(2) })
    expect(part(rest.parsed, 'cumulative')?.buckets?.[0]).toMatchObject({
      bounds: [1, Number.POSITIVE_INFINITY],
      counts: [3, 1],
    })
  })

  test('that holds less in a higher bucket is refused', () => {
    const broken = all(NOW - 1)
    const [, , third] = broken
    if (third?.samples[0]) third.samples[0].value = 9
    expect(read('1.0', { timeseries: broken }).parsed).toMatchObject([{ rejected: [{ code: 'invalid_histogram' }] }])
  })
})

describe('a native histogram', () => {
  const histogram = {
    countInt: 9,
    sum: 20,
    schema: 1,
    zeroThreshold: 0.001,
    zeroCountInt: 2,
    positiveSpans: [
      { offset: 0, length: 2 },
      { offset: 2, length: 1 },
    ],
    positiveDeltas: [1, 2, -2],
    negativeSpans: [{ offset: 1, length: 1 }],
    negativeDeltas: [2],
    timestamp: NOW - 1,
  }
  const write = (more: object) =>
    read('1.0', { timeseries: [{ labels: labels({ __name__: 'd' }), histograms: [{ ...histogram, ...more }] }] })

  test('has its spans and differences written out', () => {
    const root = 2 ** 0.5
    const buckets = part(write({}).parsed, 'cumulative')?.buckets?.[0]
    expect(buckets?.counts).toEqual([2, 2, 1, 3, 1])
    const close = (all: number[]) => all.map((one) => expect.closeTo(one, 9))
    expect(buckets?.bounds).toEqual(close([-1, 0, 1, root, 4]))
    expect(buckets?.lowers).toEqual(close([-root, 0, 1 / root, 1, 2 * root]))
  })

  test('of a gauge is a distribution of its own; one with own bounds, or with whole floats, is read too', () => {
    const gauge = part(write({ resetHint: 3 }).parsed, 'overwrite')
    expect([gauge?.histograms?.[0]?.count, gauge?.hints?.get('d')?.kind]).toEqual([9, 'distribution'])
    const custom = { schema: -53, customValues: [1, 2], zeroCountInt: 0, negativeSpans: [], negativeDeltas: [] }
    const spans = { positiveSpans: [{ offset: 0, length: 3 }], positiveDeltas: [1, 2, -3] }
    expect(part(write({ ...custom, ...spans }).parsed, 'cumulative')?.buckets?.[0]).toMatchObject({
      bounds: [1, 2, Number.POSITIVE_INFINITY],
      counts: [1, 3, 0],
    })
    const floats = {
      countInt: undefined,
      countFloat: 3,
      zeroCountInt: undefined,
      zeroCountFloat: 0,
      positiveDeltas: [],
    }
    const one = { ...floats, positiveSpans: [{ offset: 0, length: 1 }], negativeSpans: [], negativeDeltas: [] }
    expect(part(write({ ...one, positiveCounts: [3] }).parsed, 'cumulative')?.buckets?.[0]?.counts).toEqual([3])
    expect(write({ ...one, positiveCounts: [3.5] }).parsed).toMatchObject([
      { rejected: [{ code: 'invalid_histogram' }] },
    ])
  })

  test('that contradicts itself is refused, and one that ends a series is passed over', () => {
    for (const wrong of [{ positiveDeltas: [1] }, { positiveDeltas: [1, -2, 1] }, { schema: 99 }, { schema: -20 }])
      expect(write(wrong).parsed).toMatchObject([
        { rejected: [{ pointer: '/timeseries/0/histograms/0', code: 'invalid_histogram' }] },
      ])
    expect(write({ sum: Number.NaN }).parsed).toEqual([])
  })
})

describe('2.0', () => {
  const symbols = ['', '__name__', 'hits', 'path', '/', 'Hits of a page', 'hits_unit']
  test('labels are symbols; the type decides, and the time of creation is where counting begins', () => {
    const one = (type: number, more: object = {}) => ({
      labelsRefs: [1, 2, 3, 4],
      metadata: { type, helpRef: 5, unitRef: 6 },
      samples: [{ value: 5, timestamp: NOW - 1, ...more }],
    })
    const counter = part(
      read('2.0', { symbols, timeseries: [{ ...one(1), createdTimestamp: NOW - 9 }] }).parsed,
      'cumulative',
    )
    expect(counter).toMatchObject({ startTs: [NOW - 9], series: [{ metric: 'hits', tags: '{"path":"/"}' }] })
    expect(counter?.hints?.get('hits')).toEqual({ kind: 'count', unit: 'hits_unit', description: 'Hits of a page' })
    const started = read('2.0', { symbols, timeseries: [one(1, { startTimestamp: NOW - 5 })] })
    expect(part(started.parsed, 'cumulative')?.startTs).toEqual([NOW - 5])
    expect(part(read('2.0', { symbols, timeseries: [one(2)] }).parsed, 'overwrite')?.value).toEqual([5])
  })

  test('references to nothing and half a label are refused as a whole', () => {
    const request = (labelsRefs: number[], all = symbols) =>
      thrown(() => read('2.0', { symbols: all, timeseries: [{ labelsRefs }] })).code
    expect(request([1, 99])).toBe('invalid_request')
    expect(request([1])).toBe('invalid_request')
    expect(request([0, 0], ['x'])).toBe('invalid_request')
  })
})

test('a body of the other version is refused, and not taken for an empty one', () => {
  const first = unsnap(encodeRemoteWrite('1.0', { timeseries: [series('up', {}, 1)] }), BYTES_MAX)
  const second = unsnap(
    encodeRemoteWrite('2.0', {
      symbols: ['', '__name__', 'up'],
      timeseries: [{ labelsRefs: [1, 2], samples: [{ value: 1, timestamp: NOW }] }],
    }),
    BYTES_MAX,
  )
  for (const [body, other] of [
    [first, '2.0'],
    [second, '1.0'],
  ] as const)
    expect(thrown(() => parseRemoteWrite(body, other, NOW)).code).toBe('invalid_request')
  for (const version of ['1.0', '2.0'] as const)
    expect(parseRemoteWrite(Buffer.alloc(0), version, NOW).parsed.reduce((sum, { count }) => sum + count, 0)).toBe(0)
})

test('IN-07: labels beyond the limits are refused, with the place of each sample', () => {
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`l${i}`, 'v']))
  const { parsed } = read('1.0', { timeseries: [series('ok', {}, 1), series('g', many, 1, 2)] })
  expect(JSON.parse(parsed[0]?.raws?.get(2) ?? '')).toEqual({
    metric: 'g',
    value: 2,
    timestamp: NOW - 59_000,
    tags: many,
  })
  expect(parsed).toMatchObject([
    {
      length: 1,
      rejected: [
        { pointer: '/timeseries/1/samples/0', code: 'too_many_tags' },
        { pointer: '/timeseries/1/samples/1', code: 'too_many_tags' },
      ],
    },
  ])
})

describe('IN-14: a snappy block', () => {
  test('that announces more than is allowed, or more than its bytes can hold, is refused before it is unpacked', () => {
    expect(thrown(() => unsnap(Buffer.from([0xff, 0xff, 0xff, 0x7f]), BYTES_MAX)).code).toBe('payload_too_large')
    expect(thrown(() => unsnap(Buffer.from([0x80, 0x80, 0x40, 0]), BYTES_MAX)).code).toBe('invalid_request')
  })

  test('that is cut, changed or none at all is refused', () => {
    const whole = encodeRemoteWrite('1.0', { timeseries: [series('depth', { queue: 'mail' }, 1, 2, 3)] })
    expect(thrown(() => unsnap(new Uint8Array(), BYTES_MAX)).code).toBe('invalid_request')
    for (let i = 0; i < whole.length; i++) {
      for (const broken of [whole.subarray(0, i), whole.map((byte, at) => (at === i ? byte ^ 0xff : byte))]) {
        try {
          parseRemoteWrite(unsnap(broken, BYTES_MAX), '1.0', NOW)
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError)
        }
      }
    }
  })
})
