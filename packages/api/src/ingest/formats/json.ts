import { DomainError } from '../../kernel/errors'
import { toPointer } from '../../kernel/pointer'
import { ColumnBuilder, type ParsedPoints } from '../columns'
import { readPoint } from '../point'
import { INGEST_LIMITS } from '../schema'
import { decodeUtf8 } from './text'

/**
 * One point, an array of points, or `{"points": […]}`. Throws a DomainError for what concerns the whole request; faults
 * of single points are in the result. `now` is epoch ms.
 */
export function parseJson(body: Uint8Array, now: number): ParsedPoints {
  const text = decodeUtf8(body)
  const { points, pointerOf } = unwrap(parse(text))
  if (points.length > INGEST_LIMITS.pointsPerRequestMax) {
    throw new DomainError(
      'payload_too_large',
      `The request has ${points.length.toLocaleString('en')} points, and at most ${INGEST_LIMITS.pointsPerRequestMax.toLocaleString('en')} are taken at once. Send it in parts.`,
    )
  }
  const columns = new ColumnBuilder(points.length, body.byteLength, pointerOf)
  // Quotes, controls and half surrogates can only come in as escapes: the grammar and the decoder refuse them as such.
  const rules = { now, isPlain: !text.includes('\\') }
  for (let i = 0; i < points.length; i++) {
    const fault = readPoint(columns, i, points[i], rules)
    if (fault) columns.refuse(i, fault, () => JSON.stringify(points[i]))
  }
  return columns.finish()
}

/** JSON.parse does not recurse: 100,000 opening brackets are a SyntaxError or a deep array, and no stack overflow. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : 'it cannot be parsed'
    throw new DomainError('invalid_json', `The body is not valid JSON: ${reason}`, { cause })
  }
}

interface Unwrapped {
  points: readonly unknown[]
  pointerOf(index: number): string
}

function unwrap(body: unknown): Unwrapped {
  if (Array.isArray(body)) return { points: body, pointerOf: inArray }
  if (typeof body !== 'object' || body === null) {
    throw new DomainError('invalid_request', 'The body is a point, an array of points, or {"points": […]}.')
  }
  if (!Object.hasOwn(body, 'points')) return { points: [body], pointerOf: alone }
  const { points, ...others } = body as { points: unknown }
  const [other] = Object.keys(others)
  if (other !== undefined)
    throw wrong(toPointer([other]), 'unknown_field', 'Beside "points" no other field is allowed.')
  if (!Array.isArray(points)) throw wrong('/points', 'invalid_type', '"points" is an array of points.')
  return { points, pointerOf: inPoints }
}

const alone = () => ''
const inArray = (index: number) => `/${index}`
const inPoints = (index: number) => `/points/${index}`

function wrong(pointer: string, code: string, detail: string): DomainError {
  return new DomainError('invalid_request', detail, { errors: [{ pointer, code, detail }] })
}
