/** What becomes of stored points as they grow old: the days that are over are packed, and old partitions go. */
import { dropEmptyPartitions, packDays } from '@trackable/db/points'
import type { Context } from '../kernel/context'
import type { ProductScope } from '../kernel/scope'
import { DAY_MS } from './zone'

/** Late points mostly come within a week; until then they are cheaper as rows. */
export const SEAL_AFTER_DAYS = 7
/** A job that takes longer goes on in another, so that reports find a free worker in between. */
const SEAL_BUDGET_MS = 20_000
const RECENT_DAYS = 35

export interface Sealed {
  /** Points that were rows and are packed now. */
  points: number
  /** False: the time was over, and there is more. */
  isDone: boolean
}

/** Packs the days (of UTC) of a product that are over, piece by piece; a process that dies in between loses no point. */
export async function sealDays(ctx: Context, product: ProductScope): Promise<Sealed> {
  const { sealAfterDays = SEAL_AFTER_DAYS } = ctx.settings
  const startedAt = ctx.clock.now().getTime()
  const query = { productId: product.id, beforeDay: Math.floor(startedAt / DAY_MS) - sealAfterDays }
  let points = 0
  let piece = await packDays(ctx.db.pools.meta, { ...query, after: null })
  for (;;) {
    points += piece.points
    if (!piece.next) return { points, isDone: true }
    if (ctx.clock.now().getTime() - startedAt > SEAL_BUDGET_MS) return { points, isDone: false }
    piece = await packDays(ctx.db.pools.meta, { ...query, after: piece.next })
  }
}

/** Months that hold no row any more; recent ones stay whatever they hold, since the next late point would want them back. */
export async function dropOldPartitions(ctx: Context): Promise<string[]> {
  const before = ctx.clock.now().getTime() - RECENT_DAYS * DAY_MS
  return dropEmptyPartitions(ctx.db.pools.meta, before)
}
