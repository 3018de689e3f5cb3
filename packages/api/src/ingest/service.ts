import { type Coalescer, createCoalescer } from '../kernel/coalesce'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import { httpStatusOf } from '../kernel/http-status'
import type { ProductScope } from '../kernel/scope'
import { publishAttempt } from './events'
import { CONTENT_TYPES, findFormat } from './formats'
import { INGEST_LIMITS, type IngestAttempt, type IngestResult } from './schema'
import type { PointWriter } from './writer'

/** For contexts on the right that bring points of their own. */
export { ColumnBuilder, type ParsedPoints } from './columns'
export { createPointWriter, type PointWriter } from './writer'

export interface IngestRequest {
  /** The inflated body. */
  body: Uint8Array
  contentType: string | undefined
  /** All points or none (`?atomic=true`). */
  isAtomic?: boolean
}

/** 200: all points are stored, now or before; 207: some are; 422: none is. */
export interface IngestOutcome {
  status: 200 | 207 | 422
  result: IngestResult
}

/** Somebody who waits for the first point needs the latest attempt, and not each of 20,000 a second. */
const ATTEMPT_INTERVAL_MS = 250

/**
 * Takes the body of one request. Resolves after the COMMIT of its points. Throws a DomainError when the request as a
 * whole is refused or nothing is confirmed; faults of single points are in the result.
 */
export async function ingest(
  ctx: Context,
  writer: PointWriter,
  product: ProductScope,
  { body, contentType, isAtomic = false }: IngestRequest,
): Promise<IngestOutcome> {
  const at = ctx.clock.now().getTime()
  try {
    const result = await writer.write(product, parse(body, contentType, at), { isAtomic })
    const status = toStatus(result, isAtomic)
    const detail = result.rejected[0]?.detail ?? null
    noteAttempt(ctx, product, { at, status, accepted: result.accepted, detail })
    return { status, result }
  } catch (error) {
    if (error instanceof DomainError)
      noteAttempt(ctx, product, { at, status: httpStatusOf(error.code), accepted: 0, detail: error.detail })
    throw error
  }
}

function parse(body: Uint8Array, contentType: string | undefined, now: number) {
  const format = findFormat(contentType)
  if (!format)
    throw new DomainError(
      'unsupported_media_type',
      `Send one of these as Content-Type: ${CONTENT_TYPES.join(', ')}, in UTF-8.`,
    )
  if (body.byteLength > INGEST_LIMITS.bodyBytesMax) {
    throw new DomainError(
      'payload_too_large',
      `A body has at most ${INGEST_LIMITS.bodyBytesMax.toLocaleString('en')} bytes. Send the points in parts.`,
    )
  }
  return format(body, now)
}

function toStatus({ accepted, duplicates, rejected }: IngestResult, isAtomic: boolean): IngestOutcome['status'] {
  if (rejected.length === 0) return 200
  return isAtomic || accepted + duplicates === 0 ? 422 : 207
}

const attempts = new WeakMap<Context['bus'], Coalescer<IngestAttempt>>()

/** Also for refusals that come before a body is read, such as a key that lacks the scope. */
export function noteAttempt(ctx: Context, product: ProductScope, attempt: IngestAttempt): void {
  let coalescer = attempts.get(ctx.bus)
  if (!coalescer) {
    coalescer = createAttemptCoalescer(ctx)
    attempts.set(ctx.bus, coalescer)
  }
  coalescer.push(product.publicId, attempt)
}

function createAttemptCoalescer(ctx: Context): Coalescer<IngestAttempt> {
  return createCoalescer({
    intervalMs: ATTEMPT_INTERVAL_MS,
    merge: (_, later) => later,
    send: (publicId, attempt) => {
      publishAttempt(ctx.bus, publicId, attempt).catch((error) =>
        // A hint for whoever watches; the answer to the request says the same.
        ctx.log.warn({ err: error }, 'could not publish an attempt'),
      )
    },
  })
}
