import { z } from 'zod'
import type { Context } from '../kernel/context'
import { defineJob, defineTick, enqueue } from '../kernel/job'
import { productScopeForJob } from '../product/procedure'
import { listProductIds } from '../product/service'
import { dropOldPartitions, sealDays } from './storage'

const ProductPayload = z.strictObject({ productId: z.string() })

/** Repeatable: what is packed is not packed again. A long one puts itself at the end of the queue. */
export const sealDaysJob = defineJob({
  name: 'points.seal',
  payload: ProductPayload,
  attempts: 5,
  run: async (ctx, { productId }) => {
    const { isDone, points } = await sealDays(ctx, await productScopeForJob(ctx, productId))
    if (points > 0) ctx.log.info({ event: 'points_sealed', productId, points, isDone }, 'points were packed')
    if (!isDone) await enqueueSealing(ctx, productId)
  },
})

const enqueueSealing = (ctx: Context, productId: string) =>
  enqueue(ctx.db.prisma, sealDaysJob, { productId }, { key: `seal:${productId}` })

/** Daily, at a minute that nothing else uses. In every replica: of the jobs with one key, one waits. */
export const storageTick = defineTick({
  name: 'points.storage',
  cron: '0 11 4 * * *',
  run: async (ctx) => {
    const dropped = await dropOldPartitions(ctx)
    if (dropped.length > 0) ctx.log.info({ event: 'partitions_dropped', dropped }, 'empty partitions were dropped')
    for (const productId of await listProductIds(ctx.db.prisma)) await enqueueSealing(ctx, productId)
  },
})
