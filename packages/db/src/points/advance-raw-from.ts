import type { Pool } from '../client'
import { inTransaction } from './in-transaction'
import { lockPacks } from './packs'

/** `stale`: rollups before the edge have to be computed from raw points that would be gone: fold, and ask again. */
export type Advanced = 'advanced' | 'stale'

/**
 * Says that raw points of a metric begin at the instant (epoch ms; the start of a day of product.rollup_zone). From the
 * COMMIT on, earlier days are what the rollups say, nothing computes them again, and the raw points may be deleted.
 *
 * Points that are not folded yet do not matter: folding adds them to their day without looking at others. What does is a
 * change that is marked and not computed, and rollups that are still being built. Writers of old points are kept out
 * while it looks, so that no change comes in between.
 */
export async function advanceRawFrom(
  pool: Pool,
  productId: number,
  metricId: number,
  rawFromMs: number,
): Promise<Advanced> {
  return inTransaction(pool, async (client) => {
    await lockPacks(client, productId)
    const values = [productId, metricId, new Date(rawFromMs).toISOString()]
    const { rows } = await client.query<{ is_stale: boolean }>(IS_STALE, values)
    if (rows[0]?.is_stale ?? true) return 'stale'
    await client.query(ADVANCE, values)
    return 'advanced'
  })
}

const IS_STALE = `
SELECT product.rollup_zone IS DISTINCT FROM product.zone OR product.rollup_built_to IS NOT NULL OR EXISTS (
  SELECT FROM dirty_quarter JOIN series ON series.product_id = $1 AND series.id = dirty_quarter.series_id
  WHERE dirty_quarter.product_id = $1 AND series.metric_id = $2
    AND to_timestamp(dirty_quarter.quarter * 900::float8) < $3::timestamptz
) AS is_stale
FROM product WHERE product.id = $1`

const ADVANCE = `
UPDATE metric SET raw_from = $3::timestamptz
WHERE metric.product_id = $1 AND metric.id = $2 AND (raw_from IS NULL OR raw_from < $3::timestamptz)`
