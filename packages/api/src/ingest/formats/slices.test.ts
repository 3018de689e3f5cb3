import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NAUGHTY_STRINGS } from '../../kernel/testing/naughty'
import type { ParsedPoints } from '../columns'
import { INGEST_LIMITS } from '../schema'
import { createCsvReader } from './csv'
import { createNdjsonReader } from './ndjson'
import type { CreateSliceReader, SliceOptions } from './slices'

const NOW = Date.UTC(2026, 10, 20, 12)

function readPieces(create: CreateSliceReader, pieces: Iterable<string>, options: Partial<SliceOptions> = {}) {
  const reader = create({ now: NOW, idPrefix: null, ...options })
  const slices: ParsedPoints[] = []
  for (const piece of pieces) slices.push(...reader.push(piece))
  slices.push(...reader.end())
  return slices
}

/** What arrived, whatever slices it came in. */
const flatten = (slices: readonly ParsedPoints[]) => ({
  points: slices.flatMap(({ value, series, seriesOf, ts, ids, indexOf }) =>
    value.map((one, row) => {
      const { metric, tags } = series[seriesOf[row] as number] as { metric: string; tags: string }
      return { metric, tags, value: one, ts: ts[row], id: ids?.[row], line: indexOf?.[row] ?? row }
    }),
  ),
  rejected: slices.flatMap(({ rejected }) => rejected),
})

const csv = (text: string, options?: Partial<SliceOptions>) => flatten(readPieces(createCsvReader, [text], options))
const ndjson = (text: string, options?: Partial<SliceOptions>) =>
  flatten(readPieces(createNdjsonReader, [text], options))

const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
const SAMPLES = NAUGHTY_STRINGS.filter((text) => text === text.trim())
const CSV = `metric,value,timestamp,id,"a ""tag""",b\r\n${SAMPLES.map(
  (text, i) =>
    `${quote(text)},${i}.5,2026-11-20T09:30:00Z,${i % 3 ? `"id ${i}"` : ''},${quote(`${text}\n`)},${i % 2 ? 'x' : ''}`,
).join('\r\n')}\r\nm,broken\r\n\r\nm,1,,,,`
const NDJSON = `${SAMPLES.map((text, i) =>
  JSON.stringify({
    metric: text,
    value: i,
    timestamp: 1_700_000_000 + i,
    tags: { a: `${text}\n` },
    ...(i % 3 ? { id: `${i}` } : {}),
  }),
).join('\n')}\nbroken\n\n  \r\n{"metric":"m","value":1}`

describe.each([
  ['NDJSON', createNdjsonReader, NDJSON, SAMPLES.length],
  ['CSV', createCsvReader, CSV, SAMPLES.length * 2 + 1],
])('%s', (_name, create, text, brokenIndex) => {
  const expected = flatten(readPieces(create, [text]))

  test('every point is read, and a broken line costs no other', () => {
    expect(expected.points).toHaveLength(SAMPLES.length + 1)
    expect(expected.points.map(({ metric }) => metric)).toEqual([...SAMPLES, 'm'])
    expect(expected.rejected).toMatchObject([{ index: brokenIndex, pointer: `/${brokenIndex}`, code: 'invalid_line' }])
    expect(JSON.parse(expected.points[7]?.tags ?? '')).toMatchObject({
      [create === createCsvReader ? 'a "tag"' : 'a']: `${SAMPLES[7]}\n`,
    })
  })

  test('it does not matter where the body is cut, nor how large a slice is', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 }), { maxLength: 40 })
    fc.assert(
      fc.property(cuts, fc.integer({ min: 1, max: 50 }), (places, pointsPerSlice) => {
        const ends = [0, ...places.sort((a, b) => a - b), text.length]
        const pieces = ends.slice(1).map((end, i) => text.slice(ends[i], end))
        const slices = readPieces(create, pieces, { pointsPerSlice })
        expect(flatten(slices)).toEqual(expected)
        for (const { count } of slices) expect(count).toBeLessThanOrEqual(pointsPerSlice)
      }),
      { numRuns: 60 },
    )
    expect(flatten(readPieces(create, text))).toEqual(expected)
  })
})

describe('NDJSON', () => {
  test('a line that is longer than any point is refused without being kept, and the next one is read', () => {
    const long = 'x'.repeat(INGEST_LIMITS.lineCharsMax)
    const pieces = ['{"metric":"a","value":1}\n', long, long, long, '\n{"metric":"b","value":2}\n']
    const { points, rejected } = flatten(readPieces(createNdjsonReader, pieces))
    expect(points.map(({ metric, line }) => [metric, line])).toEqual([
      ['a', 0],
      ['b', 2],
    ])
    expect(rejected).toMatchObject([{ index: 1, code: 'too_long' }])
  })

  test('lines that would be points only together are none', () => {
    expect(ndjson('{"metric":"a"\n"value":1}\n[{"metric":"a","value":1}]').rejected.map(({ code }) => code)).toEqual([
      'invalid_line',
      'invalid_line',
      'not_an_object',
    ])
  })
})

describe('CSV', () => {
  const thrown = (text: string) => {
    try {
      csv(text)
    } catch (error) {
      return (error as Error).message
    }
    return 'nothing was thrown'
  }

  test.each([',', ';', '\t', '|'])('the separator "%s" is told from the header', (sign) => {
    const rows = ['timestamp|metric|"a,b"|value|region', '1700000000|m|"x;y|z"|12.5|eu'].map((row) =>
      row.replaceAll(/"[^"]*"|\|/g, (part) => (part === '|' ? sign : part)),
    )
    expect(csv(rows.join('\n')).points).toEqual([
      {
        metric: 'm',
        value: 12.5,
        ts: 1_700_000_000_000,
        tags: '{"a,b":"x;y|z","region":"eu"}',
        id: undefined,
        line: 1,
      },
    ])
  })

  test('an empty cell is no tag, no id and no timestamp', () => {
    expect(csv('metric,value,timestamp,id,region,channel\nm,1,,,,web\n').points).toEqual([
      { metric: 'm', value: 1, ts: NOW, tags: '{"channel":"web"}', id: undefined, line: 1 },
    ])
  })

  test('IN-08: a column may be called __proto__', () => {
    expect(csv('metric,value,__proto__,constructor\nm,1,a,b').points[0]?.tags).toBe(
      '{"__proto__":"a","constructor":"b"}',
    )
  })

  test('what is wrong is told with its line and its column', () => {
    const text =
      'metric,value,timestamp,region\nm,"1,5",,eu\n\n,2,,eu\nm,3,yesterday,eu\nm,4\n"m",5,"17000"00000,\nm,6,,"x'
    expect(csv(text).rejected.map(({ index, pointer, detail }) => [index, pointer, detail.split('. ')[0]])).toEqual([
      [1, '/1/value', 'Line 2, column 2: The value has a comma'],
      [3, '/3/metric', 'Line 4, column 1: The metric is empty.'],
      [
        4,
        '/4/timestamp',
        'Line 5, column 3: A timestamp is ISO 8601 with an offset, such as 2026-11-20T09:30:00Z, or an epoch number.',
      ],
      [5, '/5', 'Line 6: The line has 2 columns where 4 are expected.'],
      [6, '/6', 'Line 7, column 3: Text follows the closing quote'],
      [7, '/7', 'Line 8, column 4: A quote opens here and never closes.'],
    ])
  })

  test.each([
    ['', /empty/],
    ['\n\n', /empty/],
    ['m,1\n', /no column "metric"/],
    ['metric,amount\nm,1', /no column "value"/],
    ['metric,value,value\n', /"value" twice/],
    ['metric,value,\n', /Column 3 has no name/],
    ['"metric,value\n', /quote/],
  ])('a header that cannot be read ends it: %j', (text, detail) => {
    expect(thrown(text)).toMatch(detail)
  })
})

test('with a key every point gets the same id again, and needs a timestamp', () => {
  const body = 'metric,value,timestamp,id\nm,1,1700000000,\nm,1,1700000000,own\nm,1,,\n'
  const { points, rejected } = csv(body, { idPrefix: 'key' })
  expect(points.map(({ id }) => id)).toEqual(['key:1', 'own'])
  expect(rejected).toMatchObject([{ index: 3, pointer: '/3/timestamp', code: 'missing_field' }])
  expect(ndjson('{"metric":"m","value":1,"timestamp":0}\n7', { idPrefix: 'k'.repeat(255) })).toMatchObject({
    points: [{ id: `${'k'.repeat(255)}:0` }],
    rejected: [{ code: 'not_an_object' }],
  })
})
