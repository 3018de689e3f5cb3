import type { Queryable } from '../client'
import { toMicros } from './columns'

/** A row of `histogram`. A distribution that counts is rare beside points, so that an object for each is affordable. */
export interface HistogramRow {
  productId: number
  seriesId: number
  /** Epoch milliseconds with microseconds as the fraction. */
  ts: number
  /** As of a point: generated (> 0), the client's (< 0), or 0 where a later one takes the place of an earlier one. */
  id: bigint
  count: number
  sum: number
  min: number | null
  max: number | null
  bins: number[]
  counts: number[]
}

export const histogramKeyOf = ({ seriesId, ts, id }: HistogramRow) => `h${seriesId}:${toMicros(ts)}:${id}`

/**
 * Writes distributions: those whose key exists are skipped, or, where the id is 0 and something differs, replaced, which
 * marks the quarter of an hour as dirty. New ones go into `point_delta` with their weight and extremes. Returns the keys
 * (of `histogramKeyOf`) of those that were new or have changed something.
 */
export async function insertHistograms(db: Queryable, histograms: readonly HistogramRow[]): Promise<string[]> {
  if (histograms.length === 0) return []
  const input = toInput(histograms)
  const inserted = await run(db, 'insert_histograms', INSERT, input)
  const isOverwriting = histograms.some(({ id }) => id === 0n)
  if (!isOverwriting || inserted.length === histograms.length) return inserted
  return [...inserted, ...(await run(db, 'overwrite_histograms', OVERWRITE, input))]
}

async function run(db: Queryable, name: string, text: string, input: string): Promise<string[]> {
  const { rows } = await db.query<{ keys: string[] }>({ name, text, values: [input] })
  return rows[0]?.keys ?? []
}

function toInput(histograms: readonly HistogramRow[]): string {
  return JSON.stringify(
    histograms.map(({ productId, seriesId, ts, id, ...rest }, place) => ({
      ...rest,
      product_id: productId,
      series_id: seriesId,
      ts_us: toMicros(ts),
      id: String(id),
      // Of an id of a client the first counts, of those that overwrite the last.
      place: id === 0n ? -place : place,
    })),
  )
}

const SOURCE = `
WITH input AS (
  SELECT DISTINCT ON (product_id, series_id, ts_us, id) product_id, series_id,
    'epoch'::timestamptz + ts_us * interval '1 microsecond' AS ts, id, count, sum, min, max, bins, counts
  FROM json_to_recordset($1::json) AS row (product_id int4, series_id int4, ts_us int8, id int8, count int8,
    sum float8, min float8, max float8, bins int4[], counts int8[], place int4)
  ORDER BY product_id, series_id, ts_us, id, place
)`
const KEYS = `
SELECT coalesce(array_agg('h' || series_id || ':' || (extract(epoch FROM ts) * 1000000)::int8 || ':' || id), '{}') AS keys
FROM written`

const INSERT = `${SOURCE}, written AS (
  INSERT INTO histogram (product_id, series_id, ts, id, count, sum, min, max, bins, counts)
  SELECT product_id, series_id, ts, id, count, sum, min, max, bins, counts FROM input ORDER BY 1, 2, 3, 4
  ON CONFLICT DO NOTHING
  RETURNING product_id, series_id, ts, id, count, sum, min, max
), delta AS (
  INSERT INTO point_delta (product_id, id, from_ms, to_ms, series, ts, value, weight, low, high)
  SELECT product_id, nextval('point_delta_id_seq'), min(ms), max(ms),
    array_agg(series_id), array_agg(ms), array_agg(sum), array_agg(count), array_agg(min), array_agg(max)
  FROM (SELECT *, date_part('epoch', ts) * 1000 AS ms FROM written) AS row
  GROUP BY product_id
)${KEYS}`

const OVERWRITE = `${SOURCE}, locked AS MATERIALIZED (
  SELECT product_id, series_id, ts, id, input.count, input.sum, input.min, input.max, input.bins, input.counts
  FROM input JOIN histogram AS old USING (product_id, series_id, ts, id)
  WHERE id = 0 AND (old.count, old.sum, old.min, old.max, old.bins, old.counts)
    IS DISTINCT FROM (input.count, input.sum, input.min, input.max, input.bins, input.counts)
  ORDER BY 1, 2, 3, 4
  FOR UPDATE OF old
), written AS (
  UPDATE histogram SET count = locked.count, sum = locked.sum, min = locked.min, max = locked.max,
    bins = locked.bins, counts = locked.counts
  FROM locked
  WHERE histogram.product_id = locked.product_id AND histogram.series_id = locked.series_id
    AND histogram.ts = locked.ts AND histogram.id = locked.id
  RETURNING histogram.product_id, histogram.series_id, histogram.ts, histogram.id
), dirty AS (
  INSERT INTO dirty_quarter (product_id, series_id, quarter)
  SELECT DISTINCT product_id, series_id, floor(date_part('epoch', ts) / 900)::int4 FROM written ORDER BY 1, 2, 3
)${KEYS}`
