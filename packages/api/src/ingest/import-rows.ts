/** From a record of a file to the points of its row, by the mapping that somebody chose. */
import type { ColumnBuilder, Fault } from './columns'
import type { CsvRecord } from './import-csv'
import { createTimeReader, type ReadTime } from './import-time'
import { readPoint } from './point'
import type { ImportError, ImportMapping } from './schema-import'

export interface RowReaderOptions {
  /** What the ids of points begin with that have none of their own. */
  idPrefix: string
  /** Epoch ms. */
  now: number
}

/** Where each point of a ColumnBuilder came from, so that what the writer refuses can be told by line too. */
export interface PointPlace {
  line: number
  /** From 1. */
  column: number
}

export interface RowReader {
  /**
   * Adds the points of a record, the row-th of the file, and a place for each point, good or bad. Answers what is wrong
   * with the others.
   */
  read(columns: ColumnBuilder, places: PointPlace[], record: CsvRecord, row: number): ImportError[]
}

export function createRowReader(mapping: ImportMapping, options: RowReaderOptions): RowReader {
  return new MappedRows(mapping, options)
}

class MappedRows implements RowReader {
  readonly #mapping: ImportMapping
  readonly #options: RowReaderOptions
  readonly #decode: (bytes: string) => string | null
  readonly #readTime: ReadTime
  readonly #used: readonly number[]

  constructor(mapping: ImportMapping, options: RowReaderOptions) {
    this.#mapping = mapping
    this.#options = options
    this.#decode = createDecoder(mapping.encoding)
    this.#readTime = createTimeReader(mapping.timestamp)
    this.#used = listUsedColumns(mapping)
  }

  read(columns: ColumnBuilder, places: PointPlace[], { fields, line }: CsvRecord, row: number): ImportError[] {
    const texts = this.#decodeUsed(fields)
    if (typeof texts === 'number') return [{ line, column: texts + 1, ...INVALID_ENCODING }]
    const { timestamp, values, tags, idColumn, metricColumn } = this.#mapping
    const ts = this.#readTime(texts[timestamp.column] as string)
    if (typeof ts === 'string') return [{ line, column: timestamp.column + 1, code: 'invalid_timestamp', detail: ts }]
    const errors: ImportError[] = []
    // Without a prototype, so that a tag may be called __proto__.
    const ownTags: Record<string, string> = Object.create(null)
    for (const { column, key } of tags) if (texts[column] !== '') ownTags[key] = texts[column] as string
    const ownId = idColumn === null ? '' : (texts[idColumn] as string)
    for (const { column, metric } of values) {
      const text = texts[column] as string
      if (text === '' && values.length > 1) continue
      const value = readNumber(text, this.#mapping.decimal)
      if (value === null) {
        errors.push({ line, column: column + 1, ...describeValue(text, this.#mapping.decimal) })
        continue
      }
      const point = {
        metric: metric ?? texts[metricColumn as number],
        value,
        timestamp: toWire(ts),
        tags: ownTags,
        id: ownId === '' ? `${this.#options.idPrefix}${row}.${column}` : ownId,
      }
      const index = places.push({ line, column: column + 1 }) - 1
      const fault = readPoint(columns, index, point, { now: this.#options.now, isPlain: false })
      if (fault)
        errors.push({ line, column: this.#columnOf(fault, column) + 1, code: fault.code, detail: fault.detail })
    }
    return errors
  }

  /** The texts of the columns that are used, without space around them; or the place of one that is not in the encoding. */
  #decodeUsed(fields: readonly string[]): string[] | number {
    const texts: string[] = []
    for (const column of this.#used) {
      const text = this.#decode(fields[column] as string)
      if (text === null) return column
      texts[column] = text.trim()
    }
    return texts
  }

  #columnOf({ path }: Fault, valueColumn: number): number {
    const { timestamp, metricColumn, idColumn, tags } = this.#mapping
    if (path === '/timestamp') return timestamp.column
    if (path === '/metric') return metricColumn ?? valueColumn
    if (path === '/id') return idColumn ?? valueColumn
    const tag = path.startsWith('/tags/') ? tags.find(({ key }) => path === `/tags/${toToken(key)}`) : undefined
    return tag?.column ?? valueColumn
  }
}

export function listUsedColumns({ timestamp, values, tags, metricColumn, idColumn }: ImportMapping): number[] {
  const columns = [timestamp.column, ...[...values, ...tags].map(({ column }) => column), metricColumn, idColumn]
  return [...new Set(columns.filter((column) => column !== null))]
}

const toToken = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')

const INVALID_ENCODING = {
  code: 'invalid_encoding',
  detail: 'The text is not in the encoding that was chosen for the file.',
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant, controls included
const NOT_ASCII = /[^\x00-\x7f]/

/** From one character for each byte to the text; null when the bytes are none in this encoding. */
export function createDecoder(encoding: ImportMapping['encoding']): (bytes: string) => string | null {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  return (bytes) => {
    if (!NOT_ASCII.test(bytes)) return bytes
    try {
      return decoder.decode(Buffer.from(bytes, 'latin1'))
    } catch {
      return null // that it cannot be decoded is the answer
    }
  }
}

/** A number below 5e9 would be read as seconds: the first two months of 1970 go as text. */
const toWire = (ts: number) => (Math.abs(ts) >= 5e9 && Math.abs(ts) < 5e12 ? ts : toIso(ts))

const toIso = (ts: number) => (Math.abs(ts) <= 8.64e15 ? new Date(ts).toISOString() : 'out of any calendar')

/** Signs that set off groups of three digits, beside the one that is not the decimal sign: spaces and apostrophes. */
const GROUP = "[ \\u00a0\\u202f\\u2009'’"
const toPattern = (decimal: string, group: string) =>
  new RegExp(
    `^[+-]?(?:\\d+|\\d{1,3}(?:(${GROUP}${group}])\\d{3})(?:\\1\\d{3})*|(?=${decimal}\\d))(?:${decimal}\\d*)?(?:[eE][+-]?\\d{1,4})?$`,
  )
const NUMBERS = { '.': toPattern('\\.', ','), ',': toPattern(',', '.') } as const
const GROUPS = { '.': /[ \u00a0\u202f\u2009'’,]/g, ',': /[ \u00a0\u202f\u2009'’.]/g } as const

/** A number as people and programs of this decimal sign write it; null when it is none. */
export function readNumber(text: string, decimal: '.' | ','): number | null {
  if (!NUMBERS[decimal].test(text)) return null
  const plain = text.replace(GROUPS[decimal], '')
  const value = Number(decimal === ',' ? plain.replace(',', '.') : plain)
  return value
}

function describeValue(text: string, decimal: '.' | ',') {
  if (text === '') return { code: 'missing_field', detail: 'The value is empty.' }
  const other = decimal === '.' ? ',' : '.'
  const hint = readNumber(text, other) === null ? '' : ` With "${other}" as the decimal sign it would be one.`
  return { code: 'invalid_number', detail: `The value is not a number.${hint}` }
}
