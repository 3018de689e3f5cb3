/**
 * The one table of error codes. A context throws `DomainError(code, detail)`; the tRPC code stands here, and the HTTP
 * status is derived from it with tRPC's own function, so that no second map can drift. Every code has a section of the
 * same name in docs/errors.md, whose address is the `type` of the problem+json answer.
 */
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc'

export const ERRORS = {
  // who is asking
  unauthenticated: 'UNAUTHORIZED',
  invalid_credentials: 'UNAUTHORIZED',
  invalid_api_key: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  cross_site_request: 'FORBIDDEN',
  registration_closed: 'FORBIDDEN',
  setup_required: 'FORBIDDEN',
  setup_link_used: 'FORBIDDEN',
  // what is asked for
  not_found: 'NOT_FOUND',
  method_not_allowed: 'METHOD_NOT_SUPPORTED',
  conflict: 'CONFLICT',
  name_taken: 'CONFLICT',
  email_taken: 'CONFLICT',
  revision_conflict: 'CONFLICT',
  idempotency_in_flight: 'CONFLICT',
  // how it is asked
  invalid_request: 'BAD_REQUEST',
  invalid_json: 'BAD_REQUEST',
  invalid_encoding: 'BAD_REQUEST',
  invalid_zone: 'BAD_REQUEST',
  unsupported_media_type: 'UNSUPPORTED_MEDIA_TYPE',
  payload_too_large: 'PAYLOAD_TOO_LARGE',
  invalid_points: 'UNPROCESSABLE_CONTENT',
  idempotency_mismatch: 'UNPROCESSABLE_CONTENT',
  unknown_metric: 'NOT_FOUND',
  query_too_large: 'BAD_REQUEST',
  beyond_retention: 'BAD_REQUEST',
  password_too_weak: 'BAD_REQUEST',
  limit_reached: 'PRECONDITION_FAILED',
  report_not_sendable: 'PRECONDITION_FAILED',
  // how the server is doing
  rate_limited: 'TOO_MANY_REQUESTS',
  overloaded: 'SERVICE_UNAVAILABLE',
  unavailable: 'SERVICE_UNAVAILABLE',
  internal: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<string, TRPC_ERROR_CODE_KEY>

export type ErrorCode = keyof typeof ERRORS

/** One finding inside a request: `pointer` is an RFC 6901 JSON pointer into the body, `index` the point's place in it. */
export interface ErrorItem {
  index?: number
  pointer: string
  code: string
  detail: string
}

/** The only error that contexts throw. `detail` is shown to the caller; whatever is secret belongs into `cause`. */
export class DomainError extends Error {
  readonly code: ErrorCode
  readonly detail: string
  readonly errors: readonly ErrorItem[]
  /** Seconds after which asking again makes sense; becomes the Retry-After header. */
  readonly retryAfterS: number | undefined

  constructor(
    code: ErrorCode,
    detail: string,
    options: { cause?: unknown; errors?: readonly ErrorItem[]; retryAfterS?: number } = {},
  ) {
    super(detail, { cause: options.cause })
    this.name = 'DomainError'
    this.code = code
    this.detail = detail
    this.errors = options.errors ?? []
    this.retryAfterS = options.retryAfterS
  }
}
