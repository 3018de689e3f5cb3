import { describe, expect, test } from 'vitest'
import { CsvReader } from './import-csv'
import { readNumber } from './import-rows'
import { createTimeReader } from './import-time'
import { IMPORT_LIMITS, type ImportError } from './schema-import'

function readAll(text: string, options: { delimiter?: string; columnCount?: number | null; isLast?: boolean } = {}) {
  const { delimiter = ',', columnCount = null, isLast = true } = options
  const csv = new CsvReader(text, { delimiter, columnCount, line: 1, isLast })
  const lines: (string[] | [number, string])[] = []
  for (let record = csv.next(); record; record = csv.next()) {
    lines.push('fields' in record ? record.fields : [(record as ImportError).line, (record as ImportError).code])
  }
  return { lines, position: csv.position, line: csv.line }
}

describe('records', () => {
  test.each([
    ['LF', 'a,b\n1,2\n'],
    ['CRLF', 'a,b\r\n1,2\r\n'],
    ['CR', 'a,b\r1,2\r'],
    ['no end behind the last', 'a,b\n1,2'],
    ['empty lines between', '\na,b\n\n\r\n1,2\n\n'],
  ])('ends of lines: %s', (_name, text) => {
    expect(readAll(text).lines).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ])
  })

  test('quotes hold separators, ends of lines and quotes', () => {
    const text = 'x,"a,b"\n"two\r\nlines","say ""hi"""\n3,\n'
    const { lines, line } = readAll(text)
    expect(lines).toEqual([
      ['x', 'a,b'],
      ['two\r\nlines', 'say "hi"'],
      ['3', ''],
    ])
    expect(line).toBe(5)
  })

  test('a quote inside of a text without quotes is a character like others', () => {
    expect(readAll('5" pipe,2\n').lines).toEqual([['5" pipe', '2']])
  })

  test('DL-10: a quote that never closes costs its own line and no other', () => {
    const text = 'a,1\n"b,2\nc,3\nd,4\n'
    expect(readAll(text, { columnCount: 2 }).lines).toEqual([
      ['a', '1'],
      [2, 'unclosed_quote'],
      ['c', '3'],
      ['d', '4'],
    ])
  })

  test('DL-10: a quote that closes in a later line by chance does not swallow what lies between', () => {
    const text = 'a,1\n"b,2\nc,3\n"d",4\n'
    expect(readAll(text, { columnCount: 2 }).lines).toEqual([
      ['a', '1'],
      [2, 'text_after_quote'],
      ['c', '3'],
      ['d', '4'],
    ])
  })

  test('a line with another number of columns is told, and empty ones at its end are forgiven', () => {
    expect(readAll('1,2\n1\n1,2,3\n1,2,,\n', { columnCount: 2 }).lines).toEqual([
      ['1', '2'],
      [2, 'wrong_column_count'],
      [3, 'wrong_column_count'],
      ['1', '2'],
    ])
  })

  test('a line that is too long is told, and reading goes on behind it', () => {
    const long = 'x'.repeat(IMPORT_LIMITS.recordBytesMax + 1)
    expect(readAll(`1,2\n${long},2\n3,4\n`).lines).toEqual([
      ['1', '2'],
      [2, 'too_long'],
      ['3', '4'],
    ])
  })

  test('cut at any byte, the parts hold the same records as the whole', () => {
    const text = 'a,"b\nc"\r\n"d ""x""",e\r\n\r\nf,"g"\n"",h'
    const whole = readAll(text).lines
    for (let cut = 0; cut <= text.length; cut++) {
      const first = readAll(text.slice(0, cut), { isLast: false })
      const rest = readAll(text.slice(first.position))
      expect([...first.lines, ...rest.lines]).toEqual(whole)
    }
  })
})

describe('numbers', () => {
  test.each([
    ['1', '.', 1],
    ['-1.5', '.', -1.5],
    ['+.5', '.', 0.5],
    ['1e3', '.', 1000],
    ['1,234,567.89', '.', 1_234_567.89],
    ["1'234.5", '.', 1234.5],
    ['1 234', '.', 1234],
    ['1,5', ',', 1.5],
    ['-1.234.567,89', ',', -1_234_567.89],
    ['1\u00a0234,5', ',', 1234.5],
    ['1\u202f234,5', ',', 1234.5],
    ['12', ',', 12],
    ['1,5', '.', null],
    ['1.5', ',', null],
    ['1,23,456', '.', null],
    ['1 234,567.8', '.', null],
    ['0x10', '.', null],
    ['NaN', '.', null],
    ['Infinity', '.', null],
    ['12 %', '.', null],
    ['1.2.3', '.', null],
    ['.', '.', null],
    ['', '.', null],
    ['e5', '.', null],
  ] as const)('%s with %s is %s', (text, decimal, value) => {
    expect(readNumber(text, decimal)).toBe(value)
  })
})

describe('times', () => {
  const at = (text: string, format: 'iso' | 'epoch' | 'ymd' | 'dmy' | 'mdy', zone = 'UTC') => {
    const ts = createTimeReader({ format, zone })(text)
    return typeof ts === 'number' ? new Date(ts).toISOString() : null
  }

  test.each([
    ['2026-11-20T09:30:00+01:00', 'iso', 'UTC', '2026-11-20T08:30:00.000Z'],
    ['1763628600', 'epoch', 'UTC', '2025-11-20T08:50:00.000Z'],
    ['2026-11-20', 'ymd', 'Europe/Berlin', '2026-11-19T23:00:00.000Z'],
    ['2026/1/2 3:04', 'ymd', 'UTC', '2026-01-02T03:04:00.000Z'],
    ['20261120', 'ymd', 'UTC', '2026-11-20T00:00:00.000Z'],
    ['2026-11-20 09:30:00.250', 'ymd', 'Asia/Kathmandu', '2026-11-20T03:45:00.250Z'],
    ['20.11.2026 09:30', 'dmy', 'Europe/Berlin', '2026-11-20T08:30:00.000Z'],
    ['20.11.26', 'dmy', 'UTC', '2026-11-20T00:00:00.000Z'],
    ['11/20/2026 12:05 AM', 'mdy', 'America/New_York', '2026-11-20T05:05:00.000Z'],
    ['11/20/2026, 1:05:09 p.m.', 'mdy', 'UTC', '2026-11-20T13:05:09.000Z'],
    ['29.03.2026 02:30', 'dmy', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    ['25.10.2026 02:30', 'dmy', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['25.10.2026 03:00', 'dmy', 'Europe/Berlin', '2026-10-25T02:00:00.000Z'],
    ['29.03.2026 01:59', 'dmy', 'Europe/Berlin', '2026-03-29T00:59:00.000Z'],
  ] as const)('%s as %s in %s', (text, format, zone, expected) => {
    expect(at(text, format, zone)).toBe(expected)
  })

  test.each([
    ['2026-11-20T09:30:00', 'iso'],
    ['today', 'epoch'],
    ['30.02.2026', 'dmy'],
    ['13/13/2026', 'mdy'],
    ['2026-11-20 25:00', 'ymd'],
    ['2026-11-20 13:00 pm', 'ymd'],
    ['2026-11-20T09:30:00Z', 'ymd'],
    ['', 'ymd'],
  ] as const)('%s as %s is told', (text, format) => {
    expect(at(text, format)).toBeNull()
  })
})
