import { type Db, Prisma, type Tx } from '@trackable/db'
import type { ProductScope } from '../kernel/scope'

type Sql = Db | Tx

const DELETION = {
  id: true,
  metric: true,
  seriesIds: true,
  fromMs: true,
  toMs: true,
  points: true,
  deleted: true,
  doneAt: true,
} as const

export interface DeletionRow {
  id: string
  metric: string
  /** Storage keys; they stay inside this context. */
  seriesIds: number[]
  /** Epoch ms, half-open; both null: everything of these series, which are gone. */
  fromMs: number | null
  toMs: number | null
  points: bigint
  deleted: bigint
  doneAt: Date | null
}

export type NewDeletion = Pick<DeletionRow, 'id' | 'metric' | 'seriesIds' | 'fromMs' | 'toMs'> & { createdAt: Date }

export async function insertDeletion(
  db: Sql,
  product: ProductScope,
  { points, ...deletion }: NewDeletion & { points: number },
): Promise<void> {
  await db.pointDeletion.create({
    data: { ...deletion, points: BigInt(points), productId: product.id, createdBy: product.userId },
  })
}

export const findDeletion = (db: Sql, product: ProductScope, id: string): Promise<DeletionRow | null> =>
  db.pointDeletion.findFirst({ where: { id, productId: product.id }, select: DELETION })

/** The latest first. */
export const listDeletionRows = (db: Sql, product: ProductScope, limit: number): Promise<DeletionRow[]> =>
  db.pointDeletion.findMany({
    where: { productId: product.id },
    select: DELETION,
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    take: limit,
  })

export async function noteDeleted(db: Sql, product: ProductScope, id: string, points: number): Promise<void> {
  await db.pointDeletion.updateMany({
    where: { id, productId: product.id },
    data: { deleted: { increment: BigInt(points) } },
  })
}

export async function endDeletion(db: Sql, product: ProductScope, id: string, now: Date): Promise<void> {
  await db.pointDeletion.updateMany({ where: { id, productId: product.id, doneAt: null }, data: { doneAt: now } })
}

export interface RetainedMetric {
  id: number
  name: string
  formerNames: string[]
  /** Of the metric itself; null: as the product says. */
  retentionDays: number | null
  /** Epoch ms. */
  rawFromMs: number | null
}

export interface Retained {
  retentionDays: number | null
  /** The zone whose days are rolled up. */
  zone: string
  metrics: RetainedMetric[]
}

/** How long raw points are kept. Of the metrics only those for which something holds, or has held. */
export async function getRetention(db: Sql, product: ProductScope): Promise<Retained> {
  const { retentionDays, rollupZone, zone } = await db.product.findUniqueOrThrow({
    where: { id: product.id },
    select: { retentionDays: true, rollupZone: true, zone: true },
  })
  const isKeptApart = { OR: [{ retentionDays: { not: null } }, { rawFrom: { not: null } }] }
  const metrics = await db.metric.findMany({
    where: { productId: product.id, ...(retentionDays === null ? isKeptApart : {}) },
    select: { id: true, name: true, retentionDays: true, rawFrom: true, aliases: { select: { name: true } } },
    orderBy: { id: 'asc' },
  })
  return {
    retentionDays,
    zone: rollupZone ?? zone,
    metrics: metrics.map(({ rawFrom, aliases, ...metric }) => ({
      ...metric,
      formerNames: aliases.map((alias) => alias.name),
      rawFromMs: rawFrom?.getTime() ?? null,
    })),
  }
}

/** Metrics that follow the product. */
export async function listUnsetMetricIds(db: Sql, product: ProductScope): Promise<number[]> {
  const rows = await db.metric.findMany({ where: { productId: product.id, retentionDays: null }, select: { id: true } })
  return rows.map((row) => row.id)
}

export interface RollupEdge {
  /** Epoch ms; before it there are days of `zone` and no raw points. */
  rawFromMs: number
  zone: string
}

/** Null while retention has dropped nothing of the metric. */
export async function findRollupEdge(db: Sql, product: ProductScope, metric: string): Promise<RollupEdge | null> {
  const row = await db.metric.findUnique({
    where: { productId_name: { productId: product.id, name: metric } },
    select: { rawFrom: true, product: { select: { rollupZone: true } } },
  })
  if (!row?.rawFrom) return null
  return { rawFromMs: row.rawFrom.getTime(), zone: row.product.rollupZone ?? product.zone }
}

/** Names mean something else from the COMMIT on: every writer looks them up again. */
export async function advanceEpoch(tx: Tx): Promise<void> {
  await tx.$executeRaw(Prisma.sql`UPDATE dictionary_epoch SET epoch = epoch + 1`)
}

/**
 * Takes a metric out of the catalogue, with its series and former names, and answers the ids of the series; null when it is
 * gone already. From the COMMIT on nobody finds its points, and who sends to its name makes a new metric: every writer
 * looks its names up again, because the epoch of the dictionary is another one (see dictionary-epoch.ts).
 */
export async function removeMetric(tx: Tx, product: ProductScope, metricId: number): Promise<number[] | null> {
  // Locked, so that no series is added between these statements: its foreign key needs the row.
  const found = await tx.$queryRaw<unknown[]>(
    Prisma.sql`SELECT 1 FROM metric WHERE product_id = ${product.id} AND id = ${metricId} FOR UPDATE`,
  )
  if (found.length === 0) return null
  const rows = await tx.series.findMany({ where: { productId: product.id, metricId }, select: { id: true } })
  await tx.metric.deleteMany({ where: { productId: product.id, id: metricId } })
  await advanceEpoch(tx)
  return rows.map((row) => row.id)
}
