import type { Queryable } from '../client'

export interface NewSeries {
  metricId: number
  tags: Record<string, string>
  /** The first 16 bytes of SHA-256 over the canonical JSON of the tags. */
  tagsHash: Buffer
}

export interface SeriesRow {
  id: number
  metric_id: number
  tags_hash: Buffer
}

/**
 * The series of these tag combinations, created where they are missing; in no particular order, joined to the input by
 * `(metric_id, tags_hash)`. Race-safe and sparing with ids in the way of `resolveMetrics`, and like it never inside the
 * writer's transaction.
 */
export async function resolveSeries(db: Queryable, productId: number, series: NewSeries[]): Promise<SeriesRow[]> {
  const found = await findSeries(db, productId, series)
  const missing = without(series, found)
  if (missing.length === 0) return found
  const created = await insertSeries(db, productId, missing)
  const raced = without(missing, created)
  if (raced.length === 0) return [...found, ...created]
  return [...found, ...created, ...(await findSeries(db, productId, raced))]
}

/** A series that was merged beside another of the same tags: what its old name and tags mean. */
export interface SeriesAliasRow {
  name: string
  tags_hash: Buffer
  series_id: number
}

/** Those of these former names and tags that mean a series of their own. */
export async function findSeriesAliases(
  db: Queryable,
  productId: number,
  wanted: { name: string; tagsHash: Buffer }[],
): Promise<SeriesAliasRow[]> {
  if (wanted.length === 0) return []
  const { rows } = await db.query<SeriesAliasRow>(
    `SELECT series_alias.name, series_alias.tags_hash, series_alias.series_id
     FROM (SELECT DISTINCT * FROM unnest($2::text[], $3::bytea[]) AS row (name, tags_hash)) AS wanted
     JOIN series_alias ON series_alias.product_id = $1
       AND series_alias.name = wanted.name AND series_alias.tags_hash = wanted.tags_hash`,
    [productId, wanted.map(({ name }) => name), wanted.map(({ tagsHash }) => tagsHash)],
  )
  return rows
}

/** How many series a product has, for the cardinality limit. */
export async function countSeries(db: Queryable, productId: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'SELECT count(*)::int4 AS count FROM series WHERE product_id = $1',
    [productId],
  )
  return rows[0]?.count ?? 0
}

function without(series: NewSeries[], rows: SeriesRow[]): NewSeries[] {
  const keys = new Set(rows.map((row) => keyOf(row.metric_id, row.tags_hash)))
  return series.filter((one) => !keys.has(keyOf(one.metricId, one.tagsHash)))
}

function keyOf(metricId: number, tagsHash: Buffer): string {
  return `${metricId}:${tagsHash.toString('base64')}`
}

/** Those of the tag combinations that exist. */
export async function findSeries(
  db: Queryable,
  productId: number,
  series: Pick<NewSeries, 'metricId' | 'tagsHash'>[],
): Promise<SeriesRow[]> {
  const { rows } = await db.query<SeriesRow>(
    `SELECT series.id, series.metric_id, series.tags_hash
     FROM (SELECT DISTINCT * FROM unnest($2::int4[], $3::bytea[]) AS row (metric_id, tags_hash)) AS wanted
     JOIN series ON series.product_id = $1
       AND series.metric_id = wanted.metric_id AND series.tags_hash = wanted.tags_hash`,
    [productId, series.map((one) => one.metricId), series.map((one) => one.tagsHash)],
  )
  return rows
}

async function insertSeries(db: Queryable, productId: number, series: NewSeries[]): Promise<SeriesRow[]> {
  const { rows } = await db.query<SeriesRow>(
    `INSERT INTO series (product_id, metric_id, tags, tags_hash)
     SELECT DISTINCT ON (metric_id, tags_hash) $1::int4, metric_id, tags, tags_hash
     FROM unnest($2::int4[], $3::jsonb[], $4::bytea[]) AS row (metric_id, tags, tags_hash)
     ORDER BY metric_id, tags_hash
     ON CONFLICT DO NOTHING
     RETURNING id, metric_id, tags_hash`,
    [
      productId,
      series.map((one) => one.metricId),
      series.map((one) => JSON.stringify(one.tags)),
      series.map((one) => one.tagsHash),
    ],
  )
  return rows
}
