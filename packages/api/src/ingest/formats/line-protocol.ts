/**
 * InfluxDB line protocol, as versions 1 to 3 write it:
 *
 *     measurement,tag=value field=1.5,other=3i 1700000000000000000
 *
 * The hot path of agents: a line costs a microsecond, because nothing is cut out of the text but the names of series that
 * the request has not shown before. What a backslash means is what InfluxDB 1 and 2 make of it: before a comma, a blank or
 * an equals sign it takes the meaning away from that character, and anywhere else it is a backslash.
 */
import { ColumnBuilder, type Fault, type ParsedPoints } from '../columns'
import { INGEST_LIMITS } from '../schema'
import { type Precision, readFieldValue, readLineTimestamp } from './line-number'
import { type LineSeries, placeOfField, readLineSeries } from './line-series'
import { decodeUtf8 } from './text'

export interface LineProtocolOptions {
  /** Epoch ms: what a line without a timestamp gets. */
  now: number
  precision: Precision
  /** Rows after which a slice ends, at the end of a line; see pointsPerSliceMax. */
  rowsPerSlice: number
}

/**
 * Reads a body slice by slice, so that the caller can let others have their turn in between. A refused point's `index` is
 * its line, from 0. Throws a DomainError when the body is not UTF-8. There is always a first slice, of an empty body too.
 */
export function* parseLineProtocol(body: Uint8Array, options: LineProtocolOptions): Generator<ParsedPoints, void> {
  const reader = new LineReader(decodeUtf8(body), body.byteLength, options)
  do yield reader.readSlice()
  while (!reader.isDone)
}

const COMMA = 44
const BLANK = 32
const EQUALS = 61
const QUOTE = 34
const BACKSLASH = 92
const HASH = 35
const RETURN = 13
const TAB = 9

/** Measurement and tags within their limits, each character behind a backslash. Beyond it nothing is taken apart. */
const SERIES_CHARS_MAX =
  2 *
  (INGEST_LIMITS.metricCharsMax +
    INGEST_LIMITS.tagsPerPointMax * (INGEST_LIMITS.tagKeyCharsMax + INGEST_LIMITS.tagValueCharsMax + 2))

const pointerOf = (index: number) => `/${index}`

class LineReader {
  readonly #text: string
  readonly #options: LineProtocolOptions
  readonly #bytes: number
  /** The line that is read next, from 0, and where it begins. */
  #line = 0
  #start = 0
  /** Where the line that is being read ends; a text field may move it, since line feeds are allowed in there. */
  #end = 0
  /** Fields of the line so far: only a line that is good to its end is stored. */
  #places: number[] = []
  #values: number[] = []
  /** The blank found last: a body without one must not be searched to its end for each of its lines. */
  #blank = -1
  #columns: ColumnBuilder
  #series = new Map<string, LineSeries>()

  constructor(text: string, bytes: number, options: LineProtocolOptions) {
    this.#text = text
    this.#options = options
    this.#bytes = bytes
    this.#columns = this.#createColumns()
  }

  get isDone(): boolean {
    return this.#start >= this.#text.length
  }

  readSlice(): ParsedPoints {
    const from = this.#start
    const { rowsPerSlice } = this.#options
    this.#columns = this.#createColumns()
    this.#series.clear()
    let rows = 0
    while (!this.isDone && rows < rowsPerSlice) rows += this.#readLine()
    const parsed = this.#columns.finish()
    parsed.count = parsed.length + parsed.rejected.length
    // What the writer bounds its memory by; the share of the text is close enough.
    parsed.bytes = Math.round((this.#bytes * (this.#start - from)) / Math.max(this.#text.length, 1))
    return parsed
  }

  #createColumns = () => new ColumnBuilder(0, 0, pointerOf, 'overwrite')

  /** Answers the rows that the line has cost: fields that were stored, or one for a refusal. */
  #readLine(): number {
    const index = this.#line
    this.#end = this.#endOfLine(this.#start)
    let at = this.#skipBlanks(this.#start)
    const last = this.#lastOfLine()
    const isEmpty = at >= last || this.#text.charCodeAt(at) === HASH
    let rows = 0
    if (!isEmpty) {
      const fault = this.#readPoint(at, index)
      rows = fault ? 1 : this.#places.length
      if (fault) this.#columns.refuse(index, fault, () => this.#text.slice(at, this.#lastOfLine()))
    }
    at = this.#end + 1
    this.#start = at
    this.#line++
    return rows
  }

  #readPoint(start: number, index: number): Fault | null {
    const text = this.#text
    const blank = this.#endOfSeries(start)
    if (blank < 0) return syntax('the fields are missing: a line is "measurement,tag=value field=1 timestamp"')
    if (blank - start > SERIES_CHARS_MAX) return TOO_LONG
    const name = text.slice(start, blank)
    let series = this.#series.get(name)
    if (!series) {
      series = readLineSeries(name)
      this.#series.set(name, series)
    }
    if (series.fault) return series.fault
    this.#places.length = 0
    this.#values.length = 0
    const end = this.#readFields(this.#skipBlanks(blank), series)
    if (typeof end !== 'number') return end
    const ts = this.#readTimestamp(end)
    if (typeof ts !== 'number') return ts
    if (this.#places.length === 0) return ONLY_TEXT
    for (let i = 0; i < this.#places.length; i++)
      this.#columns.addTo(this.#places[i] as number, index, ts, this.#values[i] as number, undefined)
    return null
  }

  /** Answers where the fields end. */
  #readFields(start: number, series: LineSeries): number | Fault {
    const text = this.#text
    let at = start
    for (;;) {
      const equals = this.#endOfName(at)
      if (equals < 0) return syntax(`a field is "name=value", and after character ${this.#column(at)} there is none`)
      const from = equals + 1
      const isText = text.charCodeAt(from) === QUOTE
      const to = isText ? this.#endOfText(from) : this.#endOfValue(from)
      if (to < 0) return syntax('the quotes of a text field are never closed')
      if (!isText) {
        const fault = this.#readField(series, text.slice(at, equals), from, to)
        if (fault) return fault
      }
      if (text.charCodeAt(to) !== COMMA) return to
      at = to + 1
    }
  }

  #readField(series: LineSeries, field: string, from: number, to: number): Fault | null {
    const value = readFieldValue(this.#text, from, to)
    if (!Number.isFinite(value)) return this.#refuseValue(field, from, to, value)
    const place = placeOfField(this.#columns, series, field)
    if (typeof place !== 'number') return place
    if (this.#places.length === INGEST_LIMITS.fieldsPerLineMax) return TOO_MANY_FIELDS
    this.#places.push(place)
    // Adding 0 turns -0 into 0, as everywhere.
    this.#values.push(value + 0)
    return null
  }

  #refuseValue(field: string, from: number, to: number, value: number): Fault {
    const path = `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const word = this.#text.slice(from, Math.min(to, from + 40))
    if (from >= to) return { path, code: 'missing_field', detail: 'The field has no value.' }
    if (Number.isNaN(value))
      return {
        path,
        code: 'invalid_type',
        detail: `A field is a number, a boolean or a quoted text; "${word}" is none.`,
      }
    return { path, code: 'not_finite', detail: `The number "${word}" is too large for its type.` }
  }

  #readTimestamp(end: number): number | Fault {
    const { now, precision } = this.#options
    const from = this.#skipBlanks(end)
    let to = this.#lastOfLine()
    while (to > from && isBlank(this.#text.charCodeAt(to - 1))) to--
    if (from >= to) return from > end || end >= to ? now : syntax('after the fields comes a blank')
    if (from === end) return syntax(`there is no blank between the fields and what follows them`)
    const ts = readLineTimestamp(this.#text, from, to, precision)
    if (Number.isNaN(ts)) {
      const word = this.#text.slice(from, Math.min(to, from + 40))
      return { path: '/timestamp', code: 'invalid_timestamp', detail: `A timestamp is an integer; "${word}" is none.` }
    }
    if (ts >= INGEST_LIMITS.timestampMsMin && ts <= now + INGEST_LIMITS.futureMsMax) return ts
    const detail = `Timestamps from 1970 to 24 hours ahead are accepted; this one was read in ${UNITS[precision]}.`
    return { path: '/timestamp', code: 'timestamp_out_of_window', detail }
  }

  /** The first blank that no backslash stands before; -1 when the line has none. */
  #endOfSeries(start: number): number {
    if (this.#blank < start) this.#blank = this.#nextBlank(start)
    while (this.#blank < this.#end && this.#text.charCodeAt(this.#blank - 1) === BACKSLASH)
      this.#blank = this.#nextBlank(this.#blank + 1)
    return this.#blank < this.#end ? this.#blank : -1
  }

  #nextBlank(from: number): number {
    const at = this.#text.indexOf(' ', from)
    return at < 0 ? this.#text.length : at
  }

  /** The equals sign after a name; -1 when there is no name or something else ends it. */
  #endOfName(start: number): number {
    for (let at = start; at < this.#end; at++) {
      const code = this.#text.charCodeAt(at)
      if (code === EQUALS) return at > start ? at : -1
      if (code === BACKSLASH) at += isSpecial(this.#text.charCodeAt(at + 1)) ? 1 : 0
      else if (code === COMMA || code === BLANK) return -1
    }
    return -1
  }

  #endOfValue(start: number): number {
    const last = this.#lastOfLine()
    let at = start
    while (at < last) {
      const code = this.#text.charCodeAt(at)
      if (code === COMMA || code === BLANK) return at
      at++
    }
    return at
  }

  /** Behind the closing quote; -1 when there is none, and then the next line begins where this one seems to end. */
  #endOfText(quote: number): number {
    let at = this.#text.indexOf('"', quote + 1)
    while (at >= 0 && this.#isEscaped(at)) at = this.#text.indexOf('"', at + 1)
    if (at < 0) return -1
    while (at > this.#end) {
      this.#end = this.#endOfLine(this.#end + 1)
      this.#line++
    }
    return at + 1
  }

  /** After an odd number of backslashes. */
  #isEscaped(at: number): boolean {
    let from = at
    while (this.#text.charCodeAt(from - 1) === BACKSLASH) from--
    return (at - from) % 2 === 1
  }

  #endOfLine(from: number): number {
    const at = this.#text.indexOf('\n', from)
    return at < 0 ? this.#text.length : at
  }

  /** Before the line feed, and the carriage return in front of it. */
  #lastOfLine(): number {
    return this.#text.charCodeAt(this.#end - 1) === RETURN ? this.#end - 1 : this.#end
  }

  #skipBlanks(from: number): number {
    let at = from
    while (isBlank(this.#text.charCodeAt(at))) at++
    return at
  }

  #column(at: number): number {
    return at - this.#start
  }
}

const isBlank = (code: number) => code === BLANK || code === TAB
const isSpecial = (code: number) => code === COMMA || code === BLANK || code === EQUALS

const syntax = (detail: string): Fault => ({
  path: '',
  code: 'invalid_line',
  detail: `Not a line of points: ${detail}.`,
})

const ONLY_TEXT: Fault = {
  path: '',
  code: 'invalid_type',
  detail: 'The line has text fields only, and a point is a number.',
}

const TOO_LONG: Fault = {
  path: '',
  code: 'too_long',
  detail: 'Measurement and tags together are longer than their limits allow.',
}

const TOO_MANY_FIELDS: Fault = {
  path: '',
  code: 'too_long',
  detail: `A line has at most ${INGEST_LIMITS.fieldsPerLineMax} fields.`,
}

const UNITS: Record<Precision, string> = {
  auto: 'the unit that its size tells',
  ns: 'nanoseconds',
  us: 'microseconds',
  ms: 'milliseconds',
  s: 'seconds',
  m: 'minutes',
  h: 'hours',
}
