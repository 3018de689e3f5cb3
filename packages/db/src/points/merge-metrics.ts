import type { PoolClient } from '../client'
import { advanceDictionaryEpoch } from './dictionary-epoch'

/**
 * Makes the series of one metric series of another, and its name, with all that it had before, a former name of the other.
 * False when one of the two is gone. The caller's transaction holds both metrics from here on.
 *
 * No point moves, and no series gets another id: a writer that remembers ids, or is writing at this moment, goes on
 * writing what will be read. A series whose tags the other metric has too stays beside its twin, with a hash that nothing
 * else has, and `series_alias` keeps it for whoever sends under the old name: points that are sent again meet their
 * first copy. So nothing is lost, nothing counted twice, and whatever was asked before is answered the same.
 *
 * Both rows are locked first: a series that another process is creating (its foreign key needs the row) is there before,
 * or fails and is looked up again under the other metric.
 */
export async function mergeMetrics(
  client: PoolClient,
  productId: number,
  fromId: number,
  intoId: number,
): Promise<boolean> {
  const { rows } = await client.query(
    'SELECT id FROM metric WHERE product_id = $1 AND id = ANY($2::int4[]) ORDER BY id FOR UPDATE',
    [productId, [fromId, intoId]],
  )
  if (rows.length < 2) return false
  for (const statement of STEPS) await client.query(statement, [productId, fromId, intoId])
  await advanceDictionaryEpoch(client)
  return true
}

const KEEP_TWINS = `
INSERT INTO series_alias (product_id, name, tags_hash, series_id)
SELECT $1, former.name, series.tags_hash, series.id
FROM series
JOIN series AS twin ON twin.product_id = $1 AND twin.metric_id = $3 AND twin.tags_hash = series.tags_hash
CROSS JOIN (
  SELECT name FROM metric WHERE metric.product_id = $1 AND metric.id = $2
  UNION ALL
  SELECT name FROM metric_alias WHERE metric_alias.product_id = $1 AND metric_alias.metric_id = $2
) AS former
WHERE series.product_id = $1 AND series.metric_id = $2
ON CONFLICT DO NOTHING`

const MOVE_SERIES = `
UPDATE series SET metric_id = $3, tags_hash = CASE
  WHEN EXISTS (SELECT FROM series AS twin WHERE twin.product_id = $1 AND twin.metric_id = $3 AND twin.tags_hash = series.tags_hash)
  THEN substring(sha256(convert_to('series ' || id, 'UTF8')) FOR 16) ELSE tags_hash END
WHERE series.product_id = $1 AND series.metric_id = $2`

const MOVE_NAMES = `
UPDATE metric_alias SET metric_id = $3 WHERE metric_alias.product_id = $1 AND metric_alias.metric_id = $2`

/** What is known of the one fills what is unknown of the other. Raw points are complete from the later of the two edges on. */
const MERGE_FACTS = `
UPDATE metric SET
  kind = coalesce(metric.kind, former.kind),
  unit = coalesce(metric.unit, former.unit),
  description = coalesce(metric.description, former.description),
  first_seen_at = least(metric.first_seen_at, former.first_seen_at),
  raw_from = greatest(metric.raw_from, former.raw_from)
FROM metric AS former
WHERE metric.product_id = $1 AND metric.id = $3 AND former.product_id = $1 AND former.id = $2`

/** Its own name last: nothing may refer to it any more. */
const KEEP_NAME = `
WITH gone AS (DELETE FROM metric WHERE metric.product_id = $1 AND metric.id = $2 RETURNING name)
INSERT INTO metric_alias (product_id, name, metric_id) SELECT $1, name, $3 FROM gone
ON CONFLICT (product_id, name) DO UPDATE SET metric_id = EXCLUDED.metric_id`

const STEPS = [KEEP_TWINS, MOVE_SERIES, MOVE_NAMES, MERGE_FACTS, KEEP_NAME]
