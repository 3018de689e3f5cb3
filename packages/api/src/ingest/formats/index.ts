/**
 * The formats of `POST /api/v1/ingest`. A new one is a file beside this one and a line in a table.
 */
import { DomainError } from '../../kernel/errors'
import { ColumnBuilder, type ParsedPoints } from '../columns'
import { INGEST_LIMITS } from '../schema'
import { createCsvReader } from './csv'
import { parseJson } from './json'
import { createNdjsonReader } from './ndjson'
import type { CreateSliceReader } from './slices'
import { decodeUtf8 } from './text'

/** Whole body in, columns out. Throws a DomainError when the body as a whole cannot be read. `now` is epoch ms. */
export type ParseFormat = (body: Uint8Array, now: number) => ParsedPoints

const FORMATS = new Map<string, ParseFormat>([['application/json', parseJson]])

/** Written while they arrive, whatever their length. */
const STREAMED_FORMATS = new Map<string, CreateSliceReader>([
  ['application/x-ndjson', createNdjsonReader],
  ['application/jsonl', createNdjsonReader],
  ['text/csv', createCsvReader],
])

export const CONTENT_TYPES: readonly string[] = [...FORMATS.keys(), ...STREAMED_FORMATS.keys()]

/** Null for a content type that is not read, or one in another charset than UTF-8. Those that are streamed can be read whole. */
export function findFormat(contentType: string | undefined): ParseFormat | null {
  const format = find(FORMATS, contentType)
  if (format) return format
  const createReader = findStreamedFormat(contentType)
  return createReader && ((body, now) => readWhole(createReader, body, now))
}

export const findStreamedFormat = (contentType: string | undefined): CreateSliceReader | null =>
  find(STREAMED_FORMATS, contentType)

function find<T>(formats: ReadonlyMap<string, T>, contentType: string | undefined): T | null {
  // The usual spelling, before anything is taken apart.
  const exact = formats.get(contentType ?? '')
  if (exact) return exact
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';')
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith('charset='))
  if (charset && !/^charset="?utf-?8"?$/.test(charset)) return null
  return formats.get(type.trim()) ?? null
}

function readWhole(createReader: CreateSliceReader, body: Uint8Array, now: number): ParsedPoints {
  const pointsMax = INGEST_LIMITS.pointsPerRequestMax
  const reader = createReader({ now, idPrefix: null, pointsPerSlice: pointsMax })
  const [only, more] = [...reader.push(decodeUtf8(body)), ...reader.end()]
  if (more) {
    const detail = `At most ${pointsMax.toLocaleString('en')} points are taken at once here. Send them in parts.`
    throw new DomainError('payload_too_large', detail)
  }
  return only ?? new ColumnBuilder(0, body.byteLength, String).finish()
}
