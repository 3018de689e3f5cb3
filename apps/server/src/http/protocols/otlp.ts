/** OTLP/HTTP metrics: what OpenTelemetry's SDKs and its collector send. Answers are in the content type of the request. */
import {
  AGENT_LIMITS,
  DomainError,
  type ErrorCode,
  encodeOtlpResponse,
  encodeRpcStatus,
  parseOtlp,
  parseOtlpJson,
} from '@trackable/api'
import { type Answer, isAnyStored, json, type Protocol, type ProtocolRequest, statusOf } from './protocol'

const PROTOBUF = 'application/x-protobuf'
const JSON_TYPE = 'application/json'

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const INVALID_ARGUMENT = 3
const INTERNAL = 13
const CODES: Partial<Record<ErrorCode, number>> = {
  unauthenticated: 16,
  invalid_api_key: 16,
  forbidden: 7,
  rate_limited: 8,
  payload_too_large: 8,
  overloaded: 14,
  unavailable: 14,
  internal: INTERNAL,
}

export const otlp: Protocol = {
  name: 'otlp',
  summary: 'OpenTelemetry metrics (OTLP/HTTP), protobuf or JSON',
  contentTypes: [PROTOBUF, JSON_TYPE],
  routes: [{ method: 'POST', path: '/v1/metrics' }],
  bodyBytesMax: AGENT_LIMITS.bodyBytesMax,
  parse(body, request, now) {
    const type = contentTypeOf(request)
    if (type === PROTOBUF) return parseOtlp(body, now)
    if (type === JSON_TYPE) return parseOtlpJson(body, now)
    throw new DomainError('unsupported_media_type', `Send ${PROTOBUF} or ${JSON_TYPE}.`)
  },
  answer(outcome, request) {
    const { rejectedCount, rejected } = outcome
    if (rejectedCount === 0) return isJson(request) ? json(200, {}) : protobuf(200, encodeOtlpResponse(null))
    const first = rejected[0]
    const others = rejectedCount > 1 ? ` (and ${rejectedCount - 1} more)` : ''
    const errorMessage = first ? `${first.pointer}: ${first.detail}${others}` : ''
    if (!isAnyStored(outcome) && outcome.count === rejectedCount) {
      return status(400, INVALID_ARGUMENT, errorMessage, request)
    }
    if (!isJson(request)) {
      return protobuf(200, encodeOtlpResponse({ rejectedDataPoints: rejectedCount, errorMessage }))
    }
    return json(200, { partialSuccess: { rejectedDataPoints: String(rejectedCount), errorMessage } })
  },
  refuse: (error, request) => status(statusOf(error), CODES[error.code] ?? INVALID_ARGUMENT, error.detail, request),
}

const contentTypeOf = ({ headers }: ProtocolRequest) =>
  (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

const isJson = (request: ProtocolRequest) => contentTypeOf(request) === JSON_TYPE

const protobuf = (httpStatus: number, bytes: Uint8Array): Answer => ({
  status: httpStatus,
  headers: { 'content-type': PROTOBUF },
  body: new Uint8Array(bytes),
})

/** What went wrong, as google.rpc.Status. */
function status(httpStatus: number, code: number, message: string, request: ProtocolRequest): Answer {
  if (isJson(request)) return json(httpStatus, { code, message })
  return protobuf(httpStatus, encodeRpcStatus({ code, message }))
}
