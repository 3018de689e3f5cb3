/**
 * How long raw points are kept. Rollups outlive them: of the days before a metric's edge (`raw_from`) the daily counts,
 * sums, extremes, first and last values stay, and nothing finer.
 *
 * The edge is always the start of a day of the zone that is rolled up, so that no day is half raw. It only moves on, also
 * when somebody wants to keep more later: what was dropped stays dropped. Points that come for a time before the edge are
 * refused (see ingest/expiry.ts): nothing could tell any more whether they are there already.
 */
import {
  advanceRawFrom,
  countPoints,
  deleteRange,
  deleteSketches,
  foldPoints,
  type LocalDays,
  type PointRange,
  selectSeries,
} from '@trackable/db/points'
import type { Context } from '../kernel/context'
import type { ProductScope } from '../kernel/scope'
import type { UnknownCells } from './aggregate'
import { noteChange } from './events'
import { getRetention, listUnsetMetricIds, type Retained, type RetainedMetric } from './repository-storage'
import type { RetentionPlan } from './schema'
import { localDays } from './zone'

const SERIES_PER_PIECE = 100
/** Folds before an edge that cannot move yet waits for the next day. */
const FOLDS_MAX = 1_000

/** Where raw points have to begin: epoch ms, or null when they are kept for ever. */
export function edgeOf({ retentionDays, zone }: Retained, metric: RetainedMetric | null, nowMs: number): number | null {
  const kept = metric?.retentionDays ?? retentionDays
  const past = metric?.rawFromMs ?? null
  if (kept === null) return past
  const days = localDays(zone)
  return Math.max(past ?? Number.NEGATIVE_INFINITY, days.startOf(days.dayOf(nowMs) - kept))
}

/** Drops the raw points of a product that are older than they are to be kept. Returns how many they were. */
export async function dropExpired(ctx: Context, product: ProductScope): Promise<number> {
  const retained = await getRetention(ctx.db.prisma, product)
  const nowMs = ctx.clock.now().getTime()
  let points = 0
  for (const metric of retained.metrics) {
    const edge = edgeOf(retained, metric, nowMs)
    if (edge === null) continue
    if (edge !== metric.rawFromMs && !(await advance(ctx, product, metric, edge))) continue
    points += await dropBefore(ctx, product, metric, edge, localDays(retained.zone).dayOf(edge))
  }
  return points
}

/** False when the rollups could not be completed first: then nothing is dropped today. */
async function advance(ctx: Context, product: ProductScope, metric: RetainedMetric, edge: number): Promise<boolean> {
  for (let i = 0; i < FOLDS_MAX; i++) {
    if ((await advanceRawFrom(ctx.db.pools.meta, product.id, metric.id, edge)) === 'advanced') {
      await noteChange(ctx, product, [metric.name])
      return true
    }
    await foldPoints(ctx.db.pools.meta, product.id, localDays)
  }
  ctx.log.warn({ productId: product.publicId, metric: metric.name }, 'raw points stay: their rollups are not complete')
  return false
}

async function dropBefore(
  ctx: Context,
  product: ProductScope,
  metric: RetainedMetric,
  edge: number,
  toDay: number,
): Promise<number> {
  const { meta } = ctx.db.pools
  const seriesIds = await selectSeries(meta, { productId: product.id, metricId: metric.id, filters: [] })
  let points = 0
  for (let i = 0; i < seriesIds.length; i += SERIES_PER_PIECE) {
    const range = rangeBefore(product, seriesIds.slice(i, i + SERIES_PER_PIECE), edge)
    for (let isDone = false; !isDone; ) {
      const piece = await deleteRange(meta, range, { marksDirty: false, keepsPacksAtEnds: true })
      isDone = piece.isDone
      points += piece.points
    }
    await deleteSketches(meta, { productId: product.id, seriesIds: range.seriesIds, toDay })
  }
  return points
}

/**
 * Which buckets nobody can tell: those that begin before `rawFrom` and are not made of whole days, or all before it when
 * daily rollups do not know what is asked (`isInDays` false: percentiles). Undefined when there are none.
 */
export function unknownBefore(
  rawFrom: number,
  days: LocalDays,
  edges: readonly number[],
  isInDays: boolean,
): UnknownCells | undefined {
  const isWholeAt = (ms: number) => ms >= rawFrom || days.startOf(days.dayOf(ms)) === ms
  const buckets = new Set<number>()
  for (let i = 0; i + 1 < edges.length && (edges[i] as number) < rawFrom; i++) {
    if (!isInDays || !isWholeAt(edges[i] as number) || !isWholeAt(edges[i + 1] as number)) buckets.add(i)
  }
  return buckets.size === 0 ? undefined : { buckets, isTotal: true }
}

/** Where the raw points of a product's metrics have to begin; see `readEdges`. */
export interface Edges {
  /** No metric's are later. */
  latest: number
  /** Epoch ms; -Infinity where they are kept for ever. */
  ofMetric(name: string): number
}

/** For writers. Null when all raw points are kept for ever. */
export async function readEdges(ctx: Context, product: ProductScope): Promise<Edges | null> {
  const retained = await getRetention(ctx.db.prisma, product)
  if (retained.retentionDays === null && retained.metrics.length === 0) return null
  const nowMs = ctx.clock.now().getTime()
  const orNever = (edge: number | null) => edge ?? Number.NEGATIVE_INFINITY
  const unset = orNever(edgeOf(retained, null, nowMs))
  const known = new Map<string, number>()
  for (const metric of retained.metrics) {
    const edge = orNever(edgeOf(retained, metric, nowMs))
    for (const name of [metric.name, ...metric.formerNames]) known.set(name, edge)
  }
  return { latest: Math.max(unset, ...known.values()), ofMetric: (name) => known.get(name) ?? unset }
}

const rangeBefore = (product: ProductScope, seriesIds: number[], to: number): PointRange => ({
  productId: product.id,
  seriesIds,
  from: Number.NEGATIVE_INFINITY,
  to,
})

/**
 * What would be dropped now if raw points were kept for so many days: of one metric, or (`metric` null) of all that have no
 * number of days of their own.
 */
export async function planRetention(
  ctx: Context,
  product: ProductScope,
  metricId: number | null,
  days: number,
): Promise<RetentionPlan> {
  const { zone } = await getRetention(ctx.db.prisma, product)
  const before = edgeOf({ retentionDays: days, zone, metrics: [] }, null, ctx.clock.now().getTime()) ?? 0
  const ids = metricId === null ? await listUnsetMetricIds(ctx.db.prisma, product) : [metricId]
  const plan = { points: 0, bytes: 0, before: new Date(before) }
  for (const id of ids) {
    const seriesIds = await selectSeries(ctx.db.pools.query, { productId: product.id, metricId: id, filters: [] })
    const count = await countPoints(ctx.db.pools.query, rangeBefore(product, seriesIds, before))
    plan.points += count.points
    plan.bytes += count.bytes
  }
  return plan
}
