import { Point } from '@influxdata/influxdb-client'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Precision, readFieldValue } from './line-number'
import { parseLineProtocol } from './line-protocol'

const NOW = Date.UTC(2026, 10, 20, 12)
const slices = (text: string, precision: Precision = 'ns', rowsPerSlice = 5000) => [
  ...parseLineProtocol(new TextEncoder().encode(text), { now: NOW, precision, rowsPerSlice }),
]

/** The points of a body, one object for each. */
function read(text: string, precision?: Precision) {
  const [parsed] = slices(text, precision)
  if (!parsed) throw new Error('there is always a slice')
  const points = parsed.value.map((value, row) => {
    const { metric, tags } = parsed.series[parsed.seriesOf[row] as number] as { metric: string; tags: string }
    return { metric, tags: JSON.parse(tags) as Record<string, string>, value, ts: parsed.ts[row] }
  })
  return { points, parsed }
}

const refusals = (text: string, precision?: Precision) =>
  read(text, precision).parsed.rejected.map(({ index, code }) => [index, code])

test('a field is a series of its own, and the field "value" is the measurement', () => {
  const { points, parsed } = read('cpu,host=a,zone=eu usage=1.5,idle=3i,value=2u,up=t 1700000000000000123')
  const [tags, ts] = [{ host: 'a', zone: 'eu' }, 1_700_000_000_000]
  expect(points).toEqual([
    { metric: 'cpu.usage', tags, value: 1.5, ts },
    { metric: 'cpu.idle', tags, value: 3, ts },
    { metric: 'cpu', tags, value: 2, ts },
    { metric: 'cpu.up', tags, value: 1, ts },
  ])
  expect(parsed).toMatchObject({ identity: 'overwrite', ids: null, count: 4 })
})

test('comments, blank lines, carriage returns and blanks to spare are skipped, and lines are counted all the same', () => {
  const { points, parsed } = read('# a comment\r\n\r\n \t\r\n  a value=1   1700000000000000000  \r\n#\nbad\nb value=2')
  expect(points.map(({ metric, ts }) => [metric, ts])).toEqual([
    ['a', 1_700_000_000_000],
    ['b', NOW],
  ])
  expect(parsed.rejected).toMatchObject([{ index: 5, pointer: '/5', code: 'invalid_line' }])
  expect(slices('')).toMatchObject([{ count: 0, length: 0 }])
  expect(slices('# nothing\n\n')).toMatchObject([{ count: 0, length: 0 }])
})

test('text fields are no numbers: they are left out, and may hold anything', () => {
  const { points, parsed } = read(
    'log level="warn, or = \\" so",n=1i,text="two\nlines, # x" 1700000000000000000\nb value=2',
  )
  expect(points.map(({ metric, value }) => [metric, value])).toEqual([
    ['log.n', 1],
    ['b', 2],
  ])
  expect(parsed.rejected).toEqual([])
  expect(refusals('a value=1\nlog text="a\nb"\nb value=x')).toEqual([
    [1, 'invalid_type'],
    [3, 'invalid_type'],
  ])
  expect(refusals('a text="never closed\nb value=1')).toEqual([[0, 'invalid_line']])
})

test.each([
  ['a', 'invalid_line'],
  ['a ', 'invalid_line'],
  [',t=1 value=1', 'missing_field'],
  ['a,t value=1', 'missing_field'],
  ['a,t= value=1', 'missing_field'],
  ['a,=v value=1', 'missing_field'],
  ['a, value=1', 'missing_field'],
  ['a,t=1,t=2 value=1', 'invalid_line'],
  ['a value', 'invalid_line'],
  ['a value=', 'missing_field'],
  ['a =1', 'invalid_line'],
  ['a value=1,', 'invalid_line'],
  ['a value=1,,b=2', 'invalid_line'],
  ['a value=1 b=2', 'invalid_timestamp'],
  ['a value=1 17 18', 'invalid_timestamp'],
  ['a value="x"1', 'invalid_line'],
  ['a value=abc', 'invalid_type'],
  ['a value=tRUE', 'invalid_type'],
])('"%s" is refused as a whole', (line, code) => {
  const { parsed, points } = read(`${line}\nb value=1`)
  expect(parsed.rejected.map((one) => one.code)).toEqual([code])
  expect(points.map(({ metric }) => metric)).toEqual(['b'])
})

test('of a line with one bad field nothing is stored', () => {
  expect(read('a x=1,y=abc,z=2').points).toEqual([])
})

test('a line has so many fields and no more', () => {
  const line = (count: number) => `a ${Array.from({ length: count }, (_, i) => `f${i}=${i}`).join(',')}`
  expect(read(line(1000)).points).toHaveLength(1000)
  expect(refusals(line(1001))).toEqual([[0, 'too_long']])
})

describe('timestamps', () => {
  const ts = (timestamp: string, precision: Precision) => read(`a value=1 ${timestamp}`, precision).points[0]?.ts

  test.each([
    ['1700000000123456789', 'ns', 1_700_000_000_123.456],
    ['1700000000123456', 'us', 1_700_000_000_123.456],
    ['1700000000123', 'ms', 1_700_000_000_123],
    ['1700000000', 's', 1_700_000_000_000],
    ['28333333', 'm', 28_333_333 * 60_000],
    ['472222', 'h', 472_222 * 3_600_000],
    ['999', 'ns', 0],
    // Told by their size, up to and from the edges of the units.
    ['1700000000', 'auto', 1_700_000_000_000],
    ['1700000000123', 'auto', 1_700_000_000_123],
    ['1700000000123456', 'auto', 1_700_000_000_123.456],
    ['1700000000123456789', 'auto', 1_700_000_000_123.456],
    ['5000000000', 'auto', 5_000_000_000],
    ['5000000000000', 'auto', 5_000_000_000],
    ['5000000000000000', 'auto', 5_000_000_000],
    ['0', 'auto', 0],
  ] as const)('IN-06: %s in %s', (timestamp, precision, expected) => {
    expect(ts(timestamp, precision)).toBe(expected)
  })

  test('IN-06: what the unit makes of it may lie outside of what is accepted', () => {
    expect(refusals('a value=1 1700000000', 'h')).toEqual([[0, 'timestamp_out_of_window']])
    expect(refusals('a value=1 4999999999', 'auto')).toEqual([[0, 'timestamp_out_of_window']])
    expect(refusals('a value=1 -1', 's')).toEqual([[0, 'timestamp_out_of_window']])
  })
})

test.each([
  ['9223372036854775807i', 2 ** 63],
  ['9223372036854775808i', Number.POSITIVE_INFINITY],
  ['-9223372036854775808i', -(2 ** 63)],
  ['-9223372036854775809i', Number.POSITIVE_INFINITY],
  ['18446744073709551615u', 2 ** 64],
  ['18446744073709551616u', Number.POSITIVE_INFINITY],
  ['-1u', Number.NaN],
  ['+0000000000000000000000003i', 3],
])('IN-03: an integer has 64 bits, to the last one: %s', (word, value) => {
  expect(readFieldValue(word, 0, word.length)).toBe(value)
})

test('the nearest float is read, however it is written', () => {
  const written = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.tuple(fc.integer(), fc.nat({ max: 999_999_999 })).map(([whole, part]) => `${whole}.${part}`),
    fc.tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.nat({ max: 30 })).map(([n, e]) => `${n}e-${e}`),
  )
  fc.assert(
    fc.property(written, (text) => {
      expect(readFieldValue(`x=${text},`, 2, 2 + text.length)).toBe(Number(text))
    }),
    { numRuns: 2000 },
  )
})

test('IN-23: what the client library of InfluxDB writes is read as it was meant', () => {
  // Its rules: no line ends (which it turns into a backslash and a letter), no backslash before a separator, and no __proto__.
  const unit = fc.oneof(
    fc.constantFrom('a', ',', '=', ' ', '"', '\\', "'", '#', 'é', '😀'),
    fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme' }),
  )
  const text = fc
    .string({ unit, minLength: 1, maxLength: 12 })
    .filter((one) => !/[\n\r\t\0\ufeff]|^#|\\$|^__proto__$/.test(one))
  const points = fc.record({
    name: text,
    tags: fc.dictionary(text, text, { maxKeys: 4 }),
    fields: fc.dictionary(text, fc.double({ noNaN: true, noDefaultInfinity: true }), { minKeys: 1, maxKeys: 4 }),
    note: text,
    at: fc.integer({ min: 0, max: NOW }),
  })
  fc.assert(
    fc.property(fc.array(points, { minLength: 1, maxLength: 5 }), (all) => {
      const lines = all.map(({ name, tags, fields, note, at }) => {
        const point = new Point(name).timestamp(`${at}000000`).stringField('note', note)
        for (const [key, value] of Object.entries(tags)) point.tag(key, value)
        for (const [key, value] of Object.entries(fields)) point.floatField(key, value)
        return point.toLineProtocol()
      })
      const sent = all.flatMap(({ name, tags, fields, at }) =>
        Object.entries(fields)
          .filter(([field]) => field !== 'note')
          .map(([field, value]) => ({
            metric: field === 'value' ? name : `${name}.${field}`,
            tags: { ...tags },
            value: value + 0,
            ts: at,
          })),
      )
      const key = (point: object) => JSON.stringify(point)
      const { points: got } = read(lines.join('\n'))
      expect(
        got
          .map((point) => ({ ...point, tags: { ...point.tags } }))
          .map(key)
          .sort(),
      ).toEqual(sent.map(sortTags).map(key).sort())
    }),
    { numRuns: 500 },
  )
})

const sortTags = <T extends { tags: Record<string, string> }>(point: T): T => ({
  ...point,
  tags: Object.fromEntries(Object.entries(point.tags).sort(([one], [other]) => (one < other ? -1 : 1))),
})

test('a long body is read in slices at ends of lines, with the lines counted through', () => {
  const body = Array.from({ length: 25 }, (_, i) => (i % 10 === 3 ? 'bad' : `a x=${i},y=${i} ${1700000000 + i}`)).join(
    '\n',
  )
  const parts = slices(body, 's', 10)
  expect(parts.length).toBeGreaterThan(3)
  expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(11)
  expect(parts.flatMap(({ rejected }) => rejected.map(({ index }) => index))).toEqual([3, 13, 23])
  expect(parts.reduce((sum, { length }) => sum + length, 0)).toBe(44)
  expect(
    parts.flatMap(({ ts, indexOf }) => ts.map((at, row) => at === (1700000000 + (indexOf?.[row] ?? row)) * 1000)),
  ).not.toContain(false)
})
