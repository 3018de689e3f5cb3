import { type Db, Prisma, type Tx } from '@trackable/db'
import type { ProductScope } from '../kernel/scope'

type Sql = Db | Tx

/** Names that the metric had before, the latest first. */
export async function listFormerNames(db: Sql, product: ProductScope, metricId: number): Promise<string[]> {
  const rows = await db.metricAlias.findMany({
    where: { productId: product.id, metricId },
    select: { name: true },
    orderBy: [{ createdAt: 'desc' }, { name: 'asc' }],
  })
  return rows.map((row) => row.name)
}

/** Of the product: its days of raw points, and the zone whose days are rolled up. */
export const getStorageSettings = (db: Sql, product: ProductScope) =>
  db.product.findUniqueOrThrow({ where: { id: product.id }, select: { retentionDays: true, rollupZone: true } })

/** The metric that had this name before; null when the name was never given up. */
export const findAlias = (db: Sql, product: ProductScope, name: string) =>
  db.metricAlias.findUnique({
    where: { productId_name: { productId: product.id, name } },
    select: { metricId: true, metric: { select: { name: true } } },
  })

export async function deleteAlias(db: Sql, product: ProductScope, name: string): Promise<void> {
  await db.metricAlias.deleteMany({ where: { productId: product.id, name } })
}

export async function insertAlias(db: Sql, product: ProductScope, metricId: number, name: string, now: Date) {
  await db.metricAlias.upsert({
    where: { productId_name: { productId: product.id, name } },
    create: { productId: product.id, name, metricId, createdAt: now },
    update: { metricId, createdAt: now },
  })
}

/** False when another metric has the name, or this one lost its old name meanwhile. */
export async function setMetricName(
  db: Sql,
  product: ProductScope,
  metricId: number,
  from: string,
  to: string,
): Promise<boolean> {
  try {
    const where = { productId: product.id, id: metricId, name: from }
    return (await db.metric.updateMany({ where, data: { name: to } })).count === 1
  } catch (error) {
    // The unique index on (product, name) decides between two who take the name at the same time.
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') return false
    throw error
  }
}
