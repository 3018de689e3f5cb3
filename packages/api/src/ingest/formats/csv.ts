/**
 * CSV (RFC 4180) with a header row that names its columns: `metric` and `value`, and if wanted `timestamp` and `id`; every
 * other column is a tag. The separator is told from the header.
 */
import { DomainError } from '../../kernel/errors'
import type { Fault, ParsedPoints } from '../columns'
import { type CsvRecord, CsvReader as RecordReader } from '../import-csv'
import { IMPORT_DELIMITERS, IMPORT_LIMITS } from '../schema-import'
import { SliceCollector, type SliceOptions, type SliceReader } from './slices'

export const createCsvReader = (options: SliceOptions): SliceReader => new CsvReader(options)

/** What the columns are, by their place. */
interface Header {
  delimiter: string
  names: string[]
  metric: number
  value: number
  timestamp: number
  id: number
  tags: { name: string; column: number }[]
}

class CsvReader implements SliceReader {
  readonly #collector: SliceCollector
  #header: Header | null = null
  /** What the last piece ended with: the beginning of a record. */
  #rest = ''
  /** The line that `#rest` begins on, from 1. */
  #line = 1

  constructor(options: SliceOptions) {
    this.#collector = new SliceCollector(options)
  }

  *push(text: string): Generator<ParsedPoints> {
    yield* this.#read(text, false)
  }

  *end(): Generator<ParsedPoints> {
    yield* this.#read('', true)
    if (!this.#header) throw badHeader('The body is empty. Its first line names the columns: metric,value,timestamp.')
    if (!this.#collector.isEmpty) yield this.#collector.take()
  }

  *#read(text: string, isLast: boolean): Generator<ParsedPoints> {
    const all = this.#rest + text
    this.#rest = all
    if (!this.#header && !isLast && !/[\r\n]/.test(all.trimStart()) && all.length < IMPORT_LIMITS.recordBytesMax) return
    const delimiter = this.#header?.delimiter ?? findDelimiter(all)
    const columnCount = this.#header?.names.length ?? null
    let records = new RecordReader(all, { delimiter, columnCount, line: this.#line, isLast })
    if (!this.#header) {
      const record = records.next()
      if (record === null) return
      if (!('fields' in record)) throw badHeader(record.detail)
      this.#header = readHeader(record.fields, delimiter)
      const start = records.position
      records = new RecordReader(all.slice(start), {
        delimiter,
        columnCount: record.fields.length,
        line: records.line,
        isLast,
      })
      this.#rest = all.slice(start)
    }
    const source = this.#rest
    let from = 0
    for (let record = records.next(); record; record = records.next()) {
      const start = from
      from = records.position
      if ('fields' in record) this.#readRow(this.#header, record, from - start)
      else {
        const fault = { path: '', code: 'invalid_line' as const, detail: record.detail }
        this.#refuse(record.line, record.column, fault, () => source.slice(start, from).trim())
      }
      if (this.#collector.isFull) yield this.#collector.take()
    }
    this.#rest = source.slice(records.position)
    this.#line = records.line
  }

  #readRow(header: Header, { fields, line }: CsvRecord, chars: number): void {
    const cell = fields[header.value] as string
    const value = readNumber(cell)
    const isNumber = typeof value === 'number'
    const point = toPoint(header, fields, isNumber ? value : cell)
    const fault = !isNumber
      ? { path: '/value', code: 'invalid_type' as const, detail: value }
      : this.#collector.read(line - 1, point, false, chars)
    if (fault) this.#refuse(line, columnOf(header, fault), fault, () => JSON.stringify(point))
  }

  #refuse(line: number, column: number | null, fault: Fault, raw: () => string): void {
    const place = column === null ? `Line ${line}` : `Line ${line}, column ${column}`
    this.#collector.refuse(line - 1, { ...fault, detail: `${place}: ${fault.detail}` }, raw)
  }
}

function toPoint(header: Header, fields: readonly string[], value: unknown): Record<string, unknown> {
  const point: Record<string, unknown> = { metric: fields[header.metric], value }
  const timestamp = header.timestamp < 0 ? '' : (fields[header.timestamp] as string).trim()
  if (timestamp !== '') point.timestamp = EPOCH.test(timestamp) ? Number(timestamp) : timestamp
  const id = header.id < 0 ? '' : (fields[header.id] as string)
  if (id !== '') point.id = id
  if (header.tags.length > 0) {
    // Without a prototype, so that a tag may be called __proto__.
    const tags: Record<string, string> = Object.create(null)
    for (const { name, column } of header.tags) if (fields[column] !== '') tags[name] = fields[column] as string
    point.tags = tags
  }
  return point
}

const EPOCH = /^-?\d+(\.\d+)?$/
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/** A number, or what is wrong with the text. */
function readNumber(field: string): number | string {
  const text = field.trim()
  if (NUMBER.test(text)) return Number(text)
  if (text === '') return 'The value is empty.'
  if (/^[+-]?\d[\d.]*,\d+$/.test(text)) return 'The value has a comma. Write the decimal point as a point: 12.5.'
  return 'The value is not a number, such as 12.5 or 1e3.'
}

/** The one of which the first line has most, quoted parts left out. */
function findDelimiter(text: string): string {
  const [line = ''] = text
    .trimStart()
    .slice(0, IMPORT_LIMITS.recordBytesMax)
    .split(/[\r\n]/, 1)
  const bare = line.replaceAll(/"[^"]*"/g, '')
  const counts = IMPORT_DELIMITERS.map((delimiter) => bare.split(delimiter).length)
  return IMPORT_DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ','
}

function readHeader(fields: readonly string[], delimiter: string): Header {
  const names = fields.map((field) => field.trim())
  if (names.length > IMPORT_LIMITS.columnsMax)
    throw badHeader(`The header has ${names.length} columns, and at most ${IMPORT_LIMITS.columnsMax} are read.`)
  const seen = new Set<string>()
  for (const [column, name] of names.entries()) {
    if (name === '') throw badHeader(`Column ${column + 1} has no name.`)
    if (seen.has(name)) throw badHeader(`The header names the column "${name}" twice.`)
    seen.add(name)
  }
  for (const name of ['metric', 'value'])
    if (!seen.has(name))
      throw badHeader(`The header has no column "${name}". It begins like this: metric,value,timestamp.`)
  const [metric, value, timestamp, id] = OWN.map((name) => names.indexOf(name)) as [number, number, number, number]
  const tags = names.map((name, column) => ({ name, column })).filter(({ name }) => !OWN.includes(name))
  return { delimiter, names, metric, value, timestamp, id, tags }
}

const OWN = ['metric', 'value', 'timestamp', 'id']

const badHeader = (detail: string) => new DomainError('invalid_request', `The CSV cannot be read. ${detail}`)

/** From 1; null for what concerns the whole row. */
function columnOf(header: Header, { path }: Fault): number | null {
  const [, field = '', ...tag] = path.split('/')
  const name = field === 'tags' ? tag.join('/').replaceAll('~1', '/').replaceAll('~0', '~') : field
  const place = header.names.indexOf(name)
  return place < 0 ? null : place + 1
}
