/**
 * Records of a CSV file (RFC 4180, with the separators and line ends that are met). By hand and over one byte per
 * character, for three things that csv-parse cannot tell: at which byte a record ends, so that a file can be sent in
 * parts cut anywhere; how many columns are meant; and where to go on after a quote that nobody closed.
 */
import { IMPORT_LIMITS, type ImportError } from './schema-import'

export interface CsvRecord {
  /** Not decoded: one character for each byte. */
  fields: string[]
  line: number
}

export interface CsvOptions {
  delimiter: string
  /** Null while it is not known, in a preview. */
  columnCount: number | null
  /** The line that the text begins on. */
  line: number
  /** Nothing follows the text: its last record needs no end of line. */
  isLast: boolean
}

const QUOTE = 34
const LF = 10
const CR = 13

/** What ends a field: the delimiter, the end of a record, the end of the text. */
interface FieldEnd {
  text: string
  /** Of the character behind the field. */
  at: number
}

export class CsvReader {
  readonly #text: string
  readonly #delimiter: number
  readonly #columnCount: number | null
  readonly #isLast: boolean
  #at = 0
  #line: number

  constructor(text: string, { delimiter, columnCount, line, isLast }: CsvOptions) {
    this.#text = text
    this.#delimiter = delimiter.charCodeAt(0)
    this.#columnCount = columnCount
    this.#isLast = isLast
    this.#line = line
  }

  /** How far it has read: the byte, in the text, that the next record begins at. */
  get position(): number {
    return this.#at
  }

  /** The line that the next record begins on. */
  get line(): number {
    return this.#line
  }

  /** The next record, or what is wrong with it; null when the text holds no other that is complete. Empty lines are none. */
  next(): CsvRecord | ImportError | null {
    this.#skipEmptyLines()
    if (this.#at >= this.#text.length) return null
    const line = this.#line
    const read = this.#readRecord()
    if (read === 'incomplete') return null
    if (Array.isArray(read)) return { fields: read, line }
    this.#skipLine()
    return { line, ...read }
  }

  #skipEmptyLines(): void {
    for (;;) {
      const end = this.#endOfLine(this.#at)
      if (end === null || end === this.#at) return
      this.#at = end
      this.#line++
    }
  }

  /** The place behind an end of line, the same place where there is none, null where that cannot be told yet. */
  #endOfLine(at: number): number | null {
    const code = this.#text.charCodeAt(at)
    if (code === LF) return at + 1
    if (code !== CR) return at
    if (at + 1 === this.#text.length && !this.#isLast) return null
    return this.#text.charCodeAt(at + 1) === LF ? at + 2 : at + 1
  }

  #readRecord(): string[] | Omit<ImportError, 'line'> | 'incomplete' {
    const text = this.#text
    const fields: string[] = []
    let at = this.#at
    for (;;) {
      const isQuoted = text.charCodeAt(at) === QUOTE
      const field = isQuoted ? this.#readQuoted(at) : this.#readPlain(at)
      if (field === null || (field.at === text.length && !this.#isLast)) return this.#reportEnd(fields.length, isQuoted)
      if (field.at - this.#at > IMPORT_LIMITS.recordBytesMax) return isQuoted ? unclosed(fields.length + 1) : TOO_LONG
      fields.push(field.text)
      if (text.charCodeAt(field.at) === this.#delimiter) {
        at = field.at + 1
        continue
      }
      const end = field.at === text.length ? field.at : this.#endOfLine(field.at)
      if (end === null) return 'incomplete'
      if (field.at < text.length && end === field.at) return textAfterQuote(fields.length)
      return this.#accept(fields, end)
    }
  }

  /** The text ends inside a record: more may come, unless it is too long already. */
  #reportEnd(column: number, isQuoted: boolean): Omit<ImportError, 'line'> | 'incomplete' {
    const isTooLong = this.#text.length - this.#at > IMPORT_LIMITS.recordBytesMax
    if (!isTooLong && !this.#isLast) return 'incomplete'
    return isQuoted ? unclosed(column + 1) : TOO_LONG
  }

  #accept(fields: string[], end: number): string[] | Omit<ImportError, 'line'> {
    const wanted = this.#columnCount ?? fields.length
    // Spreadsheets end some rows with separators that have nothing behind them.
    while (fields.length > wanted && fields.at(-1) === '') fields.pop()
    if (fields.length !== wanted) return wrongColumns(fields.length, wanted)
    this.#line += countLines(this.#text, this.#at, end)
    this.#at = end
    return fields
  }

  #readPlain(from: number): FieldEnd {
    const text = this.#text
    const delimiter = this.#delimiter
    let at = from
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === delimiter || code === LF || code === CR) break
    }
    return { text: text.slice(from, at), at }
  }

  /** Null when it is not closed within the text. */
  #readQuoted(from: number): FieldEnd | null {
    const text = this.#text
    let hasQuotes = false
    let at = from + 1
    for (;;) {
      at = text.indexOf('"', at)
      if (at < 0) return null
      if (text.charCodeAt(at + 1) !== QUOTE) break
      hasQuotes = true
      at += 2
    }
    const inner = text.slice(from + 1, at)
    return { text: hasQuotes ? inner.replaceAll('""', '"') : inner, at: at + 1 }
  }

  /**
   * Past the first line of a broken record, and not past the whole of it: a quote that was never closed has taken the
   * rows behind it for text, and they are good.
   */
  #skipLine(): void {
    const text = this.#text
    let at = this.#at
    while (at < text.length && text.charCodeAt(at) !== LF && text.charCodeAt(at) !== CR) at++
    this.#at = at === text.length ? at : (this.#endOfLine(at) ?? at)
    this.#line++
  }
}

/** Ends of lines in a record; its own counts even where the file ends without one. */
function countLines(text: string, from: number, to: number): number {
  let count = 0
  let isEnded = false
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    isEnded = code === LF || code === CR
    if (code === LF || (code === CR && text.charCodeAt(at + 1) !== LF)) count++
  }
  return isEnded ? count : count + 1
}

const TOO_LONG = {
  column: null,
  code: 'too_long',
  detail: `The line is longer than ${IMPORT_LIMITS.recordBytesMax.toLocaleString('en')} bytes.`,
}

const unclosed = (column: number) => ({
  column,
  code: 'unclosed_quote',
  detail: 'A quote opens here and never closes.',
})

const textAfterQuote = (column: number) => ({
  column,
  code: 'text_after_quote',
  detail: 'Text follows the closing quote. A quote inside of quotes is written twice.',
})

const wrongColumns = (count: number, wanted: number) => ({
  column: null,
  code: 'wrong_column_count',
  detail: `The line has ${count} ${count === 1 ? 'column' : 'columns'} where ${wanted} are expected.`,
})
