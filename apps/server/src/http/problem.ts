/** Errors of everything that is not tRPC: RFC 9457 problem details, one shape from 400 to 503. */
import { DomainError, type ErrorCode, httpStatusOf } from '@trackable/api'
import { isDatabaseAway } from '@trackable/db'
import { TRPCError } from '@trpc/server'
import { z } from 'zod'

export const PROBLEM_TYPE = 'application/problem+json'

/** What a problem needs to know of where it is told. */
export interface ProblemPlace {
  publicUrl: string
  requestId: string
}

/** The body of every error (RFC 9457). `type` is an address that explains the code; `errors` says where in the body. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  requestId: z.string(),
  errors: z.array(
    z.object({ index: z.number().optional(), pointer: z.string(), code: z.string(), detail: z.string() }),
  ),
})
export type Problem = z.infer<typeof Problem>

/** "not_found" -> "Not found": the code in words, the same for every occurrence, as RFC 9457 asks of a title. */
export function titleOf(code: ErrorCode): string {
  const words = code.replaceAll('_', ' ')
  return words[0]?.toUpperCase() + words.slice(1)
}

/** `type` is the address of the code's section on the page of errors, which this server serves. */
export function describeProblem(error: DomainError, { publicUrl, requestId }: ProblemPlace): Problem {
  return {
    type: `${publicUrl}/docs/errors#${error.code}`,
    title: titleOf(error.code),
    status: httpStatusOf(error.code),
    code: error.code,
    detail: error.detail,
    requestId,
    errors: [...error.errors],
  }
}

/** What may be told of any error. Whatever is not ours becomes `internal` or `unavailable`, and says nothing of itself. */
export function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error
  if (error instanceof TRPCError && error.cause instanceof DomainError) return error.cause
  if (isDatabaseAway(error)) {
    return new DomainError('unavailable', 'The database cannot be reached at the moment. Try again shortly.', {
      cause: error,
      retryAfterS: 5,
    })
  }
  return new DomainError('internal', 'Something failed on our side.', { cause: error })
}

/**
 * Headers and body of a problem; every surface sends these bytes, through Hono or straight to the socket. `members` are
 * what a problem of this type has beside the usual (RFC 9457, 3.2).
 */
export function encodeProblem(
  error: DomainError,
  place: ProblemPlace,
  extra: Record<string, string> = {},
  members: Record<string, unknown> = {},
) {
  const problem = describeProblem(error, place)
  const headers: Record<string, string> = { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store', ...extra }
  if (error.retryAfterS !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterS))
  if (problem.status === 401) headers['www-authenticate'] ??= 'Bearer realm="trackable"'
  return { status: problem.status, headers, body: JSON.stringify({ ...problem, ...members }) }
}
