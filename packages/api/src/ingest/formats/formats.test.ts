/** What holds in every text format, whatever a point looks like in it. */
import { describe, expect, test } from 'vitest'
import { DomainError } from '../../kernel/errors'
import { NAUGHTY_STRINGS } from '../../kernel/testing/naughty'
import type { ParsedPoints } from '../columns'
import { INGEST_LIMITS } from '../schema'
import { findFormat } from './index'
import { parseLineProtocol } from './line-protocol'

const NOW = Date.UTC(2026, 10, 20, 12)

/** A point before it is written down: value and timestamp as they stand in the text. */
interface WirePoint {
  metric: string
  value?: string
  timestamp?: string
  tags?: [key: string, value: string][]
}

interface Format {
  name: string
  encode(point: WirePoint): string
  parse(body: Uint8Array): ParsedPoints
  /** Whether a text can be written in it at all. */
  canHold(text: string): boolean
  badValues: string[]
  badTimestamps: string[]
  /** Where a point is pointed at. */
  pointer: string
}

const toJson = ({ metric, value = '1', timestamp, tags = [] }: WirePoint) => {
  const members = [`"metric":${JSON.stringify(metric)}`, `"value":${value}`]
  if (timestamp !== undefined) members.push(`"timestamp":${timestamp}`)
  const pairs = tags.map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`)
  return `{${members.join(',')},"tags":{${pairs.join(',')}}}`
}

const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
const escapeTag = (text: string) => text.replaceAll(/[,= ]/g, '\\$&')

const whole = (contentType: string) => (body: Uint8Array) => {
  const parse = findFormat(contentType)
  if (!parse) throw new Error(`${contentType} is not read`)
  return parse(body, NOW)
}

const FORMATS: Format[] = [
  {
    name: 'JSON',
    encode: (point) => `[${toJson(point)}]`,
    parse: whole('application/json'),
    canHold: () => true,
    badValues: ['1e999', '"1.5"', 'true', 'null', '{}', '[1]'],
    badTimestamps: [
      '"2026-11-20T09:30:00"',
      '-1',
      '"2027-02-29T00:00:00Z"',
      '"2026-11-20T09:30:60Z"',
      '8640000000000001000',
    ],
    pointer: '/0',
  },
  {
    name: 'NDJSON',
    encode: toJson,
    parse: whole('application/x-ndjson'),
    canHold: () => true,
    badValues: ['1e999', '"1.5"', 'true', 'null', '{}', '[1]', 'NaN', 'Infinity', '01'],
    badTimestamps: [
      '"2026-11-20T09:30:00"',
      '-1',
      '"2027-02-29T00:00:00Z"',
      '"2026-11-20T09:30:60Z"',
      '8640000000000001000',
    ],
    pointer: '/0',
  },
  {
    name: 'CSV',
    encode: ({ metric, value = '1', timestamp = '', tags = [] }) =>
      `metric,value,timestamp,${tags.map(([key]) => quote(key)).join(',')}`.replace(/,$/, '') +
      `\n${[metric, value, timestamp, ...tags.map(([, text]) => text)].map(quote).join(',')}\n`,
    parse: whole('text/csv'),
    canHold: (text) => text === text.trim(),
    badValues: ['1e999', '', 'true', 'null', '1,5', 'NaN', 'Infinity', '0x10', '1 2', '--1', '1e', '.'],
    badTimestamps: [
      '2026-11-20T09:30:00',
      '-1',
      '2027-02-29T00:00:00Z',
      '2026-11-20T09:30:60Z',
      'yesterday',
      '8640000000000001000',
    ],
    pointer: '/1',
  },
  {
    name: 'line protocol',
    encode: ({ metric, value = '1', timestamp = '', tags = [] }) =>
      `${metric.replaceAll(/[, ]/g, '\\$&')}${tags.map(([key, text]) => `,${escapeTag(key)}=${escapeTag(text)}`).join('')} value=${value} ${timestamp}`,
    parse: (body) => {
      const [parsed] = parseLineProtocol(body, { now: NOW, precision: 'ns', rowsPerSlice: 100 })
      if (!parsed) throw new Error('there is always a slice')
      return parsed
    },
    // A line ends with a line feed, and begins with a comment's sign or a body's mark; they cannot be written otherwise.
    canHold: (text) => !/[\n\r]|^[#\t\ufeff]|\\$/.test(text),
    badValues: [
      '1e999',
      '-1e999',
      'NaN',
      'Infinity',
      '0x10',
      '1.5i',
      'i',
      '-1u',
      '1e',
      '.',
      '"unclosed',
      '1i2',
      '99999999999999999999i',
    ],
    badTimestamps: ['1.5', '-1', 'x', '1e9', '2026-11-20T09:30:00Z', '8640000000000001000', '99999999999999999999999'],
    pointer: '/0',
  },
]

const bytes = (text: string) => new TextEncoder().encode(text)
const many = (count: number) => Array.from({ length: count }, (_, i): [string, string] => [`k${i}`, 'v'])

describe.each(FORMATS)('$name', ({ encode, parse, canHold, badValues, badTimestamps, pointer }) => {
  const read = (point: WirePoint) => parse(bytes(encode(point)))
  const refusal = (point: WirePoint) => {
    const { length, rejected } = read(point)
    expect(length).toBe(0)
    expect(rejected).toHaveLength(1)
    expect(rejected[0]?.pointer.startsWith(pointer)).toBe(true)
    expect(rejected[0]?.detail).toMatch(/^[A-Z"'].*\.$|JSON/s)
    return rejected[0]?.code
  }

  test.each(badValues)('IN-03: the value %s is refused with a pointer', (value) => {
    expect(['invalid_type', 'not_finite', 'missing_field', 'invalid_line']).toContain(refusal({ metric: 'm', value }))
  })

  test.each(['1', '-1', '0.1', '1e3', '1.7976931348623157e308', '5e-324', '123456789.123456789'])(
    'IN-04: the value %s is kept to the last bit',
    (value) => expect(read({ metric: 'm', value }).value).toEqual([Number(value)]),
  )

  test('IN-04: -0 is stored as 0', () => {
    expect(Object.is(read({ metric: 'm', value: '-0' }).value[0], 0)).toBe(true)
    expect(Object.is(read({ metric: 'm', value: '-0.0' }).value[0], 0)).toBe(true)
  })

  test.each(badTimestamps)('IN-06, F20: the timestamp %s is refused', (timestamp) => {
    expect(['invalid_timestamp', 'timestamp_out_of_window']).toContain(refusal({ metric: 'm', timestamp }))
  })

  test('IN-06: 1970 and a day ahead are the ends of what is accepted, and no timestamp is now', () => {
    const last = NOW + INGEST_LIMITS.futureMsMax
    expect(read({ metric: 'm', timestamp: '0' }).ts).toEqual([0])
    expect(read({ metric: 'm', timestamp: `${last}000000` }).ts).toEqual([last])
    expect(refusal({ metric: 'm', timestamp: `${last + 1}000000` })).toBe('timestamp_out_of_window')
    expect(read({ metric: 'm' }).ts).toEqual([NOW])
  })

  test('IN-07: limits of tags and names are refused, and what they allow is accepted', () => {
    expect(refusal({ metric: 'm', tags: many(17) })).toBe('too_many_tags')
    expect(refusal({ metric: 'm', tags: [['k'.repeat(65), 'v']] })).toBe('too_long')
    expect(refusal({ metric: 'm', tags: [['k', 'v'.repeat(257)]] })).toBe('too_long')
    expect(refusal({ metric: 'm'.repeat(201) })).toBe('too_long')
    const { series } = read({ metric: 'm'.repeat(200), tags: [...many(15), ['k'.repeat(64), 'v'.repeat(256)]] })
    expect(Object.keys(JSON.parse(series[0]?.tags ?? ''))).toHaveLength(16)
  })

  test('IN-09: the order of tags does not matter', () => {
    const one = read({ metric: 'm', tags: [['a', '1'], ['b', '2']] }) // biome-ignore format: side by side
    const other = read({ metric: 'm', tags: [['b', '2'], ['a', '1']] }) // biome-ignore format: side by side
    expect(one.series[0]?.key).toBe(other.series[0]?.key)
  })

  test('IN-10: U+0000 is refused', () => {
    expect(refusal({ metric: 'a\0b' })).toBe('invalid_text')
    expect(refusal({ metric: 'm', tags: [['k', 'a\0b']] })).toBe('invalid_text')
  })

  test('IN-11: invalid UTF-8 and UTF-16 are refused as a whole, a byte order mark is skipped', () => {
    const text = encode({ metric: 'metric', tags: [['tag', 'value']] })
    const broken = bytes(text)
    broken[text.indexOf('metric') + 1] = 0xff
    expect(codeOf(() => parse(broken))).toBe('invalid_encoding')
    expect(codeOf(() => parse(Buffer.from(`\ufeff${text}`, 'utf16le')))).toBe('invalid_encoding')
    expect(parse(bytes(`\ufeff${text}`)).series[0]).toMatchObject({ metric: 'metric', tags: '{"tag":"value"}' })
  })

  test('IN-23: naughty strings come through byte for byte, as metrics, as tags and as names of tags', () => {
    const strings = NAUGHTY_STRINGS.filter(canHold)
    expect(strings.length).toBeGreaterThan(60)
    for (const text of strings) {
      const isColumn = text === 'metric' || text === 'value'
      const tags: [string, string][] = isColumn ? [['k', text]] : [[text, text]]
      const parsed = read({ metric: text, tags })
      expect(parsed.rejected).toEqual([])
      expect(parsed.series[0]?.metric).toBe(text)
      expect(Object.entries(JSON.parse(parsed.series[0]?.tags ?? ''))).toEqual(tags)
    }
  })

  test('IN-12: what is nested deep, or is one character again and again, ends in a refusal', () => {
    for (const text of ['[', '{', '"', '(', ',', '=', '\\', ' ', '\n', '{"a":', 'a b="', 'a,b=']) {
      const body = bytes(text.repeat(100_000))
      const startedAt = performance.now()
      try {
        expect(parse(body).length).toBe(0)
      } catch (error) {
        if (!(error instanceof DomainError)) throw error
      }
      expect(performance.now() - startedAt).toBeLessThan(1500)
    }
  })
})

function codeOf(run: () => unknown) {
  try {
    run()
  } catch (error) {
    if (error instanceof DomainError) return error.code
    throw error
  }
  return 'nothing was thrown'
}
