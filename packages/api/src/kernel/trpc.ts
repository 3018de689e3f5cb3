import { isDatabaseAway } from '@trackable/db'
import { initTRPC, TRPCError } from '@trpc/server'
import { ZodError } from 'zod'
import type { RequestContext } from './context'
import { DomainError, ERRORS, type ErrorCode, type ErrorItem } from './errors'
import { toPointer } from './pointer'
import { findUnstorable } from './storable'
import { transformer } from './transformer'

export { toPointer } from './pointer'

/** A subscription says "still here" this often, so that a dead connection is noticed and resumed. */
const PING_INTERVAL_MS = 15_000
const DATABASE_AWAY_RETRY_S = 5
const RECONNECT_AFTER_SILENCE_MS = 40_000

const t = initTRPC.context<RequestContext>().create({
  transformer,
  sse: {
    ping: { enabled: true, intervalMs: PING_INTERVAL_MS },
    client: { reconnectAfterInactivityMs: RECONNECT_AFTER_SILENCE_MS },
  },
  errorFormatter({ shape, error, ctx }) {
    const problem = describeError(error)
    return {
      code: shape.code,
      message: problem.detail,
      // The stack never leaves the server, whatever NODE_ENV says.
      data: {
        code: shape.data.code,
        httpStatus: shape.data.httpStatus,
        path: shape.data.path,
        error: problem.code,
        errors: problem.errors,
        requestId: ctx?.requestId ?? null,
      },
    }
  },
})

const UNREADABLE = 'The request could not be read: it is not a call in the form that this server expects.'

/** What may be told about an error: its code, a sentence and the places in the input that it concerns. */
export function describeError(error: TRPCError): { code: ErrorCode; detail: string; errors: ErrorItem[] } {
  const { cause } = error
  if (cause instanceof DomainError) return { code: cause.code, detail: cause.detail, errors: [...cause.errors] }
  if (cause instanceof ZodError && error.code === 'BAD_REQUEST') {
    const errors = cause.issues.map((i) => ({
      pointer: toPointer(i.path),
      code: i.code ?? 'invalid',
      detail: i.message,
    }))
    return { code: 'invalid_request', detail: errors[0]?.detail ?? 'The input is not valid.', errors }
  }
  if (error.code === 'INTERNAL_SERVER_ERROR')
    return { code: 'internal', detail: 'Something failed on our side.', errors: [] }
  if (error.code === 'NOT_FOUND') return { code: 'not_found', detail: 'There is no such procedure.', errors: [] }
  // Words of a library about its own insides ("Cannot destructure property 'json' …") help nobody.
  const detail = error.code === 'PARSE_ERROR' || error.cause ? UNREADABLE : error.message
  return { code: 'invalid_request', detail, errors: [] }
}

/** Contexts throw DomainError and know nothing of tRPC; this is the one place that translates. */
const translateErrors = t.middleware(async ({ next }) => {
  const result = await next()
  if (!result.ok && result.error.cause instanceof DomainError) {
    const { cause } = result.error
    throw new TRPCError({ code: ERRORS[cause.code], message: cause.detail, cause })
  }
  if (!result.ok && isDatabaseAway(result.error)) throw databaseAway(result.error)
  if (!result.ok && isGivenUp(result.error.cause)) throw givenUp(result.error)
  return result
})

/** Not a failure of ours and nothing to look for in the log: asking again helps. */
function databaseAway(error: unknown): TRPCError {
  const detail = 'The database cannot be reached at the moment. Try again shortly.'
  const cause = new DomainError('unavailable', detail, { cause: error, retryAfterS: DATABASE_AWAY_RETRY_S })
  return new TRPCError({ code: ERRORS.unavailable, message: detail, cause })
}

/** query_canceled: only the pool that reads points has a time limit for its statements. */
const isGivenUp = (error: unknown) => error instanceof Error && 'code' in error && error.code === '57014'

function givenUp(error: unknown): TRPCError {
  const detail = 'The database did not answer this question in its time. Ask for a shorter range, or for fewer groups.'
  const cause = new DomainError('query_too_large', detail, { cause: error })
  return new TRPCError({ code: ERRORS.query_too_large, message: detail, cause })
}

/** Before any schema and any query: what the database cannot hold would otherwise be its error, and a 500. */
const refuseUnstorable = t.middleware(async ({ getRawInput, next }) => {
  const path = findUnstorable(await getRawInput())
  if (!path) return next()
  const detail = 'A text holds U+0000 or half a surrogate pair, which cannot be stored.'
  throw new DomainError('invalid_request', detail, {
    errors: [{ pointer: toPointer(path), code: 'invalid_text', detail }],
  })
})

export const router = t.router
export const mergeRouters = t.mergeRouters
export const createCallerFactory = t.createCallerFactory
/** The lowest rung of the ladder: anybody. auth, team, product and so on each add a rung in their procedure.ts. */
export const publicProcedure = t.procedure.use(translateErrors).use(refuseUnstorable)
