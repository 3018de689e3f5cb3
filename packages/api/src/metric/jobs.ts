import { z } from 'zod'
import type { Context } from '../kernel/context'
import { defineJob, defineTick, enqueue } from '../kernel/job'
import { productScopeForJob } from '../product/procedure'
import { listProductIds } from '../product/service'
import { auditProduct, sketchProduct } from './audit'
import { type EnqueueDeletion, runDeletion } from './deletion'
import { findDeletion } from './repository-storage'
import { dropExpired } from './retention'
import { dropOldPartitions, sealDays } from './storage'

const ProductPayload = z.strictObject({ productId: z.string() })

/** Repeatable: what is dropped or packed already is neither again. A long one puts itself at the end of the queue. */
export const sealDaysJob = defineJob({
  name: 'points.seal',
  payload: ProductPayload,
  attempts: 5,
  run: async (ctx, { productId }) => {
    const product = await productScopeForJob(ctx, productId)
    const dropped = await dropExpired(ctx, product)
    if (dropped > 0) ctx.log.info({ event: 'points_dropped', productId, points: dropped }, 'raw points were dropped')
    const { isDone, points } = await sealDays(ctx, product)
    if (points > 0) ctx.log.info({ event: 'points_sealed', productId, points, isDone }, 'points were packed')
    if (!isDone) await enqueueSealing(ctx, productId)
  },
})

const enqueueSealing = (ctx: Context, productId: string) =>
  enqueue(ctx.db.prisma, sealDaysJob, { productId }, { key: `seal:${productId}` })

const DeletionPayload = z.strictObject({
  productId: z.string(),
  deletionId: z.string(),
  /** Once more, after a while: a flush or a fold that was on its way may have left a row of a series that is gone. */
  isSweep: z.boolean().default(false),
})

/** A request that deletes little does so itself; the job is there for the case that its process does not live to. */
const INLINE_GRACE_MS = 60_000
const SWEEP_AFTER_MS = 60 * 60_000

/** Repeatable: what is deleted is not there any more. */
export const deletePointsJob = defineJob({
  name: 'points.delete',
  payload: DeletionPayload,
  attempts: 5,
  run: async (ctx, { productId, deletionId, isSweep }) => {
    const product = await productScopeForJob(ctx, productId)
    const deletion = await findDeletion(ctx.db.prisma, product, deletionId)
    if (!deletion) return
    const isDone = (deletion.doneAt !== null && !isSweep) || (await runDeletion(ctx, product, deletion))
    if (isDone && (isSweep || deletion.fromMs !== null)) return
    const runAt = new Date(ctx.clock.now().getTime() + (isDone ? SWEEP_AFTER_MS : 0))
    const payload = { productId, deletionId, isSweep: isDone }
    await enqueue(ctx.db.prisma, deletePointsJob, payload, { key: `sweep:${deletionId}`, runAt })
  },
})

/** In the transaction that asks for the deletion. */
export const enqueueDeletion =
  (ctx: Context): EnqueueDeletion =>
  (tx, ids, { isLarge }) => {
    const runAt = new Date(ctx.clock.now().getTime() + (isLarge ? 0 : INLINE_GRACE_MS))
    return enqueue(tx, deletePointsJob, { ...ids, isSweep: false }, { key: `delete:${ids.deletionId}`, runAt })
  }

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

/** Repeatable: what has been healed does not differ, and what has a sketch needs none. */
export const auditRollupsJob = defineJob({
  name: 'points.audit',
  payload: ProductPayload,
  attempts: 3,
  run: async (ctx, { productId }) => {
    const product = await productScopeForJob(ctx, productId)
    await auditProduct(ctx, product)
    await sketchProduct(ctx, product)
  },
})

/** Daily, an hour after the days were sealed. */
export const auditTick = defineTick({
  name: 'points.audit',
  cron: '0 13 5 * * *',
  run: async (ctx) => {
    for (const productId of await listProductIds(ctx.db.prisma)) {
      await enqueue(ctx.db.prisma, auditRollupsJob, { productId }, { key: `audit:${productId}` })
    }
  },
})
