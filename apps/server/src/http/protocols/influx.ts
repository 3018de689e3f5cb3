/** What the three versions of InfluxDB's write API have in common: the body, and how a line is pointed at. */
import { DomainError, INGEST_LIMITS, type LinePrecision, parseLineProtocol, type RejectedPoint } from '@trackable/api'
import type { ProtocolOutcome, ProtocolRequest, Slices } from './protocol'

/** Of a line that is quoted in an answer. */
const QUOTED_CHARS_MAX = 500

/** What all three say of themselves to the OpenAPI document. */
export const LINE_PROTOCOL = {
  contentTypes: ['text/plain'],
  bodyBytesMax: INGEST_LIMITS.lineProtocolBytesMax,
} as const

/**
 * Any content type: curl says form-urlencoded, agents say text/plain, and the path says what it is. Only a charset that
 * is not UTF-8 would be read wrongly.
 */
export function parseLines(body: Buffer, request: ProtocolRequest, now: number, precision: LinePrecision): Slices {
  refuseCharset(request)
  return parseLineProtocol(body, { now, precision, rowsPerSlice: INGEST_LIMITS.pointsPerSliceMax })
}

/** All lines in one piece, since all or none of them are stored. */
export function parseLinesTogether(body: Buffer, request: ProtocolRequest, now: number, precision: LinePrecision) {
  refuseCharset(request)
  const rowsPerSlice = INGEST_LIMITS.pointsPerRequestMax
  const [first, more] = take(parseLineProtocol(body, { now, precision, rowsPerSlice }), 2)
  if (!first || more) {
    const max = rowsPerSlice.toLocaleString('en')
    throw new DomainError('payload_too_large', `At most ${max} points are stored all or none. Send them in parts.`)
  }
  return [first]
}

function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  let taken = 0
  for (const item of items) {
    yield item
    if (++taken === count) return
  }
}

function refuseCharset({ headers }: ProtocolRequest): void {
  const charset = /;\s*charset="?([\w-]+)/i.exec(headers['content-type'] ?? '')?.[1]
  if (charset && !/^utf-?8$/i.test(charset))
    throw new DomainError('unsupported_media_type', `Line protocol is read in UTF-8 and not in ${charset}.`)
}

/** Throws 400 for a word that is none of the unit's. */
export function readPrecision(
  { query }: ProtocolRequest,
  words: Readonly<Record<string, LinePrecision>>,
  standard: LinePrecision,
): LinePrecision {
  const word = query.get('precision')
  if (word === null || word === '') return standard
  const precision = Object.hasOwn(words, word) ? words[word] : undefined
  if (precision) return precision
  const known = Object.keys(words).join(', ')
  throw new DomainError('invalid_request', `The precision is one of ${known}.`)
}

/** The lines of an answer: each refused one once, however many of its fields were refused. */
export function listRefusedLines({ rejected, body }: ProtocolOutcome, max: number) {
  const byLine = new Map<number, RejectedPoint>()
  for (const point of rejected) {
    if (byLine.size === max) break
    if (!byLine.has(point.index)) byLine.set(point.index, point)
  }
  const lines = body.toString('utf8').split('\n')
  return [...byLine.values()].map(({ index, detail }) => ({
    original_line: quote(lines[index] ?? ''),
    line_number: index + 1,
    error_message: detail,
  }))
}

/** "unable to parse 'cpu': …", as InfluxDB words it; the first of them. */
export function describeFirstRefusal(outcome: ProtocolOutcome): { line: number; message: string } {
  const [first] = listRefusedLines(outcome, 1)
  if (!first) return { line: 0, message: 'nothing was refused' }
  const { line_number: line, original_line: text, error_message: why } = first
  return { line, message: `unable to parse '${text}': line ${line}: ${why}` }
}

function quote(line: string): string {
  const text = line.replace(/^\ufeff/, '').replace(/\r$/, '')
  return text.length > QUOTED_CHARS_MAX ? `${text.slice(0, QUOTED_CHARS_MAX)}…` : text
}
