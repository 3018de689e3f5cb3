import { describe, expect, test } from 'vitest'
import { DomainError } from '../../kernel/errors'
import type { ParsedPoints } from '../columns'
import { parseTextExposition } from './text-exposition'

const NOW = Date.UTC(2026, 10, 20, 12)
const read = (text: string, labels: Record<string, string> = {}) =>
  parseTextExposition(Buffer.from(text), new Map(Object.entries(labels)), NOW)
const part = (parsed: readonly ParsedPoints[], identity: string) =>
  parsed.find((one) => one.identity === identity && one.length > 0)
const refusal = (text: string | Buffer) => {
  try {
    parseTextExposition(Buffer.from(text), new Map(), NOW)
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

test('types, help, labels, escapes, timestamps and comments are read as the format has them', () => {
  const parsed = read(
    [
      '# a comment',
      '# HELP hits Hits of a \\\\ page\\nand more',
      '# TYPE hits counter',
      String.raw`hits { path = "/a\"b\\c\nd" , code="200", } 1027 ${NOW - 1000}`,
      '',
      '  load\t-1.5e-3  ',
      'rss 12\r',
    ].join('\n'),
    { job: 'night' },
  )
  const counter = part(parsed, 'cumulative')
  expect(counter).toMatchObject({ ts: [NOW - 1000], value: [1027], startTs: [null] })
  expect(JSON.parse(counter?.series[0]?.tags ?? '')).toEqual({ code: '200', job: 'night', path: '/a"b\\c\nd' })
  expect(counter?.hints?.get('hits')).toEqual({ kind: 'count', description: 'Hits of a \\ page\nand more' })
  expect(part(parsed, 'overwrite')).toMatchObject({
    value: [-0.0015, 12],
    ts: [NOW, NOW],
    series: [
      { metric: 'load', tags: '{"job":"night"}' },
      { metric: 'rss', tags: '{"job":"night"}' },
    ],
  })
})

test('the group of the request goes before the labels of a line', () => {
  expect(part(read('up{job="mine",instance="i"} 1', { job: 'night' }), 'overwrite')?.series[0]?.tags).toBe(
    '{"instance":"i","job":"night"}',
  )
})

test('histograms are distributions, summaries are counters and levels', () => {
  const parsed = read(`# TYPE took histogram
took_bucket{le="1"} 2
took_bucket{le="+Inf"} 3
took_sum 4.5
took_count 3
# TYPE size summary
size{quantile="0.5"} 7
size{quantile="0.9"} NaN
size_sum 70
size_count 10
`)
  expect(part(parsed, 'cumulative')).toMatchObject({
    series: [{ metric: 'took' }, { metric: 'size_sum' }, { metric: 'size_count' }],
    value: [4.5, 70, 10],
    buckets: [{ counts: [2, 1] }],
  })
  expect(part(parsed, 'overwrite')).toMatchObject({
    series: [{ metric: 'size', tags: '{"quantile":"0.5"}' }],
    value: [7],
  })
})

test('OpenMetrics: the unit, seconds as timestamps, exemplars, and when something was created', () => {
  const parsed = read(`# TYPE hits counter
# UNIT hits pages
hits_total{path="/"} 17 ${(NOW - 1500) / 1000} # {trace_id="x"} 1 1.5
hits_created{path="/"} ${(NOW - 60_000) / 1000}
# EOF
`)
  expect(parsed).toHaveLength(1)
  expect(parsed[0]).toMatchObject({
    identity: 'cumulative',
    ts: [NOW - 1500],
    startTs: [NOW - 60_000],
    series: [{ metric: 'hits_total' }],
  })
  expect(parsed[0]?.hints?.get('hits_total')).toEqual({ kind: 'count', unit: 'pages' })
})

test("Python's client says when a counter was created as a gauge of its own", () => {
  const parsed = read(`# TYPE jobs_total counter
jobs_total 5
# TYPE jobs_created gauge
jobs_created ${(NOW - 60_000) / 1000}
`)
  expect(parsed).toMatchObject([{ identity: 'cumulative', value: [5], startTs: [NOW - 60_000] }])
})

describe('refused as a whole, with the line', () => {
  test.each([
    ['a value that is none', 'up 1\nup2 one', 'Line 2: "one" is no number.'],
    ['no value', 'up', 'Line 1: "" is no number.'],
    ['an infinite value', 'ok 1\nup +Inf', /^Line 2: The value is not a number, infinite/],
    ['a name that is none', '9up 1', 'Line 1: A line begins with the name of a metric.'],
    ['an open brace', 'up{a="b" 1', /^Line 1: A comma or } is missing/],
    ['a label without quotes', 'up{a=b} 1', /^Line 1: The labels cannot be read/],
    ['a label twice', 'up{a="1",a="2"} 1', 'Line 1: The label "a" stands there twice.'],
    ['a series twice', 'up{a="1",b="2"} 1\nup{b="2",a="1"} 2', 'Line 2: The same series stands there twice.'],
    ['a timestamp that is none', 'up 1 now', 'Line 1: "now" is no timestamp.'],
    ['a timestamp in nanoseconds', `up 1 ${NOW}000000`, /^Line 1: Timestamps from 1970/],
    ['an unknown type', '# TYPE up meter', 'Line 1: There is no type "meter".'],
    ['something behind the end', '# EOF\nup 1', 'Line 2: There is something behind "# EOF".'],
  ])('%s', (_, text, detail) => {
    const error = refusal(text)
    expect(error.code).toBe('invalid_request')
    expect(error.detail).toMatch(detail)
  })

  test('IN-11: bytes that are no UTF-8', () => {
    expect(refusal(Buffer.from([0x75, 0x70, 0x20, 0xff])).code).toBe('invalid_encoding')
  })
})
