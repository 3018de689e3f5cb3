import type { Queryable } from '../client'

/** What a protocol says of a metric beside its points. */
export interface NamedHint {
  name: string
  kind?: 'count' | 'gauge' | 'distribution'
  unit?: string
  description?: string
}

/** Longest that the catalogue shows; a protocol may send any text. */
const TEXT_CHARS_MAX = 500

/**
 * Fills what nobody has said of these metrics. What a person wrote stays, and so does what an earlier hint said: two
 * senders who disagree do not take turns. A kind brings its usual way to add up, if the metric still has the first one.
 */
export async function applyMetricHints(db: Queryable, productId: number, hints: readonly NamedHint[]): Promise<void> {
  const cut = (text: string | undefined) => text?.slice(0, TEXT_CHARS_MAX) || null
  await db.query({
    name: 'apply_metric_hints',
    text: STATEMENT,
    values: [
      productId,
      hints.map(({ name }) => name),
      hints.map(({ kind }) => kind ?? null),
      hints.map(({ unit }) => cut(unit)),
      hints.map(({ description }) => cut(description)),
    ],
  })
}

/** Locked in the order of their ids, so that two processes wait for each other and never in a ring. */
const STATEMENT = `
WITH hint AS (
  SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS row (name, kind, unit, description)
), known AS MATERIALIZED (
  SELECT metric.id, hint.kind, hint.unit, hint.description FROM metric JOIN hint ON hint.name = metric.name
  WHERE metric.product_id = $1
    AND (metric.kind IS NULL AND hint.kind IS NOT NULL OR metric.unit IS NULL AND hint.unit IS NOT NULL
      OR metric.description IS NULL AND hint.description IS NOT NULL)
  ORDER BY metric.id FOR UPDATE OF metric
)
UPDATE metric SET
  kind = coalesce(metric.kind, known.kind),
  unit = coalesce(metric.unit, known.unit),
  description = coalesce(metric.description, known.description),
  default_aggregation = CASE
    WHEN metric.kind IS NULL AND known.kind IN ('gauge', 'distribution') AND metric.default_aggregation = 'sum' THEN 'avg'
    ELSE metric.default_aggregation END
FROM known WHERE metric.product_id = $1 AND metric.id = known.id`
