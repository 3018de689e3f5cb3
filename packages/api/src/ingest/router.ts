import { tracked } from '@trpc/server'
import { trackedStream } from '../kernel/stream'
import { router } from '../kernel/trpc'
import { watch } from '../kernel/watch'
import { productProcedure } from '../product/procedure'
import { attemptsTopic, parseAttempt } from './events'
import { IngestAttempt, WatchAttempts } from './schema'

const WATCH_INTERVAL_MS = 250

export const ingestRouter = router({
  onAttempt: productProcedure
    .input(WatchAttempts)
    .output(trackedStream(IngestAttempt))
    .subscription(async function* ({ ctx, signal }) {
      const attempts = watch<IngestAttempt>({
        bus: ctx.bus,
        topic: attemptsTopic(ctx.product.publicId),
        signal,
        intervalMs: WATCH_INTERVAL_MS,
        parse: parseAttempt,
        merge: (_, later) => later,
      })
      let n = 0
      for await (const attempt of attempts) yield tracked(`${attempt.at}.${n++}`, attempt)
    }),
})
