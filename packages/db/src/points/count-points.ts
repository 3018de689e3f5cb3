import type { Queryable } from '../client'
import { UNPACK } from './packs'

export interface PointCount {
  points: number
  /** Epoch ms; null when there is none. */
  first_ms: number | null
  last_ms: number | null
  /** About, index included. */
  bytes: number
}

export interface PointRange {
  productId: number
  seriesIds: number[]
  /** Epoch ms, half-open. */
  from: number
  to: number
}

/** Of a row with its index, as measured over a million points. */
const ROW_BYTES = 120
/** Of a pack beside the row itself: its place in the page and in the index. */
const PACK_BYTES = 32

/** How many stored points a range of some series holds: rows, packed points, and distributions as one each. */
export async function countPoints(db: Queryable, { productId, seriesIds, from, to }: PointRange): Promise<PointCount> {
  const { rows } = await db.query<PointCount>(COUNT, [productId, seriesIds, toTimestamp(from), toTimestamp(to)])
  return rows[0] ?? { points: 0, first_ms: null, last_ms: null, bytes: 0 }
}

export const toTimestamp = (ms: number) =>
  Number.isFinite(ms) ? new Date(ms).toISOString() : ms < 0 ? '-infinity' : 'infinity'

/** Packs that lie wholly inside are not unpacked: their first and last day are near enough for people. */
const COUNT = `
SELECT coalesce(sum(points), 0)::float8 AS points,
  (extract(epoch FROM min(first)) * 1000)::float8 AS first_ms, (extract(epoch FROM max(last)) * 1000)::float8 AS last_ms,
  coalesce(sum(bytes), 0)::float8 AS bytes
FROM (
  SELECT count(*) AS points, min(ts) AS first, max(ts) AS last, count(*) * ${ROW_BYTES} AS bytes
  FROM point WHERE point.product_id = $1 AND point.series_id = ANY($2::int4[]) AND point.ts >= $3 AND point.ts < $4
  UNION ALL
  SELECT count(*), min(ts), max(ts), sum(pg_column_size(histogram) + ${PACK_BYTES})
  FROM histogram WHERE histogram.product_id = $1 AND histogram.series_id = ANY($2::int4[]) AND histogram.ts >= $3 AND histogram.ts < $4
  UNION ALL
  SELECT sum(part.points), min(part.first), max(part.last), sum((pg_column_size(pack) + ${PACK_BYTES}) * part.points / pack.count)
  FROM point_pack AS pack
  CROSS JOIN LATERAL (
    SELECT 'epoch'::timestamptz + pack.day * interval '24 hours' AS begins, 'epoch'::timestamptz + (pack.day + pack.days) * interval '24 hours' AS ends
  ) AS life
  CROSS JOIN LATERAL (
    SELECT pack.count::int8 AS points, life.begins AS first, life.ends - interval '1 microsecond' AS last
    WHERE life.begins >= $3 AND life.ends <= $4
    UNION ALL
    SELECT count(*), min(packed.ts), max(packed.ts) FROM (SELECT 1) AS one ${UNPACK}
    WHERE (life.begins < $3 OR life.ends > $4) AND packed.ts >= $3 AND packed.ts < $4
  ) AS part
  WHERE pack.product_id = $1 AND pack.series_id = ANY($2::int4[]) AND life.ends > $3 AND life.begins < $4
) AS part`
