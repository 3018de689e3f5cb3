/** Errors of everything that is not tRPC: RFC 9457 problem details, one shape from 400 to 503. */
import { DomainError, ERRORS, type ErrorCode } from '@trackable/api'
import { TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
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

/** The status of a code: its tRPC code's status by tRPC's own table, so that no second map can drift. */
export const statusOf = (code: ErrorCode): number => STATUS[code]
const STATUS = Object.fromEntries(
  Object.entries(ERRORS).map(([code, trpcCode]) => [
    code,
    getHTTPStatusCodeFromError(new TRPCError({ code: trpcCode })),
  ]),
) as Record<ErrorCode, number>

/** `type` is the address of the code's section on the page of errors, which this server serves. */
export function describeProblem(error: DomainError, { publicUrl, requestId }: ProblemPlace): Problem {
  return {
    type: `${publicUrl}/docs/errors#${error.code}`,
    title: titleOf(error.code),
    status: statusOf(error.code),
    code: error.code,
    detail: error.detail,
    requestId,
    errors: [...error.errors],
  }
}

/** Postgres says that it is starting, stopping or full of connections; the network says that nobody is there. */
const DATABASE_AWAY = new Set([
  ...['57P01', '57P02', '57P03', '53300', '08000', '08001', '08003', '08004', '08006'],
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'P1001',
    'P1002',
    'P1008',
    'P1017',
    'P2024',
  ],
])

/** True when an error, or what caused it, says that the database cannot be reached at the moment. */
export function isDatabaseAway(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 5) return false
  if (DATABASE_AWAY.has(String((error as { code?: unknown }).code))) return true
  if (/timeout exceeded when trying to connect|Connection terminated|Can't reach database server/.test(error.message))
    return true
  if (error instanceof AggregateError && error.errors.some((e) => isDatabaseAway(e, depth + 1))) return true
  return isDatabaseAway(error.cause, depth + 1)
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

/** Headers and body of a problem; every surface sends these bytes, through Hono or straight to the socket. */
export function encodeProblem(error: DomainError, place: ProblemPlace, extra: Record<string, string> = {}) {
  const problem = describeProblem(error, place)
  const headers: Record<string, string> = { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store', ...extra }
  if (error.retryAfterS !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterS))
  if (problem.status === 401) headers['www-authenticate'] ??= 'Bearer realm="trackable"'
  return { status: problem.status, headers, body: JSON.stringify(problem) }
}
