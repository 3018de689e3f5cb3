import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DomainError } from '../../kernel/errors'
import { INGEST_LIMITS, IngestPoint } from '../schema'
import { findFormat } from './index'
import { parseJson } from './json'

const NOW = Date.UTC(2026, 10, 20, 12)
const encode = (text: string) => new TextEncoder().encode(text)
const parseText = (text: string) => parseJson(encode(text), NOW)
const parse = (body: unknown) => parseText(JSON.stringify(body))
const point = (more: object = {}) => ({ metric: 'm', value: 1, ...more })

function refusal(text: string) {
  const { rejected, length } = parseText(text)
  expect(length).toBe(0)
  return rejected[0] && { pointer: rejected[0].pointer, code: rejected[0].code }
}

function thrown(run: () => unknown): DomainError {
  try {
    run()
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('the three forms of a body', () => {
  test('one point, an array and an object with points mean the same', () => {
    for (const body of [point(), [point()], { points: [point()] }]) {
      expect(parse(body)).toMatchObject({ count: 1, length: 1, ts: [NOW], value: [1], rejected: [] })
    }
  })

  test('pointers lead into the form that was sent', () => {
    const bad = { metric: 'm', value: null }
    expect(parse(bad).rejected[0]?.pointer).toBe('/value')
    expect(parse([point(), bad]).rejected[0]).toMatchObject({ index: 1, pointer: '/1/value' })
    expect(parse({ points: [point(), bad] }).rejected[0]).toMatchObject({ index: 1, pointer: '/points/1/value' })
  })

  test('anything else is refused as a whole, with the place', () => {
    expect(thrown(() => parse('text')).code).toBe('invalid_request')
    expect(thrown(() => parse({ points: {} })).errors[0]?.pointer).toBe('/points')
    expect(thrown(() => parse({ points: [], dryRun: true })).errors[0]?.pointer).toBe('/dryRun')
    expect(parse([])).toMatchObject({ count: 0, length: 0 })
  })

  test('more points than the limit are refused with the number that would do', () => {
    const body = Array.from({ length: INGEST_LIMITS.pointsPerRequestMax + 1 }, () => 0)
    expect(thrown(() => parse(body))).toMatchObject({ code: 'payload_too_large', detail: /10,001 .* 10,000/ })
  })
})

describe('values', () => {
  test.each([
    ['1e999', 'not_finite'],
    ['-1e999', 'not_finite'],
    ['"1.5"', 'invalid_type'],
    ['true', 'invalid_type'],
    ['null', 'invalid_type'],
    ['{}', 'invalid_type'],
    ['[1]', 'invalid_type'],
  ])('IN-03: %s is refused with a pointer', (value, code) => {
    expect(refusal(`{"metric":"m","value":${value}}`)).toEqual({ pointer: '/value', code })
  })

  test.each(['NaN', 'Infinity', '-Infinity', '1.', '.5', '0x10', '01'])('IN-03: %s is no JSON', (value) => {
    expect(thrown(() => parseText(`{"metric":"m","value":${value}}`)).code).toBe('invalid_json')
  })

  test('IN-03: a point without a value says so', () => {
    expect(refusal('{"metric":"m"}')).toEqual({ pointer: '/value', code: 'missing_field' })
  })

  test('IN-04, F19: -0 is stored as 0; extremes are kept to the last bit', () => {
    expect(Object.is(parse(point({ value: 0 })).value[0], 0)).toBe(true)
    expect(Object.is(parseText('{"metric":"m","value":-0}').value[0], 0)).toBe(true)
    for (const value of [1e308, 5e-324, 2 ** 53 + 2, -1.5]) expect(parse(point({ value })).value).toEqual([value])
  })
})

describe('timestamps', () => {
  const ts = (timestamp: unknown) => {
    const { ts: column, rejected } = parse(point({ timestamp }))
    return rejected[0]?.code ?? column[0]
  }

  test.each([
    ['2026-11-20T09:30:00Z', Date.UTC(2026, 10, 20, 9, 30)],
    ['2026-11-20T09:30:00.123456Z', Date.UTC(2026, 10, 20, 9, 30, 0, 123) + 0.456],
    ['2026-11-20T09:30:00.123456789Z', Date.UTC(2026, 10, 20, 9, 30, 0, 123) + 0.456],
    ['2026-11-20t09:30:00.5z', Date.UTC(2026, 10, 20, 9, 30, 0, 500)],
    ['2026-11-20 09:30:00+01:00', Date.UTC(2026, 10, 20, 8, 30)],
    ['2026-11-20T09:30-05:45', Date.UTC(2026, 10, 20, 15, 15)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['1970-01-01T00:00:00Z', 0],
    [0, 0],
    [1_700_000_000, 1_700_000_000_000],
    [1_700_000_000.25, 1_700_000_000_250],
    [1_700_000_000_000, 1_700_000_000_000],
    [1_700_000_000_000_001, 1_700_000_000_000.001],
    [1_700_000_000_000_000_000, 1_700_000_000_000],
    ['2026-11-21T12:00:00Z', NOW + INGEST_LIMITS.futureMsMax],
  ])('IN-06: %s is accepted', (input, expected) => {
    expect(ts(input)).toBe(expected)
  })

  test.each([
    ['2026-11-20T09:30:00', 'invalid_timestamp'],
    ['2026-11-20', 'invalid_timestamp'],
    ['2026-11-20T09:30:60Z', 'invalid_timestamp'],
    ['2027-02-29T00:00:00Z', 'invalid_timestamp'],
    ['2026-13-01T00:00:00Z', 'invalid_timestamp'],
    ['2026-11-20T24:00:00Z', 'invalid_timestamp'],
    ['2026-11-20T09:30:00+0100', 'invalid_timestamp'],
    ['2026-11-20T09:30:00.Z', 'invalid_timestamp'],
    ['20 November 2026, 09:30', 'invalid_timestamp'],
    ['275760-09-13T00:00:00Z', 'invalid_timestamp'],
    ['1700000000', 'invalid_timestamp'],
    ['', 'invalid_timestamp'],
    [true, 'invalid_type'],
    [null, 'invalid_type'],
    ['0001-01-01T00:00:00Z', 'timestamp_out_of_window'],
    ['9999-12-31T23:59:59Z', 'timestamp_out_of_window'],
    [-1, 'timestamp_out_of_window'],
    ['2026-11-21T12:00:00.001Z', 'timestamp_out_of_window'],
    [NOW + 25 * 3_600_000, 'timestamp_out_of_window'],
  ])('IN-06: %s is refused', (input, code) => {
    expect(ts(input)).toBe(code)
  })

  test('IN-06: an epoch number beyond every date is refused', () => {
    expect(refusal('{"metric":"m","value":1,"timestamp":1e999}')?.code).toBe('timestamp_out_of_window')
  })

  test('IN-06: a timestamp without an offset is told what is missing', () => {
    expect(parse(point({ timestamp: '2026-11-20T09:30:00' })).rejected[0]?.detail).toMatch(/no offset/)
  })

  test('every instant that Date prints is read back', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date(NOW), noInvalidDate: true }), (date) => {
        expect(ts(date.toISOString())).toBe(date.getTime())
      }),
    )
  })
})

describe('tags', () => {
  const code = (tags: unknown) => parse(point({ tags })).rejected[0]
  const canonical = (tags: unknown) => parse(point({ tags })).series[0]?.tags
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']))

  test('IN-07: limits are refused with a pointer and what they allow is accepted', () => {
    expect(code(many(17))).toMatchObject({ pointer: '/tags', code: 'too_many_tags' })
    expect(code({ ['k'.repeat(65)]: 'v' })).toMatchObject({ code: 'too_long' })
    expect(code({ k: 'v'.repeat(257) })).toMatchObject({ pointer: '/tags/k', code: 'too_long' })
    expect(code({ '': 'v' })).toMatchObject({ pointer: '/tags/', code: 'missing_field' })
    expect(code({ k: 7 })).toMatchObject({ pointer: '/tags/k', code: 'invalid_type' })
    expect(code({ 'a/b~c': { nested: 'v' } })).toMatchObject({ pointer: '/tags/a~1b~0c', code: 'invalid_type' })
    expect(code(['v'])).toMatchObject({ pointer: '/tags', code: 'invalid_type' })
    expect(code({ ...many(15), ['k'.repeat(64)]: 'v'.repeat(256) })).toBeUndefined()
    expect(code({ k: '' })).toBeUndefined()
  })

  test('IN-08: __proto__, constructor and toString are names like others', () => {
    const text = '{"metric":"m","value":1,"tags":{"__proto__":"a","constructor":"b","toString":"c"}}'
    expect(parseText(text).series[0]?.tags).toBe('{"__proto__":"a","constructor":"b","toString":"c"}')
    expect(Object.prototype.toString.call({})).toBe('[object Object]')
    expect(refusal('{"metric":"m","value":1,"__proto__":{"metric":"x"}}')?.code).toBe('unknown_field')
    expect(refusal('{"__proto__":{"metric":"m","value":1}}')?.code).toBe('unknown_field')
  })

  test('IN-09: the order of tags does not matter', () => {
    expect(canonical({ b: '2', a: '1' })).toBe(canonical({ a: '1', b: '2' }))
    expect(canonical({ 10: 'x', 9: 'y' })).toBe('{"10":"x","9":"y"}')
  })

  test('IN-09: different tags never become the same series, whatever they hold', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '"', '\\', ',', ':', '{', '}', '\u0001', '\u0002', 'é'),
      maxLength: 6,
    })
    const tags = fc.dictionary(text.filter(Boolean), text, { maxKeys: 4 })
    fc.assert(
      fc.property(tags, tags, (one, other) => {
        const isSame = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort())
        expect(canonical(one) === canonical(other)).toBe(isSame)
        expect({ ...JSON.parse(canonical(one) ?? '') }).toEqual({ ...one })
      }),
      { numRuns: 1000 },
    )
  })
})

describe('texts', () => {
  test.each([
    ['a lone high surrogate', String.raw`\ud800`],
    ['a lone low surrogate', String.raw`x\udc00y`],
    ['U+0000', String.raw`a\u0000`],
  ])('IN-10: %s is refused in the metric, in tags and in the id', (_, text) => {
    expect(refusal(`{"metric":"${text}","value":1}`)).toEqual({ pointer: '/metric', code: 'invalid_text' })
    expect(refusal(`{"metric":"m","value":1,"tags":{"k":"${text}"}}`)).toEqual({
      pointer: '/tags/k',
      code: 'invalid_text',
    })
    expect(refusal(`{"metric":"m","value":1,"tags":{"${text}":"v"}}`)?.code).toBe('invalid_text')
    expect(refusal(`{"metric":"m","value":1,"id":"${text}"}`)).toEqual({ pointer: '/id', code: 'invalid_text' })
  })

  test('IN-10: other control characters, both normal forms and direction marks are stored as they are', () => {
    for (const text of ['a\u0001\u001f\u007f', 'é', 'e\u0301', '\u202eabc', '😀']) {
      expect(parse(point({ metric: text })).series[0]?.metric).toBe(text)
    }
    expect(parse([point({ metric: 'é' }), point({ metric: 'e\u0301' })]).series).toHaveLength(2)
  })

  test('IN-11, F17: invalid UTF-8 and UTF-16 are refused, a byte order mark is skipped', () => {
    const text = JSON.stringify(point())
    const broken = encode(text)
    broken[11] = 0xff
    expect(thrown(() => parseJson(broken, NOW)).code).toBe('invalid_encoding')
    expect(thrown(() => parseJson(Buffer.from(`\ufeff${text}`, 'utf16le'), NOW)).code).toBe('invalid_encoding')
    expect(thrown(() => parseJson(Buffer.from(text, 'utf16le'), NOW)).code).toBe('invalid_json')
    expect(parseText(`\ufeff${text}`).length).toBe(1)
  })

  test('IN-12, F18: deep nesting ends in a refusal and not in a crash', () => {
    const depth = 100_000
    expect(thrown(() => parseText('['.repeat(depth))).code).toBe('invalid_json')
    expect(refusal('['.repeat(depth) + ']'.repeat(depth))?.code).toBe('not_an_object')
    expect(refusal(`{"metric":"m","value":${'['.repeat(depth)}${']'.repeat(depth)}}`)?.code).toBe('invalid_type')
  })
})

test('IN-02: every point is either in the columns or among the refusals, with its place', () => {
  const points = Array.from({ length: 100 }, (_, i) => (i === 37 ? point({ value: 'x' }) : point({ value: i })))
  const { length, rejected, indexOf, value } = parse(points)
  expect(length + rejected.length).toBe(100)
  expect(rejected).toEqual([expect.objectContaining({ index: 37, pointer: '/37/value', code: 'invalid_type' })])
  expect(indexOf?.[37]).toBe(38)
  expect(value[37]).toBe(38)
})

test('ids stand beside their rows, whichever point is the first to have one', () => {
  expect(parse([point(), point({ id: 'a' }), point()]).ids).toEqual([undefined, 'a', undefined])
  expect(parse([point()]).ids).toBeNull()
})

test('what is validated by hand is what the documented schema says', () => {
  const anything = fc.oneof(fc.string(), fc.double(), fc.constantFrom(null, true, 1, '', 'x'.repeat(300)), fc.object())
  const rarely = (good: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 8, arbitrary: good }, { weight: 1, arbitrary: anything })
  const points = fc.oneof(
    { weight: 1, arbitrary: anything },
    {
      weight: 9,
      arbitrary: fc.record(
        {
          metric: rarely(fc.string({ minLength: 1, maxLength: 210 })),
          value: rarely(fc.double({ noNaN: true, noDefaultInfinity: true })),
          tags: rarely(
            fc.dictionary(fc.string({ maxLength: 70 }), rarely(fc.string({ maxLength: 260 })), { maxKeys: 16 }),
          ),
          id: rarely(fc.string({ maxLength: 260 })),
          extra: fc.constant(1),
        },
        { requiredKeys: [] },
      ),
    },
  )
  fc.assert(
    fc.property(points, (value) => {
      const sent = JSON.parse(JSON.stringify([value]))
      const { length, rejected } = parse(sent)
      const isUnstorable = rejected.some((one) => one.code === 'invalid_text')
      expect(length === 1 || isUnstorable).toBe(IngestPoint.safeParse(sent[0]).success)
    }),
    { numRuns: 3000 },
  )
})

describe('content types', () => {
  test.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
  ])('IN-15: %s is read', (type) => expect(findFormat(type)).toBe(parseJson))
  test.each([undefined, '', 'text/plain', 'application/json; charset=utf-16', 'application/x-www-form-urlencoded'])(
    'IN-15: %s is not',
    (type) => expect(findFormat(type)).toBeNull(),
  )
})
