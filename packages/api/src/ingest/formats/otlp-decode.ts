/** Bytes to messages of OTLP and back. */
import { DomainError } from '../../kernel/errors'
import { type OtlpRequest, OtlpRequestType, OtlpResponseType, StatusType } from './otlp-schema'
import { decodeUtf8 } from './text'

export function decodeOtlp(body: Uint8Array): OtlpRequest {
  try {
    return OtlpRequestType.decode(body) as unknown as OtlpRequest
  } catch (cause) {
    // A RangeError for what ends too early, an Error for a wrong wire type or text that is not UTF-8.
    throw unreadable(cause)
  }
}

/** JSON as protobuf maps it: lowerCamelCase, 64-bit integers as texts or numbers, unknown fields passed over. */
export function decodeOtlpJson(body: Uint8Array): OtlpRequest {
  const text = decodeUtf8(body)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : 'it cannot be parsed'
    throw new DomainError('invalid_json', `The body is not valid JSON: ${reason}`, { cause })
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw unreadable(new Error('an object was expected'))
  const field = findWrongField(json)
  if (field !== null) throw new DomainError('invalid_request', `"${field}" is of another type in OTLP.`)
  try {
    return OtlpRequestType.fromObject(json as Record<string, unknown>) as unknown as OtlpRequest
  } catch (cause) {
    throw unreadable(cause)
  }
}

const unreadable = (cause: unknown) => {
  const reason = cause instanceof Error ? cause.message : 'it cannot be read'
  return new DomainError('invalid_request', `The body is no ExportMetricsServiceRequest: ${reason}`, { cause })
}

const INTEGER = /^-?\d{1,20}$/
const isInteger = (value: unknown) =>
  typeof value === 'string' ? INTEGER.test(value) : typeof value === 'number' && Number.isInteger(value)
const isText = (value: unknown) => typeof value === 'string'
const NUMBERS = new Set(['NaN', 'Infinity', '-Infinity'])
const isNumber = (value: unknown) =>
  typeof value === 'number' ||
  (typeof value === 'string' && (NUMBERS.has(value) || (value.trim() !== '' && Number.isFinite(Number(value)))))

/** What the decoder would otherwise turn into 0 or "[object Object]" without a word. */
const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  name: isText,
  unit: isText,
  description: isText,
  key: isText,
  stringValue: isText,
  timeUnixNano: isInteger,
  startTimeUnixNano: isInteger,
  asInt: isInteger,
  intValue: isInteger,
  count: isInteger,
  zeroCount: isInteger,
  bucketCounts: (value) => Array.isArray(value) && value.every(isInteger),
  explicitBounds: (value) => Array.isArray(value) && value.every(isNumber),
  aggregationTemporality: isInteger,
  flags: isInteger,
  scale: isInteger,
  offset: isInteger,
  asDouble: isNumber,
  doubleValue: isNumber,
  sum: (value) => typeof value === 'object' || isNumber(value),
  min: isNumber,
  max: isNumber,
  quantile: isNumber,
}

/** A list instead of recursion: what was sent may be nested as deep as it likes. */
function findWrongField(json: unknown): string | null {
  const open: unknown[] = [json]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null) continue
    if (Array.isArray(value)) {
      if (typeof value[0] === 'object') for (const one of value) open.push(one)
      continue
    }
    for (const field in value) {
      const child = (value as Record<string, unknown>)[field]
      if (child === null) continue
      if (Object.hasOwn(CHECKS, field) && CHECKS[field]?.(child) === false) return field
      if (typeof child === 'object') open.push(child)
    }
  }
  return null
}

/** Null: everything was stored. */
export interface OtlpPartialSuccess {
  rejectedDataPoints: number
  errorMessage: string
}

export function encodeOtlpResponse(partialSuccess: OtlpPartialSuccess | null): Uint8Array {
  return OtlpResponseType.encode(OtlpResponseType.create(partialSuccess ? { partialSuccess } : {})).finish()
}

/** google.rpc.Status */
export function encodeRpcStatus(status: { code: number; message: string }): Uint8Array {
  return StatusType.encode(StatusType.create(status)).finish()
}
