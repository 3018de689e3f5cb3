/** What the columns of an unknown file probably are. Only a proposal: somebody looks at it before anything is stored. */
import { CsvReader } from './import-csv'
import { createDecoder, readNumber } from './import-rows'
import { createTimeReader } from './import-time'
import { INGEST_LIMITS } from './schema'
import { IMPORT_DELIMITERS, IMPORT_LIMITS, IMPORT_TIME_FORMATS, type ImportMapping } from './schema-import'

export interface Sample {
  /** One character for each byte, without a byte order mark. */
  text: string
  encoding: ImportMapping['encoding']
  /** The text is the whole file. */
  isWhole: boolean
  /** For times that name none. */
  zone: string
}

export interface Shape {
  delimiter: ImportMapping['delimiter']
  columnCount: number
  hasHeader: boolean
}

export interface Guess {
  shape: Shape
  /** Null without a column of times or of numbers. */
  mapping: ImportMapping | null
}

/** UTF-8 has a form that other encodings hardly ever take by chance. The sample may end inside of a letter. */
export function guessEncoding(bytes: Buffer): ImportMapping['encoding'] {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return 'utf-8'
  } catch {
    return 'windows-1252' // that it cannot be decoded is the answer
  }
}

/** Null when there is no complete record. */
export function guessMapping({ text, encoding, isWhole, zone }: Sample): Guess | null {
  const cut = IMPORT_DELIMITERS.map((delimiter) => cutInto(text, delimiter, isWhole))
  // Of equals the first: the order of IMPORT_DELIMITERS is that of how common they are.
  const best = cut.reduce((a, b) => (b.score > a.score ? b : a))
  if (best.records.length === 0) return null
  const decode = createDecoder(encoding)
  const rows = best.records.map((fields) => fields.map((bytes) => (decode(bytes) ?? bytes).trim()))
  const hasHeader = guessHeader(rows)
  const names = hasHeader ? (rows[0] as string[]) : null
  const columns = Array.from({ length: best.columnCount }, (_, column) => ({
    column,
    name: names?.[column] ?? '',
    texts: rows.slice(hasHeader ? 1 : 0).flatMap((row) => (row[column] ? [row[column]] : [])),
  }))
  const { delimiter, columnCount } = best
  const shape = { delimiter, columnCount, hasHeader }
  return { shape, mapping: mapColumns(columns, { ...shape, encoding }, zone) }
}

interface Cut {
  delimiter: ImportMapping['delimiter']
  columnCount: number
  /** Those with the usual number of columns. */
  records: string[][]
  score: number
}

function cutInto(text: string, delimiter: ImportMapping['delimiter'], isWhole: boolean): Cut {
  const csv = new CsvReader(text, { delimiter, columnCount: null, line: 1, isLast: isWhole })
  const all: string[][] = []
  for (let record = csv.next(); record; record = csv.next()) if ('fields' in record) all.push(record.fields)
  const counts = new Map<number, number>()
  for (const { length } of all) counts.set(length, (counts.get(length) ?? 0) + 1)
  const [columnCount = 1, usual = 0] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? []
  const records = all.filter(({ length }) => length === columnCount && length <= IMPORT_LIMITS.columnsMax)
  // A sign that cuts every line into the same number of columns is the one; one column is what every wrong sign makes.
  const score = columnCount === 1 ? 0 : usual / all.length + Math.min(columnCount, 20) / 100
  return { delimiter, columnCount, records, score }
}

/** Names are no numbers and no times, all different, and something below them is not like them. */
function guessHeader([first = [], ...others]: readonly string[][]): boolean {
  const isLikeName = (text: string) => text !== '' && guessTypeOf([text]) === 'text'
  if (!first.every(isLikeName) || new Set(first).size !== first.length) return false
  return others.length === 0 || others.some((row) => row.some((text) => text !== '' && !isLikeName(text)))
}

const DECIMALS = ['.', ','] as const

/** Of ten cells one may be broken: the file of somebody who wants to know where its faults are has some. */
const BROKEN_SHARE_MAX = 0.1

/** How many of the texts do not fit; null when they are too many for it to be a guess. */
function countBroken(texts: readonly string[], fits: (text: string) => boolean): number | null {
  const broken = texts.reduce((count, text) => (fits(text) ? count : count + 1), 0)
  return broken > texts.length * BROKEN_SHARE_MAX ? null : broken
}

/** What nearly all texts (those that are not empty) can be read as. */
export function guessTypeOf(texts: readonly string[]): 'empty' | 'time' | 'number' | 'text' {
  const filled = texts.filter((text) => text !== '')
  if (filled.length === 0) return 'empty'
  if (DECIMALS.some((decimal) => countBroken(filled, (text) => readNumber(text, decimal) !== null) !== null))
    return 'number'
  return guessTimeFormat(filled, ['iso', 'ymd', 'dmy', 'mdy']) ? 'time' : 'text'
}

type TimeFormat = ImportMapping['timestamp']['format']

function guessTimeFormat(
  texts: readonly string[],
  formats: readonly TimeFormat[] = IMPORT_TIME_FORMATS,
): TimeFormat | null {
  const found = (texts.length === 0 ? [] : formats).flatMap((format) => {
    const read = createTimeReader({ format, zone: 'UTC' })
    const broken = countBroken(texts, (text) => typeof read(text) === 'number')
    return broken === null ? [] : [{ format, broken }]
  })
  // A single 13/11 tells which of two formats it is, however many days fit both.
  const least = Math.min(...found.map(({ broken }) => broken))
  const fitting = found.filter(({ broken }) => broken === least).map(({ format }) => format)
  // 03/04/2026 is March with slashes, as a rule, and April with dots.
  if (fitting.includes('dmy') && fitting.includes('mdy')) return texts[0]?.includes('/') ? 'mdy' : 'dmy'
  return fitting[0] ?? null
}

interface GuessedColumn {
  column: number
  name: string
  /** Without empty ones. */
  texts: string[]
}

const TIME_NAME = /time|date|datum|zeit|^ts$|^day$|^tag$|epoch/i
const METRIC_NAME = /^(metric|metric_?name|name|kpi|measure|series)$/i
const VALUE_NAME = /^(value|wert|amount|count|val)$/i
const ID_NAME = /^(id|uuid|guid|event_?id|row_?id)$/i
/** 2001 to 2100, in seconds, milliseconds, microseconds or nanoseconds. */
const EPOCH_SECONDS = [978_307_200, 4_102_444_800] as const

function mapColumns(
  columns: readonly GuessedColumn[],
  shape: Shape & Pick<ImportMapping, 'encoding'>,
  zone: string,
): ImportMapping | null {
  const typed = columns.map((column) => ({ ...column, type: guessTypeOf(column.texts) }))
  const time = findTime(typed)
  const id = typed.find(({ column, name }) => column !== time?.column && ID_NAME.test(name))
  const isFree = ({ column }: GuessedColumn) => column !== time?.column && column !== id?.column
  const numbers = typed.filter((one) => one.type === 'number' && isFree(one))
  const format = time && guessTimeFormat(time.texts)
  if (!time || !format || numbers.length === 0) return null
  const texts = typed.filter((one) => one.type === 'text' && isFree(one))
  const metricColumn = numbers.length === 1 ? texts.find(({ name }) => METRIC_NAME.test(name)) : undefined
  return {
    ...shape,
    decimal: guessDecimal(
      numbers.flatMap((one) => one.texts),
      shape.delimiter,
    ),
    timestamp: { column: time.column, format, zone },
    values: numbers.slice(0, IMPORT_LIMITS.valueColumnsMax).map(({ column, name }) => ({
      column,
      metric: metricColumn ? null : metricNameOf(name, column),
    })),
    metricColumn: metricColumn?.column ?? null,
    tags: texts
      .filter((one) => one !== metricColumn)
      .slice(0, INGEST_LIMITS.tagsPerPointMax)
      .map(({ column, name }) => ({
        column,
        key: cutTo(name, INGEST_LIMITS.tagKeyCharsMax) || `column_${column + 1}`,
      })),
    idColumn: id?.column ?? null,
  }
}

/** Written as a date; else an epoch number, by its name or by its size. */
function findTime<T extends GuessedColumn & { type: string }>(columns: readonly T[]): T | undefined {
  const isEpoch = ({ texts }: T) => texts.length > 0 && texts.every((text) => isRecentEpoch(text))
  const written = columns.filter(({ type }) => type === 'time')
  const numbers = columns.filter((one) => one.type === 'number' && isEpoch(one))
  // 20261120 is a date that looks like a number.
  const compact = columns.filter(({ type, texts }) => type === 'number' && guessTimeFormat(texts, ['ymd']) !== null)
  const byName = (some: readonly T[]) => some.find(({ name }) => TIME_NAME.test(name))
  return byName(written) ?? written[0] ?? byName(compact) ?? byName(numbers) ?? numbers[0] ?? compact[0]
}

function isRecentEpoch(text: string): boolean {
  if (!/^\d{9,19}(\.\d+)?$/.test(text)) return false
  const [from, to] = EPOCH_SECONDS
  return [1, 1e3, 1e6, 1e9].some((unit) => Number(text) >= from * unit && Number(text) < to * unit)
}

/** The cells that can be read with one sign only decide; where there are none, what goes with semicolons is German. */
function guessDecimal(texts: readonly string[], delimiter: string): '.' | ',' {
  const count = (decimal: '.' | ',') => texts.filter((text) => readNumber(text, decimal) !== null).length
  const [points, commas] = [count('.'), count(',')]
  if (points !== commas) return points > commas ? '.' : ','
  return delimiter === ';' && texts.some((text) => text.includes(',')) ? ',' : '.'
}

/** A name as people would give it: what stands in the header, and something where there is none. */
const metricNameOf = (name: string, column: number) =>
  VALUE_NAME.test(name) || name === ''
    ? name.toLowerCase() || `column_${column + 1}`
    : cutTo(name, INGEST_LIMITS.metricCharsMax)

const cutTo = (text: string, chars: number) => text.slice(0, chars)
