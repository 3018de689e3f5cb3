/** Nightly care for what is derived from points: the rollups are compared with them, and past days get their sketches. */
import { randomInt } from 'node:crypto'
import { auditRollups, type Difference, sketchDays } from '@trackable/db/points'
import type { Context } from '../kernel/context'
import type { ProductScope } from '../kernel/scope'
import { findLastSeriesId } from './repository'
import { DAY_MS, localDays } from './zone'

/** Series of one audit, and the time after which no other is begun: a sample every night, and all of them in the end. */
const AUDIT_SERIES_MAX = 100
const AUDIT_BUDGET_MS = 10_000
/** Differences that are written to the log; the number of all of them always is. */
const LOGGED_MAX = 10
/** Late points mostly come within a week, and make a sketch useless. */
const SKETCH_AFTER_DAYS = 7
const SKETCH_BUDGET_MS = 20_000

/**
 * IN-27: compares the rollups of some series, from a random one on, with their points. What differs is logged as an error,
 * for it is a bug of ours, and marked as dirty: queries read the points there from then on, and the next fold computes
 * the rollups again.
 */
export async function auditProduct(ctx: Context, product: ProductScope): Promise<Difference[]> {
  const startedAt = ctx.clock.now().getTime()
  const lastId = await findLastSeriesId(ctx.db.prisma, product)
  if (lastId === null) return []
  const differences: Difference[] = []
  let next: number | null = randomInt(lastId)
  for (let i = 0; i < AUDIT_SERIES_MAX && next !== null; i++) {
    if (ctx.clock.now().getTime() - startedAt > AUDIT_BUDGET_MS) break
    const options = { afterSeries: next, seriesMax: 1, heal: true }
    const audit = await auditRollups(ctx.db.pools.meta, product.id, localDays, options)
    differences.push(...audit.differences)
    next = audit.next
  }
  if (differences.length > 0) {
    const shown = { count: differences.length, differences: differences.slice(0, LOGGED_MAX) }
    ctx.log.error(
      { event: 'rollups_differ', productId: product.publicId, ...shown },
      'rollups differed from their points and are computed again',
    )
  }
  return differences
}

/** Counts past days with many values into bins; what the time does not suffice for comes the next night. */
export async function sketchProduct(ctx: Context, product: ProductScope): Promise<number> {
  const startedAt = ctx.clock.now().getTime()
  const beforeDay = Math.floor(startedAt / DAY_MS) - SKETCH_AFTER_DAYS
  let days = 0
  while (ctx.clock.now().getTime() - startedAt <= SKETCH_BUDGET_MS) {
    const done = await sketchDays(ctx.db.pools.meta, { productId: product.id, beforeDay }, localDays)
    if (done === 0) break
    days += done
  }
  return days
}
