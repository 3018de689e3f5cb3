import { describe, expect, test } from 'vitest'
import { DomainError } from '../../kernel/errors'
import type { ParsedPoints } from '../columns'
import { parseOtlp, parseOtlpJson } from './otlp'
import { encodeOtlpResponse, encodeRpcStatus } from './otlp-decode'
import { OtlpRequestType, OtlpResponseType, StatusType } from './otlp-schema'

const NOW = Date.UTC(2026, 10, 20, 12)
const NANOS = `${NOW}123456`
const START = `${NOW - 60_000}000000`

const encode = (metrics: unknown[], resource: Record<string, unknown> = {}) => ({
  resourceMetrics: [{ resource: { attributes: attributes(resource) }, scopeMetrics: [{ metrics }] }],
})
const attributes = (all: Record<string, unknown>) =>
  Object.entries(all).map(([key, value]) => ({
    key,
    value: typeof value === 'object' ? value : { stringValue: value },
  }))
const json = (request: unknown) => parseOtlpJson(Buffer.from(JSON.stringify(request)), NOW)
const proto = (request: Record<string, unknown>) =>
  parseOtlp(OtlpRequestType.encode(OtlpRequestType.fromObject(request)).finish(), NOW)
const point = (more: Record<string, unknown> = {}) => ({ timeUnixNano: NANOS, asDouble: 1.5, ...more })
const only = (parts: ParsedPoints[]) => {
  expect(parts).toHaveLength(1)
  return parts[0] as ParsedPoints
}
const thrown = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe.each([
  ['protobuf', proto],
  ['JSON', json],
])('%s', (_, parse) => {
  test('a gauge is a level, with the attributes of point and resource as tags and what is known of the metric', () => {
    const gauge = { dataPoints: [point({ attributes: attributes({ room: 'a', 'service.name': 'mine' }) })] }
    const parsed = only(
      parse(
        encode([{ name: 'temperature', unit: 'Cel', description: 'Of the air', gauge }], {
          'service.name': 'shop',
          'process.pid': { intValue: '7' },
          'service.instance.id': 'i-1',
        }),
      ),
    )
    expect(parsed).toMatchObject({
      identity: 'overwrite',
      count: 1,
      length: 1,
      value: [1.5],
      ts: [Math.round(NOW * 1000 + 123) / 1000],
    })
    expect(parsed.series[0]).toMatchObject({
      metric: 'temperature',
      tags: '{"room":"a","service.instance.id":"i-1","service.name":"mine"}',
    })
    expect(parsed.hints?.get('temperature')).toEqual({ kind: 'gauge', unit: 'Cel', description: 'Of the air' })
  })

  test('what a sum is stored as depends on its temporality and on whether it only grows', () => {
    const sum = (aggregationTemporality: number, isMonotonic: boolean) => {
      const dataPoints = [point({ asDouble: undefined, asInt: '9', startTimeUnixNano: START })]
      const { identity, startTs, value, hints } = only(
        parse(encode([{ name: 'n', sum: { dataPoints, aggregationTemporality, isMonotonic } }])),
      )
      expect(value).toEqual([9])
      return [identity, hints?.get('n')?.kind, startTs?.[0] ?? null]
    }
    expect(sum(2, true)).toEqual(['cumulative', 'count', NOW - 60_000])
    expect(sum(2, false)).toEqual(['overwrite', 'gauge', null])
    expect(sum(1, true)).toEqual(['overwrite', 'count', null])
    expect(sum(1, false)).toEqual(['overwrite', 'count', null])
  })

  test('a histogram is one row: cumulative ones keep their buckets, delta ones are counted into bins', () => {
    const dataPoints = [
      {
        timeUnixNano: NANOS,
        startTimeUnixNano: START,
        count: '3',
        sum: 4,
        bucketCounts: ['1', '2', '0'],
        explicitBounds: [1, 2],
      },
    ]
    const histogram = (aggregationTemporality: number) =>
      only(parse(encode([{ name: 'd', unit: 's', histogram: { dataPoints, aggregationTemporality } }])))
    expect(histogram(2)).toMatchObject({
      identity: 'cumulative',
      value: [4],
      startTs: [NOW - 60_000],
      buckets: [{ bounds: [1, 2, Number.POSITIVE_INFINITY], counts: [1, 2, 0], isExponential: false }],
    })
    const delta = histogram(1)
    expect(delta).toMatchObject({ identity: 'overwrite', value: [4], histograms: [{ count: 3 }] })
    expect(delta.histograms?.[0]?.counts.reduce((a, b) => a + b)).toBe(3)
    expect(delta.hints?.get('d')?.kind).toBe('distribution')
  })

  test('an exponential histogram has the ends of its buckets written out', () => {
    const dataPoints = [
      {
        timeUnixNano: NANOS,
        count: '6',
        sum: 7,
        scale: 0,
        zeroCount: '1',
        positive: { offset: 1, bucketCounts: ['2', '0', '1'] },
        negative: { offset: 0, bucketCounts: ['2'] },
      },
    ]
    const parsed = only(parse(encode([{ name: 'e', exponentialHistogram: { dataPoints, aggregationTemporality: 2 } }])))
    expect(parsed.buckets?.[0]).toMatchObject({
      lowers: [-2, 0, 2, 8],
      bounds: [-1, 0, 4, 16],
      counts: [2, 1, 2, 1],
      isExponential: true,
    })
  })

  test('a summary has a count, a sum and its quantiles', () => {
    const dataPoints = [
      {
        timeUnixNano: NANOS,
        startTimeUnixNano: START,
        count: '4',
        sum: 10,
        quantileValues: [
          { quantile: 0.5, value: 2 },
          { quantile: 0.99, value: 4 },
        ],
        attributes: attributes({ route: '/' }),
      },
    ]
    const [cumulative, overwrite] = parse(encode([{ name: 's', summary: { dataPoints } }]))
    expect(cumulative?.series.map(({ metric }) => metric)).toEqual(['s.count', 's.sum'])
    expect(cumulative?.value).toEqual([4, 10])
    expect(overwrite?.series.map(({ tags }) => tags)).toEqual([
      '{"quantile":"0.5","route":"/"}',
      '{"quantile":"0.99","route":"/"}',
    ])
    expect(overwrite?.value).toEqual([2, 4])
  })

  test('values of every type become texts', () => {
    const all = {
      b: { boolValue: false },
      i: { intValue: '-9007199254740993' },
      d: { doubleValue: 0.5 },
      a: { arrayValue: { values: [{ stringValue: 'x' }, { intValue: '1' }] } },
      o: { kvlistValue: { values: attributes({ k: 'v' }) } },
      y: { bytesValue: Buffer.from([1, 2]).toString('base64') },
      none: {},
    }
    const { series } = only(
      parse(encode([{ name: 'g', gauge: { dataPoints: [point({ attributes: attributes(all) })] } }])),
    )
    expect(JSON.parse(series[0]?.tags ?? '')).toEqual({
      a: '["x","1"]',
      b: 'false',
      d: '0.5',
      i: '-9007199254740993',
      o: '{"k":"v"}',
      y: 'AQI=',
    })
  })

  test('IN-02: each refused point is named, the others are kept, and the flag for "no value" is no fault', () => {
    const dataPoints = [
      point(),
      point({ asDouble: Number.NaN }),
      point({ asDouble: undefined }),
      point({ timeUnixNano: '0' }),
      point({ asDouble: undefined, flags: 1 }),
      point({ timeUnixNano: `${NOW + 25 * 3_600_000}000000` }),
      point({ attributes: attributes(Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v']))) }),
    ]
    // JSON knows no NaN; OTLP writes it as a text.
    const text = JSON.stringify(encode([{ name: 'g', gauge: { dataPoints } }]), (_, one) =>
      Number.isNaN(one) ? 'NaN' : one,
    )
    const parsed = only(parse(JSON.parse(text)))
    expect(parsed).toMatchObject({ count: 7, length: 1 })
    expect(parsed.rejected.map(({ pointer, code }) => [pointer.slice(-1), code])).toEqual([
      ['1', 'not_finite'],
      ['2', 'missing_field'],
      ['3', 'missing_field'],
      ['5', 'timestamp_out_of_window'],
      ['6', 'too_many_tags'],
    ])
    expect(parsed.rejected[0]?.pointer).toBe('/resourceMetrics/0/scopeMetrics/0/metrics/0/gauge/dataPoints/1')
  })

  test('tags of the resource fill up what the point leaves free', () => {
    const own = Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`k${i}`, 'v']))
    const gauge = { dataPoints: [point({ attributes: attributes(own) })] }
    const resource = { 'service.instance.id': 'i', 'service.name': 'shop' }
    const { series } = only(parse(encode([{ name: 'g', gauge }], resource)))
    expect(Object.keys(JSON.parse(series[0]?.tags ?? ''))).toHaveLength(16)
    expect(series[0]?.tags).toContain('"service.name":"shop"')
  })

  test('a histogram that contradicts itself is refused', () => {
    const histogram = (more: object) => {
      const dataPoints = [{ timeUnixNano: NANOS, count: '1', sum: 1, ...more }]
      return only(parse(encode([{ name: 'd', histogram: { dataPoints, aggregationTemporality: 2 } }]))).rejected[0]
        ?.code
    }
    expect(histogram({ bucketCounts: ['1'], explicitBounds: [1] })).toBe('invalid_histogram')
    expect(histogram({ bucketCounts: ['1', '0', '0'], explicitBounds: [2, 1] })).toBe('invalid_histogram')
    expect(histogram({ bucketCounts: [], explicitBounds: [] })).toBeUndefined()
  })
})

describe('JSON only', () => {
  test.each([
    ['beyond 64 bits', ['18446744073709551615', '0']],
    ['beyond them together', ['9007199254740991', '1']],
    ['below nothing', ['-1', '2']],
  ])('IN-02: a histogram that nobody can count is refused, and costs no other point: %s', (_name, bucketCounts) => {
    const bad = { timeUnixNano: NANOS, sum: 1, explicitBounds: [1], bucketCounts }
    for (const aggregationTemporality of [1, 2]) {
      const histogram = { aggregationTemporality, dataPoints: [bad, { ...bad, bucketCounts: ['1', '2'] }] }
      const parts = json(encode([{ name: 'latency', histogram }]))
      expect(parts.flatMap(({ rejected }) => rejected.map(({ code }) => code))).toEqual(['invalid_histogram'])
      expect(parts.reduce((sum, { length }) => sum + length, 0)).toBe(1)
    }
  })

  test('IN-04: a count whose growth would be no number is refused', () => {
    const dataPoints = [point({ asDouble: -1.7e308 }), point({ asDouble: 8e307 })]
    const parts = json(encode([{ name: 'bytes', sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } }]))
    expect(parts.flatMap(({ rejected }) => rejected.map(({ code }) => code))).toEqual(['not_finite'])
    expect(parts.reduce((sum, { length }) => sum + length, 0)).toBe(1)
  })

  test('64-bit integers are texts or numbers, enums are integers, unknown fields are passed over', () => {
    const dataPoints = [{ timeUnixNano: NOW * 1e6, asInt: 7, exemplars: [{ x: 1 }], attributes: [] }]
    const metric = { name: 'n', sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints, other: {} } }
    expect(only(json({ ...encode([metric]), more: [1] }))).toMatchObject({
      identity: 'cumulative',
      value: [7],
      ts: [NOW],
    })
  })

  test.each([
    ['a text as asInt', { asInt: '1x' }],
    ['an object as asInt', { asInt: {} }],
    ['a text as asDouble', { asDouble: 'many' }],
    ['an array as time', { timeUnixNano: [1] }],
  ])('%s is refused as a whole and not read as 0', (_, wrong) => {
    const request = encode([{ name: 'n', gauge: { dataPoints: [{ timeUnixNano: NANOS, ...wrong }] } }])
    expect(thrown(() => json(request)).code).toBe('invalid_request')
  })

  test('IN-12: what is nested too deep, no object or no JSON is refused', () => {
    const deep = `${'{"arrayValue":{"values":['.repeat(100_000)}${']}}'.repeat(100_000)}`
    const body = `{"resourceMetrics":[{"resource":{"attributes":[{"key":"k","value":${deep}}]}}]}`
    expect(thrown(() => parseOtlpJson(Buffer.from(body), NOW)).code).toBe('invalid_request')
    expect(thrown(() => json([])).code).toBe('invalid_request')
    expect(thrown(() => json({ resourceMetrics: [7] })).code).toBe('invalid_request')
    expect(thrown(() => parseOtlpJson(Buffer.from('{'), NOW)).code).toBe('invalid_json')
    expect(thrown(() => parseOtlpJson(Buffer.from([0x22, 0xff, 0x22]), NOW)).code).toBe('invalid_encoding')
    expect(json({})).toEqual([])
  })
})

test('IN-24: cut or changed bytes are read or refused, and nothing else', () => {
  const request = encode([{ name: 'n', gauge: { dataPoints: [point({ attributes: attributes({ a: 'b' }) })] } }])
  const bytes = OtlpRequestType.encode(OtlpRequestType.fromObject(request)).finish()
  for (let i = 0; i < bytes.length; i++) {
    for (const broken of [
      bytes.subarray(0, i),
      Uint8Array.from(bytes, (byte, at) => (at === i ? byte ^ 0xff : byte)),
    ]) {
      try {
        parseOtlp(broken, NOW)
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError)
      }
    }
  }
})

test('answers are messages of the protocol', () => {
  expect(encodeOtlpResponse(null)).toHaveLength(0)
  const partial = OtlpResponseType.decode(encodeOtlpResponse({ rejectedDataPoints: 3, errorMessage: 'why' }))
  expect(partial.toJSON()).toEqual({ partialSuccess: { rejectedDataPoints: '3', errorMessage: 'why' } })
  expect(StatusType.decode(encodeRpcStatus({ code: 3, message: 'm' })).toJSON()).toEqual({ code: 3, message: 'm' })
})
