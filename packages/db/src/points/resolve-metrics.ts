import type { Queryable } from '../client'

export interface MetricRow {
  id: number
  /** As it was asked for. */
  name: string
  /** What the metric is called now. */
  current_name: string
  kind: string | null
  unit: string | null
  default_aggregation: string
}

/** What is written when the name is new; an existing metric keeps what it has. */
export interface NewMetric {
  name: string
  kind?: 'gauge' | 'count' | null
  unit?: string | null
  /** `sum` when absent. */
  defaultAggregation?: string
}

/**
 * The metrics of these names, created where they are missing. Safe against other processes doing the same: the unique
 * index decides, and whoever loses reads the winner's row.
 *
 * It reads first, because an INSERT … ON CONFLICT takes a number from the int4 sequence for every row it then skips.
 * Never inside the writer's transaction: a name would stay locked until the data is committed.
 */
export async function resolveMetrics(db: Queryable, productId: number, metrics: NewMetric[]): Promise<MetricRow[]> {
  const names = metrics.map((metric) => metric.name)
  const found = await findMetrics(db, productId, names)
  const missing = without(metrics, found)
  if (missing.length === 0) return found
  const created = await insertMetrics(db, productId, missing)
  const raced = without(missing, created)
  if (raced.length === 0) return [...found, ...created]
  const others = raced.map((metric) => metric.name)
  return [...found, ...created, ...(await findMetrics(db, productId, others))]
}

function without(metrics: NewMetric[], rows: MetricRow[]): NewMetric[] {
  const names = new Set(rows.map((row) => row.name))
  return metrics.filter((metric) => !names.has(metric.name))
}

/** Those of the names that exist. A former name of a metric finds it too; `name` is the one that was asked for. */
export async function findMetrics(db: Queryable, productId: number, names: string[]): Promise<MetricRow[]> {
  const { rows } = await db.query<MetricRow>(
    `SELECT id, name, name AS current_name, kind, unit, default_aggregation FROM metric
     WHERE product_id = $1 AND name = ANY($2::text[])
     UNION ALL
     SELECT metric.id, metric_alias.name, metric.name, kind, unit, default_aggregation
     FROM metric_alias JOIN metric ON metric.product_id = $1 AND metric.id = metric_alias.metric_id
     WHERE metric_alias.product_id = $1 AND metric_alias.name = ANY($2::text[])
       AND NOT EXISTS (SELECT FROM metric AS taken WHERE taken.product_id = $1 AND taken.name = metric_alias.name)`,
    [productId, names],
  )
  return rows
}

/** Sorted by name: two processes that create the same names in opposite order would otherwise wait for each other. */
async function insertMetrics(db: Queryable, productId: number, metrics: NewMetric[]): Promise<MetricRow[]> {
  const { rows } = await db.query<MetricRow>(
    `INSERT INTO metric (product_id, name, kind, unit, default_aggregation)
     SELECT DISTINCT ON (name) $1::int4, name, kind, unit, aggregation
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS row (name, kind, unit, aggregation)
     ORDER BY name
     ON CONFLICT DO NOTHING
     RETURNING id, name, name AS current_name, kind, unit, default_aggregation`,
    [
      productId,
      metrics.map((metric) => metric.name),
      metrics.map((metric) => metric.kind ?? null),
      metrics.map((metric) => metric.unit ?? null),
      metrics.map((metric) => metric.defaultAggregation ?? 'sum'),
    ],
  )
  return rows
}
