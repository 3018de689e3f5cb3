import { isTrackedEnvelope, type TrackedEnvelope, tracked } from '@trpc/server'
import { z } from 'zod'

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/**
 * The output schema of a subscription whose events carry ids: each event is cut to `event` before it leaves, as the
 * answers of queries are. A subscription without it would send whatever its generator yields.
 */
export function trackedStream<T>(event: z.ZodType<T>) {
  return z
    .custom<AsyncIterable<TrackedEnvelope<T>>>(isAsyncIterable)
    .transform(async function* (events): AsyncGenerator<TrackedEnvelope<T>, void, unknown> {
      // `for await` ends the source when the reader goes away in the middle.
      for await (const envelope of events) {
        if (!isTrackedEnvelope(envelope)) throw new Error('A subscription yielded an event without tracked().')
        const [id, data] = envelope
        yield tracked(id, event.parse(data))
      }
    })
}
