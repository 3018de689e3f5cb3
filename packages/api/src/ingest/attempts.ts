/** What programs try with the keys of a product, good or bad, as its watchers hear of it. */
import { type Coalescer, createCoalescer } from '../kernel/coalesce'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import { httpStatusOf } from '../kernel/http-status'
import type { ProductScope } from '../kernel/scope'
import { publishAttempt } from './events'
import type { IngestAttempt, IngestResult } from './schema'

/** Somebody who waits for the first point needs the latest attempt, and not each of 20,000 a second. */
const ATTEMPT_INTERVAL_MS = 250

const attempts = new WeakMap<Context['bus'], Coalescer<IngestAttempt>>()

/** Runs a request, and tells what became of it. `at` of the attempt is when it began. */
export async function noting<T extends { status: number; result: IngestResult }>(
  ctx: Context,
  product: ProductScope,
  run: () => Promise<T>,
): Promise<T> {
  const at = ctx.clock.now().getTime()
  try {
    const outcome = await run()
    const { accepted, rejected } = outcome.result
    note(ctx, product, { at, status: outcome.status, accepted, detail: rejected[0]?.detail ?? null })
    return outcome
  } catch (error) {
    noteRefusal(ctx, product, error, at)
    throw error
  }
}

/** A request that was refused, also before its body was read. What is no DomainError is no fault of whoever sent it. */
export function noteRefusal(ctx: Context, product: ProductScope, error: unknown, at = ctx.clock.now().getTime()): void {
  if (!(error instanceof DomainError)) return
  note(ctx, product, { at, status: httpStatusOf(error.code), accepted: 0, detail: error.detail })
}

function note(ctx: Context, product: ProductScope, attempt: IngestAttempt): void {
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
