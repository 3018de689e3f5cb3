import type { Db, Pool, Tx } from '@trackable/db'
import { selectSpans, selectTags } from '@trackable/db/points'
import type { ProductScope } from '../kernel/scope'
import { Aggregation, FILTER_VALUES_MAX, type Metric, type MetricTag, type UpdateMetric } from './schema'

type Sql = Db | Tx

const METRIC = {
  id: true,
  name: true,
  unit: true,
  description: true,
  defaultAggregation: true,
  firstSeenAt: true,
} as const

/** The row of a metric; `id` is the storage key and stays inside this context. */
export interface MetricRow {
  id: number
  name: string
  unit: string | null
  description: string | null
  defaultAggregation: string
  firstSeenAt: Date
}

export const findMetric = (db: Sql, product: ProductScope, name: string): Promise<MetricRow | null> =>
  db.metric.findUnique({ where: { productId_name: { productId: product.id, name } }, select: METRIC })

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
    unit: row.unit,
    description: row.description,
    // The database has a CHECK for the words.
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
  const { unit, description, defaultAggregation } = change
  const [row] = await db.metric.updateManyAndReturn({
    where: { productId: product.id, name: change.metric },
    data: { unit, description, defaultAggregation },
    select: METRIC,
  })
  return row ?? null
}
