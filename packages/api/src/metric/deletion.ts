/** Points that somebody wants gone: a metric with all it holds, or a range of one. */
import {
  countPoints,
  countRollups,
  deleteDerived,
  deleteRange,
  deleteRollups,
  foldPoints,
  type PointCount,
  type PointRange,
  type RollupRange,
  selectSeries,
} from '@trackable/db/points'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import { newId } from '../kernel/ids'
import type { enqueue as enqueueJob } from '../kernel/job'
import type { ProductScope } from '../kernel/scope'
import type { DeleteMetric, DeletePoints, Deletion } from './catalogue-schema'
import { noteChange } from './events'
import {
  type DeletionRow,
  endDeletion,
  findRollupEdge,
  insertDeletion,
  listDeletionRows,
  noteDeleted,
  removeMetric,
} from './repository-storage'
import { isFilterGroup } from './schema'
import { getMetric } from './service'
import { localDays } from './zone'

/** Deleted while the caller waits, about a second; more is left to a job. */
const INLINE_POINTS_MAX = 50_000
/** Series of one piece: a piece looks at all packs of its series. */
const SERIES_PER_PIECE = 100
/** A job that takes longer goes on in another, so that reports find a free worker in between. */
const BUDGET_MS = 20_000
const DELETIONS_SHOWN = 50

/** What the caller has to have done with a deletion that is not finished: see jobs.ts. */
export type EnqueueDeletion = (
  tx: Parameters<typeof enqueueJob>[0],
  ids: { productId: string; deletionId: string },
  options: { isLarge: boolean },
) => Promise<void>

/**
 * Deletes a metric. It is gone at once for everybody who asks; its points follow piece by piece, those of a large one in a
 * job. Who goes on sending under its name makes a new metric. Throws `unknown_metric`.
 */
export async function deleteMetric(
  ctx: Context,
  product: ProductScope,
  { metric: name, dryRun }: Omit<DeleteMetric, 'productId'>,
  enqueue: EnqueueDeletion,
): Promise<Deletion> {
  const metric = await getMetric(ctx, product, name)
  const seriesIds = await selectSeries(ctx.db.pools.query, { productId: product.id, metricId: metric.id, filters: [] })
  const count = await countPoints(ctx.db.pools.query, everythingOf(product, seriesIds))
  if (dryRun) return toPlan(metric.name, seriesIds, count)
  const created = await ctx.db.prisma.$transaction(async (tx) => {
    const ids = await removeMetric(tx, product, metric.id)
    if (!ids) throw new DomainError('conflict', 'The metric is gone already. Read the list again.')
    const deletion = toRow(ctx, metric.name, ids, null, count.points)
    await insertDeletion(tx, product, deletion)
    await enqueue(tx, { productId: product.publicId, deletionId: deletion.id }, { isLarge: isLarge(count.points) })
    return deletion
  })
  await noteChange(ctx, product, [metric.name])
  ctx.log.info({ event: 'metric_deleted', productId: product.publicId, userId: product.userId }, 'metric deleted')
  return finish(ctx, product, created, count)
}

/**
 * Deletes the points of a range. Every piece is gone with what was rolled up of it. Where retention has dropped the raw
 * points, only whole days can be deleted. Throws `unknown_metric` and `beyond_retention`.
 */
export async function deleteMetricPoints(
  ctx: Context,
  product: ProductScope,
  input: Omit<DeletePoints, 'productId'>,
  enqueue: EnqueueDeletion,
): Promise<Deletion> {
  const metric = await getMetric(ctx, product, input.metric)
  const [fromMs, toMs] = [Date.parse(input.from), Date.parse(input.to)]
  const filters = input.filters.map((filter) => (isFilterGroup(filter) ? filter.any : [filter]))
  const seriesIds = await selectSeries(ctx.db.pools.query, { productId: product.id, metricId: metric.id, filters })
  const range = { productId: product.id, seriesIds, from: fromMs, to: Math.max(fromMs, toMs) }
  const early = await findEarlyDays(ctx, product, metric.name, range)
  const count = await countPoints(ctx.db.pools.query, range)
  if (early) count.points += await countRollups(ctx.db.pools.query, early)
  if (input.dryRun) return toPlan(metric.name, seriesIds, count)
  const deletion = toRow(ctx, metric.name, seriesIds, { fromMs, toMs: range.to }, count.points)
  await ctx.db.prisma.$transaction(async (tx) => {
    await insertDeletion(tx, product, deletion)
    await enqueue(tx, { productId: product.publicId, deletionId: deletion.id }, { isLarge: isLarge(count.points) })
  })
  return finish(ctx, product, deletion, count)
}

export async function listDeletions(ctx: Context, product: ProductScope): Promise<Deletion[]> {
  const rows = await listDeletionRows(ctx.db.prisma, product, DELETIONS_SHOWN)
  return rows.map((row) => ({
    ...toPlan(row.metric, row.seriesIds, { points: Number(row.points), first_ms: row.fromMs, last_ms: row.toMs }),
    id: row.id,
    deleted: Number(row.deleted),
    isDone: row.doneAt !== null,
  }))
}

/** Goes on with a deletion; repeatable, also after it was done. False when its time was over before it was. */
export async function runDeletion(ctx: Context, product: ProductScope, row: DeletionRow): Promise<boolean> {
  const startedAt = ctx.clock.now().getTime()
  const { meta } = ctx.db.pools
  const isWhole = row.fromMs === null || row.toMs === null
  const range = isWhole
    ? everythingOf(product, row.seriesIds)
    : { productId: product.id, seriesIds: row.seriesIds, from: row.fromMs ?? 0, to: row.toMs ?? 0 }
  if (!isWhole) await deleteEarlyDays(ctx, product, row, range)
  for (let i = 0; i < row.seriesIds.length; i += SERIES_PER_PIECE) {
    const seriesIds = row.seriesIds.slice(i, i + SERIES_PER_PIECE)
    for (let isDone = false; !isDone; ) {
      const piece = await deleteRange(meta, { ...range, seriesIds }, { marksDirty: !isWhole })
      isDone = piece.isDone
      if (piece.points === 0) continue
      await noteDeleted(ctx.db.prisma, product, row.id, piece.points)
      if (!isWhole) await noteChange(ctx, product, [row.metric])
      if (!isDone && ctx.clock.now().getTime() - startedAt > BUDGET_MS) return false
    }
    if (isWhole) await deleteDerived(meta, product.id, seriesIds)
  }
  await endDeletion(ctx.db.prisma, product, row.id, ctx.clock.now())
  return true
}

async function finish(
  ctx: Context,
  product: ProductScope,
  row: ReturnType<typeof toRow>,
  count: PointCount,
): Promise<Deletion> {
  const plan = { ...toPlan(row.metric, row.seriesIds, count), id: row.id }
  if (isLarge(count.points)) return plan
  const isDone = await runDeletion(ctx, product, {
    ...row,
    points: BigInt(row.points),
    deleted: 0n,
    doneAt: null,
  })
  return { ...plan, deleted: count.points, isDone }
}

const isLarge = (points: number) => points > INLINE_POINTS_MAX

const everythingOf = (product: ProductScope, seriesIds: number[]): PointRange => ({
  productId: product.id,
  seriesIds,
  from: Number.NEGATIVE_INFINITY,
  to: Number.POSITIVE_INFINITY,
})

function toRow(
  ctx: Context,
  metric: string,
  seriesIds: number[],
  range: { fromMs: number; toMs: number } | null,
  points: number,
) {
  const { fromMs, toMs } = range ?? { fromMs: null, toMs: null }
  return { id: newId('deletion'), metric, seriesIds, fromMs, toMs, points, createdAt: ctx.clock.now() }
}

function toPlan(
  metric: string,
  seriesIds: readonly number[],
  { points, first_ms, last_ms }: Pick<PointCount, 'points' | 'first_ms' | 'last_ms'>,
): Deletion {
  const [from, to] = [first_ms, last_ms].map((ms) => (ms === null ? null : new Date(ms)))
  return {
    id: null,
    metric,
    series: seriesIds.length,
    points,
    deleted: 0,
    isDone: false,
    from: from ?? null,
    to: to ?? null,
  }
}

/** The days of a range that are rollups only, or null when there are none. Throws when the range cuts one of them. */
async function findEarlyDays(
  ctx: Context,
  product: ProductScope,
  metric: string,
  range: PointRange,
): Promise<RollupRange | null> {
  const edge = await findRollupEdge(ctx.db.prisma, product, metric)
  if (!edge || range.from >= edge.rawFromMs) return null
  const days = localDays(edge.zone)
  const to = Math.min(range.to, edge.rawFromMs)
  const [fromDay, toDay] = [days.dayOf(range.from), days.dayOf(to)]
  if (days.startOf(fromDay) !== range.from || days.startOf(toDay) !== to) {
    throw new DomainError(
      'beyond_retention',
      `Before ${new Date(edge.rawFromMs).toISOString()} only whole days of ${edge.zone} are kept: begin and end at midnight there.`,
    )
  }
  return { ...range, to, fromDay, toDay }
}

async function deleteEarlyDays(ctx: Context, product: ProductScope, row: DeletionRow, range: PointRange) {
  const early = await findEarlyDays(ctx, product, row.metric, range)
  if (!early) return
  // What waits to be rolled up would bring a day back.
  while ((await foldPoints(ctx.db.pools.meta, product.id, localDays)).hasMore);
  const points = await deleteRollups(ctx.db.pools.meta, early)
  if (points === 0) return
  await noteDeleted(ctx.db.prisma, product, row.id, points)
  await noteChange(ctx, product, [row.metric])
}
