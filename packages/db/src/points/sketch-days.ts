import type { Pool } from '../client'
import type { LocalDays } from './aggregate-query'
import { BIN_OF_VALUE } from './bins'
import { inTransaction } from './in-transaction'
import { RAW } from './raw'

export interface SketchQuery {
  productId: number
  /** Days (of the rollup zone) before this one are over for good, mostly. */
  beforeDay: number
  /** Days that one transaction computes. Default: SKETCHES_MAX. */
  daysMax?: number
}

/** Some hundred thousand points, mostly: a second. */
const SKETCHES_MAX = 500
/** Values a day from which on bins are fewer than the values. */
const SKETCH_VALUES_MIN = 500

/**
 * Counts the values of past days into bins, where a day holds many: a percentile over a year then adds up bins instead of
 * sorting values. Days whose sketch counts something else than their rollup (points came late) are counted again; what is
 * dirty waits until the fold has computed it. Returns how many days were done: call it until it is 0.
 */
export async function sketchDays(pool: Pool, query: SketchQuery, daysOf: (zone: string) => LocalDays): Promise<number> {
  const { productId, beforeDay, daysMax = SKETCHES_MAX } = query
  return inTransaction(pool, async (client) => {
    // The rollups that say what is missing and the points that are counted are of one snapshot.
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    const { rows } = await client.query<{ series_id: number; day: number; zone: string }>(SELECT_MISSING, [
      productId,
      beforeDay,
      SKETCH_VALUES_MIN,
      daysMax,
    ])
    const [first] = rows
    if (!first) return 0
    const days = daysOf(first.zone)
    await client.query(WRITE, [
      productId,
      rows.map((row) => row.series_id),
      rows.map((row) => row.day),
      rows.map((row) => days.startOf(row.day)),
      rows.map((row) => days.startOf(row.day + 1)),
    ])
    return rows.length
  })
}

/** Only where nothing waits to be folded: else the points say more than the rollup, and the sketch would not be used. */
const SELECT_MISSING = `
SELECT rollup.series_id, rollup.day, product.rollup_zone AS zone
FROM product JOIN rollup_day AS rollup ON rollup.product_id = $1
JOIN series ON series.product_id = $1 AND series.id = rollup.series_id
JOIN metric ON metric.product_id = $1 AND metric.id = series.metric_id
LEFT JOIN sketch_day AS sketch ON sketch.product_id = $1 AND sketch.series_id = rollup.series_id AND sketch.day = rollup.day
WHERE product.id = $1 AND product.rollup_built_to IS NULL AND rollup.day < $2 AND rollup.count >= $3
  AND (metric.raw_from IS NULL OR rollup.first_ms >= extract(epoch FROM metric.raw_from) * 1000)
  AND NOT EXISTS (SELECT FROM point_delta WHERE point_delta.product_id = $1)
  AND NOT EXISTS (SELECT FROM dirty_quarter WHERE dirty_quarter.product_id = $1 AND dirty_quarter.series_id = rollup.series_id)
  AND (sketch.day IS NULL OR (SELECT sum(one) FROM unnest(sketch.counts) AS one) <> rollup.count)
ORDER BY rollup.series_id, rollup.day LIMIT $4`

/** $2, $3 series and days, $4, $5 where each begins and ends in epoch ms. */
const WRITE = `
WITH span AS MATERIALIZED (
  SELECT series_id, day, to_timestamp(from_ms / 1000) AS from_ts, to_timestamp(to_ms / 1000) AS to_ts
  FROM unnest($2::int4[], $3::int4[], $4::float8[], $5::float8[]) AS row (series_id, day, from_ms, to_ms)
), counted AS (
  SELECT series_id, day, bin, sum(count)::int8 AS count
  FROM (
    SELECT series_id, day, ${BIN_OF_VALUE} AS bin, count(*) AS count
    FROM (SELECT span.series_id, span.day, raw.value FROM span ${RAW} WHERE raw.weight = 1) AS row
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT span.series_id, span.day, bin, bin_count
    FROM span
    JOIN histogram ON histogram.product_id = $1 AND histogram.series_id = span.series_id
      AND histogram.ts >= span.from_ts AND histogram.ts < span.to_ts AND histogram.count > 1
    CROSS JOIN LATERAL unnest(histogram.bins, histogram.counts) AS binned (bin, bin_count)
  ) AS part
  GROUP BY 1, 2, 3
)
INSERT INTO sketch_day (product_id, series_id, day, bins, counts)
SELECT $1, series_id, day, array_agg(bin ORDER BY bin), array_agg(count ORDER BY bin)
FROM counted GROUP BY series_id, day ORDER BY series_id, day
ON CONFLICT (product_id, series_id, day) DO UPDATE SET bins = EXCLUDED.bins, counts = EXCLUDED.counts`
