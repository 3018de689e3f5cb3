/** The statements of a fold. $1 is the product in all of them; all see the snapshot of the fold's transaction. */
import { QUARTER_MS } from './overwrite-points'
import { FOLDED, FOLDED_POINTS, RAW, UNPACK_DELTA } from './raw'

export const SELECT_STATE = `
SELECT product.zone, product.rollup_zone, product.rollup_built_to FROM product WHERE product.id = $1`

/** $2 at most so many. */
export const SELECT_DELTAS = `
SELECT id, cardinality(series) AS length, from_ms, to_ms, weight IS NOT NULL AS is_weighted FROM point_delta WHERE product_id = $1 ORDER BY id LIMIT $2`

/** $2 the highest id of those that were taken: with ids in order, and in one snapshot, no other can be below it. */
export const DELETE_DELTAS = `DELETE FROM point_delta WHERE product_id = $1 AND id <= $2`

/** $2 at most so many. Several marks of a quarter are one. `raw_from` is where the raw points of its metric begin, in epoch ms. */
export const SELECT_DIRTY = `
SELECT stale.series_id, stale.quarter, (extract(epoch FROM metric.raw_from) * 1000)::float8 AS raw_from
FROM (
  SELECT DISTINCT series_id, quarter FROM dirty_quarter WHERE product_id = $1 ORDER BY series_id, quarter LIMIT $2
) AS stale
LEFT JOIN series ON series.product_id = $1 AND series.id = stale.series_id
LEFT JOIN metric ON metric.product_id = $1 AND metric.id = series.metric_id
ORDER BY stale.series_id, stale.quarter`

/** $2, $3 the last series and quarter of those that were selected. */
export const DELETE_DIRTY = `
DELETE FROM dirty_quarter WHERE product_id = $1 AND (series_id, quarter) <= ($2::int4, $3::int4)`

/** Metrics of which early raw points were dropped, and where the rest begins, in epoch ms. */
export const SELECT_RAW_FROM = `
SELECT id, (extract(epoch FROM raw_from) * 1000)::float8 AS raw_from
FROM metric WHERE product_id = $1 AND raw_from IS NOT NULL`

/** All days, but not what nothing could compute again: $2, $3 metrics and the day from which on they have raw points. */
export const DELETE_ALL_DAYS = `
DELETE FROM rollup_day AS rollup WHERE rollup.product_id = $1 AND NOT EXISTS (
  SELECT FROM unnest($2::int4[], $3::int4[]) AS kept (metric_id, day)
  JOIN series ON series.product_id = $1 AND series.metric_id = kept.metric_id
  WHERE series.id = rollup.series_id AND rollup.day < kept.day
)`

export const UPDATE_STATE = `
UPDATE product SET rollup_zone = $2, rollup_built_to = $3 WHERE id = $1`

/** $2, $3 series and days. */
export const DELETE_DAYS = `
DELETE FROM rollup_day AS rollup USING unnest($2::int4[], $3::int4[]) AS stale (series_id, day)
WHERE rollup.product_id = $1 AND rollup.series_id = stale.series_id AND rollup.day = stale.day`

/** The sketches of changed days, and all of them when the zone is another one. */
export const DELETE_SKETCHES = `
DELETE FROM sketch_day AS sketch USING unnest($2::int4[], $3::int4[]) AS stale (series_id, day)
WHERE sketch.product_id = $1 AND sketch.series_id = stale.series_id AND sketch.day = stale.day`
export const DELETE_ALL_SKETCHES = `DELETE FROM sketch_day WHERE product_id = $1`

/** $2, $3 series and quarters. */
export const DELETE_QUARTERS = `
DELETE FROM rollup_quarter AS rollup USING unnest($2::int4[], $3::int4[]) AS stale (series_id, quarter)
WHERE rollup.product_id = $1 AND rollup.series_id = stale.series_id AND rollup.quarter = stale.quarter`

/** How a rollup takes what is added to it. Of equal instants the least is the first, the greatest the last, as in FOLDED. */
const MERGE = `
  count = rollup.count + EXCLUDED.count,
  sum = rollup.sum + EXCLUDED.sum,
  min = least(rollup.min, EXCLUDED.min),
  max = greatest(rollup.max, EXCLUDED.max),
  first = CASE WHEN (EXCLUDED.first_ms, EXCLUDED.first) < (rollup.first_ms, rollup.first) THEN EXCLUDED.first ELSE rollup.first END,
  first_ms = least(rollup.first_ms, EXCLUDED.first_ms),
  last = CASE WHEN (EXCLUDED.last_ms, EXCLUDED.last) > (rollup.last_ms, rollup.last) THEN EXCLUDED.last ELSE rollup.last END,
  last_ms = greatest(rollup.last_ms, EXCLUDED.last_ms)`

/** The columns of a rollup from rows of FOLDED. */
const COLUMNS = `added.count, added.sum, added.min, added.max, added.first[2], round(added.first[1] * 1000) / 1000, added.last[2], round(added.last[1] * 1000) / 1000`

/** Points a day from which on a series has rollups of 15 minutes: two a quarter, below which they save nothing. */
const BUSY_POINTS = 192

/** Series of which a day that was just written holds many points. */
const BUSY = `
SELECT DISTINCT written.series_id FROM written
JOIN series ON series.product_id = $1 AND series.id = written.series_id
WHERE written.count > ${BUSY_POINTS} AND NOT series.has_quarters ORDER BY 1`

/**
 * $2 the last delta that is taken, $3 day starts and $4 the days, $5 the last series that rollup_day
 * holds, $6, $7 series and days that have been computed from the raw points, these deltas among them. In the order of
 * the key, so that what is inserted lies beside its neighbours.
 */
interface DeltaKind {
  folded: string
  unpack: string
}
/** Deltas of points alone, which nearly all are, and those with distributions among them. */
const POINTS: DeltaKind = {
  folded: FOLDED_POINTS,
  unpack: `CROSS JOIN LATERAL (
  SELECT cell.series_id, cell.ts AS ms, cell.value
  FROM unnest(delta.series, delta.ts, delta.value) AS cell (series_id, ts, value)
  WHERE delta.weight IS NULL
) AS raw`,
}
const WEIGHTED: DeltaKind = {
  folded: FOLDED,
  unpack: UNPACK_DELTA.replace('WHERE', 'WHERE delta.weight IS NOT NULL AND'),
}

const addDays = ({ folded, unpack }: DeltaKind) => `
WITH added AS (
  SELECT raw.series_id, ($4::int4[])[width_bucket(raw.ms, $3::float8[])] AS day, ${folded}
  FROM point_delta AS delta ${unpack}
  WHERE delta.product_id = $1 AND delta.id <= $2 AND raw.series_id <= $5::int4
  GROUP BY 1, 2
), written AS (
  INSERT INTO rollup_day AS rollup (product_id, series_id, day, count, sum, min, max, first, first_ms, last, last_ms)
  SELECT $1, added.series_id, added.day, ${COLUMNS}
  FROM added
  WHERE NOT EXISTS (
    SELECT FROM unnest($6::int4[], $7::int4[]) AS stale (series_id, day)
    WHERE stale.series_id = added.series_id AND stale.day = added.day)
  ORDER BY added.series_id, added.day
  ON CONFLICT (product_id, series_id, day) DO UPDATE SET ${MERGE}
  RETURNING rollup.series_id, rollup.count
)${BUSY}`

/** The days of UTC that points of deltas up to $2 lie in. */
export const SELECT_DELTA_DAYS = `
SELECT DISTINCT floor(raw.ms / 86400000)::int4 AS day
FROM point_delta AS delta ${UNPACK_DELTA} WHERE delta.product_id = $1 AND delta.id <= $2 ORDER BY 1`

export const ADD_DAYS = addDays(POINTS)
export const ADD_WEIGHTED_DAYS = addDays(WEIGHTED)

/** $2 the last delta that is taken, $3, $4 series and quarters that have been computed from the raw points. */
const addQuarters = ({ folded, unpack }: DeltaKind) => `
WITH added AS (
  SELECT raw.series_id, floor(raw.ms / ${QUARTER_MS})::int4 AS quarter, ${folded}
  FROM point_delta AS delta ${unpack}
  WHERE delta.product_id = $1 AND delta.id <= $2
    AND (raw.series_id IN (SELECT series.id FROM series WHERE series.product_id = $1 AND series.has_quarters)) IS TRUE
  GROUP BY 1, 2
)
INSERT INTO rollup_quarter AS rollup (product_id, series_id, quarter, count, sum, min, max, first, first_ms, last, last_ms)
SELECT $1, added.series_id, added.quarter, ${COLUMNS}
FROM added
WHERE NOT EXISTS (
  SELECT FROM unnest($3::int4[], $4::int4[]) AS stale (series_id, quarter)
  WHERE stale.series_id = added.series_id AND stale.quarter = added.quarter)
ORDER BY added.series_id, added.quarter
ON CONFLICT (product_id, series_id, quarter) DO UPDATE SET ${MERGE}`

export const ADD_QUARTERS = addQuarters(POINTS)
export const ADD_WEIGHTED_QUARTERS = addQuarters(WEIGHTED)

const INSERT_DAYS = `written AS (
  INSERT INTO rollup_day AS rollup (product_id, series_id, day, count, sum, min, max, first, first_ms, last, last_ms)
  SELECT $1, added.series_id, added.day, ${COLUMNS} FROM added ORDER BY added.series_id, added.day
  ON CONFLICT (product_id, series_id, day) DO UPDATE SET ${MERGE}
  RETURNING rollup.series_id, rollup.count
)${BUSY}`

/** Single days from the raw points: $2, $3 series and days, $4, $5 where each begins and ends in epoch ms. */
export const COMPUTE_DAYS = `
WITH added AS (
  SELECT span.series_id, span.day, ${FOLDED}
  FROM (
    SELECT series_id, day, to_timestamp(from_ms / 1000) AS from_ts, to_timestamp(to_ms / 1000) AS to_ts
    FROM unnest($2::int4[], $3::int4[], $4::float8[], $5::float8[]) AS row (series_id, day, from_ms, to_ms)
  ) AS span ${RAW}
  GROUP BY 1, 2
), ${INSERT_DAYS}`

/**
 * All days of some series from the raw points: $2 series, $3 day starts and $4 the day of the first of them. A day may be
 * there already where the zone has changed since its raw points were dropped: it was cut from the other zone's days.
 */
export const COMPUTE_SERIES_DAYS = `
WITH added AS (
  SELECT span.series_id, width_bucket(raw.ms, $3::float8[]) + $4::int4 - 1 AS day, ${FOLDED}
  FROM (
    SELECT series.id AS series_id, greatest(to_timestamp(($3::float8[])[1] / 1000), metric.raw_from) AS from_ts,
      to_timestamp(($3::float8[])[cardinality($3::float8[])] / 1000) AS to_ts
    FROM series JOIN metric ON metric.product_id = $1 AND metric.id = series.metric_id
    WHERE series.product_id = $1 AND series.id = ANY($2::int4[])
  ) AS span ${RAW}
  GROUP BY 1, 2
), ${INSERT_DAYS}`

const INSERT_QUARTERS = `
INSERT INTO rollup_quarter (product_id, series_id, quarter, count, sum, min, max, first, first_ms, last, last_ms)
SELECT $1, added.series_id, added.quarter, ${COLUMNS}`

/** Single quarters from the raw points: $2, $3 series and quarters. */
export const COMPUTE_QUARTERS = `${INSERT_QUARTERS}
FROM (
  SELECT span.series_id, span.quarter, ${FOLDED}
  FROM (
    SELECT row.series_id, row.quarter, to_timestamp(row.quarter * 900::float8) AS from_ts, to_timestamp((row.quarter + 1) * 900::float8) AS to_ts
    FROM unnest($2::int4[], $3::int4[]) AS row (series_id, quarter)
    JOIN series ON series.product_id = $1 AND series.id = row.series_id AND series.has_quarters
  ) AS span ${RAW}
  GROUP BY 1, 2
) AS added
ORDER BY added.series_id, added.quarter`

/** All quarters of some series from the raw points: $2 series, $3, $4 the range in epoch ms. */
export const COMPUTE_SERIES_QUARTERS = `${INSERT_QUARTERS}
FROM (
  SELECT span.series_id, floor(raw.ms / ${QUARTER_MS})::int4 AS quarter, ${FOLDED}
  FROM (
    SELECT series_id, to_timestamp($3::float8 / 1000) AS from_ts, to_timestamp($4::float8 / 1000) AS to_ts
    FROM unnest($2::int4[]) AS row (series_id)
  ) AS span ${RAW}
  GROUP BY 1, 2
) AS added
ORDER BY added.series_id, added.quarter`

/** $2 series that became busy: how much there is of each, and the days it lies between. */
export const SELECT_SIZES = `
SELECT series_id, sum(count)::float8 AS count, min(day) AS from_day, max(day) + 1 AS to_day
FROM rollup_day WHERE product_id = $1 AND series_id = ANY($2::int4[])
GROUP BY series_id ORDER BY 2, 1`

export const MARK_QUARTERS = `
UPDATE series SET has_quarters = true WHERE product_id = $1 AND id = ANY($2::int4[])`

/** The next series after $2, at most $3, with the range in which they have raw points (null when they have none). */
export const SELECT_NEXT_SERIES = `
WITH next AS MATERIALIZED (
  SELECT id FROM series WHERE product_id = $1 AND id > $2::int4 ORDER BY id LIMIT $3
)
SELECT (SELECT array_agg(id ORDER BY id) FROM next) AS series_ids,
  (extract(epoch FROM min(found.from_ts)) * 1000)::float8 AS from_ms, (extract(epoch FROM max(found.to_ts)) * 1000)::float8 AS to_ms
FROM (
  SELECT (SELECT ts FROM point WHERE point.product_id = $1 AND point.series_id = next.id ORDER BY ts LIMIT 1) AS from_ts,
    (SELECT ts FROM point WHERE point.product_id = $1 AND point.series_id = next.id ORDER BY ts DESC LIMIT 1) AS to_ts
  FROM next
  UNION ALL
  SELECT 'epoch'::timestamptz + min(pack.day) * interval '24 hours', 'epoch'::timestamptz + max(pack.day + pack.days) * interval '24 hours'
  FROM next JOIN point_pack AS pack ON pack.product_id = $1 AND pack.series_id = next.id
  UNION ALL
  SELECT min(histogram.ts), max(histogram.ts)
  FROM next JOIN histogram ON histogram.product_id = $1 AND histogram.series_id = next.id
) AS found`
