/** Waits that end: a server that is frozen, or a network that swallows packets, never answers by itself. */
import { DomainError } from './errors'

/** Nothing was heard in time. What was asked for may happen still. */
export class TimedOut extends Error {
  override name = 'TimedOut'
}

/** Hands in a promise that rejects with TimedOut when the time is over. */
export async function within<T>(timeoutMs: number, work: (expired: Promise<never>) => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOut(`the database did not answer within ${timeoutMs} ms`)), timeoutMs)
  })
  // It may come when nobody waits any more.
  expired.catch(() => undefined)
  try {
    return await work(expired)
  } finally {
    clearTimeout(timer)
  }
}

const READ_MS = 5_000
const RETRY_AFTER_S = 5

/** A short read on the way of a request: 503 when it takes longer than five seconds. The read itself is left alone. */
export async function readInTime<T>(reading: Promise<T>, timeoutMs = READ_MS): Promise<T> {
  try {
    return await within(timeoutMs, (expired) => Promise.race([reading, expired]))
  } catch (cause) {
    if (!(cause instanceof TimedOut)) throw cause
    const detail = 'The database does not answer at the moment. Try again shortly.'
    throw new DomainError('unavailable', detail, { cause, retryAfterS: RETRY_AFTER_S })
  }
}
