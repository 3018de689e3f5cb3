import { TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import { ERRORS, type ErrorCode } from './errors'

/** The HTTP status of an error, by tRPC's own table: there is no second one that could drift. */
export const httpStatusOf = (code: ErrorCode): number =>
  getHTTPStatusCodeFromError(new TRPCError({ code: ERRORS[code] }))
