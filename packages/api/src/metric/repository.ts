import type { Db, Pool, Tx } from '@trackable/db'
import { selectSpans, selectTags } from '@trackable/db/points'
import type { ProductScope } from '../kernel/scope'
import { Aggregation, FILTER_VALUES_MAX, type Metric, MetricKind, type MetricTag, type UpdateMetric } from './schema'

type Sql = Db | Tx

const METRIC = {
  id: true,
  name: true,
  displayName: true,
  unit: true,
  description: true,
  kind: true,
  defaultAggregation: true,
  isHidden: true,
  cadenceS: true,
  retentionDays: true,
  rawFrom: true,
  firstSeenAt: true,
} as const

/** The row of a metric; `id` is the storage key and stays inside this context. */
export interface MetricRow {
  id: number
  name: string
  displayName: string | null
  unit: string | null
  description: string | null
  kind: string | null
  defaultAggregation: string
  isHidden: boolean
  cadenceS: number | null
  retentionDays: number | null
  /** Where raw points begin, when retention has dropped earlier ones. */
  rawFrom: Date | null
  firstSeenAt: Date
}

/** By its name, or by one that it had before it was renamed. */
export async function findMetric(db: Sql, product: ProductScope, name: string): Promise<MetricRow | null> {
  const where = { productId_name: { productId: product.id, name } }
  const row = await db.metric.findUnique({ where, select: METRIC })
  if (row) return row
  const former = await db.metricAlias.findUnique({ where, select: { metric: { select: METRIC } } })
  return former?.metric ?? null
}

export interface Span {
  /** Epoch ms; null when the metric has no point. */
  firstPointAt: number | null
  lastPointAt: number | null
}

export async function getSpan(pool: Pool, product: ProductScope, metricId: number): Promise<Span> {
  const [row] = await selectSpans(pool, product.id, [metricId])
  return { firstPointAt: row?.first_ts ?? null, lastPointAt: row?.last_ts ?? null }
}

export async function listMetrics(db: Sql, pool: Pool, product: ProductScope): Promise<Metric[]> {
  const rows = await db.metric.findMany({
    where: { productId: product.id },
    select: { ...METRIC, _count: { select: { series: true } } },
    orderBy: { name: 'asc' },
  })
  const spans = await selectSpans(
    pool,
    product.id,
    rows.map((row) => row.id),
  )
  const lastPoints = new Map(spans.map((span) => [span.metric_id, span.last_ts]))
  return rows.map(({ _count, ...row }) => toMetric(row, _count.series, lastPoints.get(row.id) ?? null))
}

export function toMetric(row: MetricRow, seriesCount: number, lastPointAt: number | null): Metric {
  return {
    name: row.name,
    displayName: row.displayName,
    unit: row.unit,
    description: row.description,
    isHidden: row.isHidden,
    cadenceS: row.cadenceS,
    retentionDays: row.retentionDays,
    // The database has a CHECK for the words.
    kind: MetricKind.nullable().parse(row.kind),
    defaultAggregation: Aggregation.parse(row.defaultAggregation),
    seriesCount,
    firstSeenAt: row.firstSeenAt,
    lastPointAt: lastPointAt === null ? null : new Date(lastPointAt),
  }
}

/** For "did you mean": enough of them, by name, and never all. */
export async function listMetricNames(db: Sql, product: ProductScope, limit: number): Promise<string[]> {
  const rows = await db.metric.findMany({
    where: { productId: product.id },
    select: { name: true },
    orderBy: { name: 'asc' },
    take: limit,
  })
  return rows.map((row) => row.name)
}

export const countSeriesOf = (db: Sql, product: ProductScope, metricId: number) =>
  db.series.count({ where: { productId: product.id, metricId } })

export async function listTags(pool: Pool, product: ProductScope, metricId: number): Promise<MetricTag[]> {
  const rows = await selectTags(pool, product.id, metricId, FILTER_VALUES_MAX)
  return rows.map((row) => ({ tag: row.tag, values: row.values, valueCount: row.value_count }))
}

/** Null when there is no such metric. */
export async function updateMetric(db: Sql, product: ProductScope, change: UpdateMetric): Promise<MetricRow | null> {
  const { productId: _, metric: name, ...data } = change
  const [row] = await db.metric.updateManyAndReturn({
    where: { productId: product.id, name },
    data,
    select: METRIC,
  })
  return row ?? null
}

export async function findLastSeriesId(db: Sql, product: ProductScope): Promise<number | null> {
  const where = { productId: product.id }
  const row = await db.series.findFirst({ where, select: { id: true }, orderBy: { id: 'desc' } })
  return row?.id ?? null
}
