import { packsOf, UNPACK } from './packs'

/**
 * The raw rows of a series and a range of time, wherever they are stored: points, points of sealed days in packs, and
 * counted distributions. Goes behind a `span` in the FROM list, with `series_id`, `from_ts` and `to_ts` (timestamptz,
 * half-open); $1 is the product. It is called `raw` and has
 * - `ms`: epoch milliseconds, as in `point_delta`: the float64 nearest to the microsecond;
 * - `weight`: how many values the row stands for; `value`: their sum; `low`, `high`: the extremes of them.
 *
 * OFFSET 0 keeps the planner from joining whole partitions: spans are few and short, and each is a look-up in the key.
 */
export const RAW = `CROSS JOIN LATERAL (
  SELECT (extract(epoch FROM point.ts) * 1000)::float8 AS ms, 1::int8 AS weight, point.value, point.value AS low, point.value AS high
  FROM point
  WHERE point.product_id = $1 AND point.series_id = span.series_id AND point.ts >= span.from_ts AND point.ts < span.to_ts
  UNION ALL
  SELECT packed.ms, 1, packed.value, packed.value, packed.value
  FROM point_pack AS pack ${UNPACK}
  WHERE pack.product_id = $1 AND pack.series_id = span.series_id
    AND ${packsOf('span.from_ts', 'span.to_ts')} AND packed.ts >= span.from_ts AND packed.ts < span.to_ts
  UNION ALL
  SELECT (extract(epoch FROM histogram.ts) * 1000)::float8, histogram.count, histogram.sum,
    coalesce(histogram.min, histogram.sum / histogram.count), coalesce(histogram.max, histogram.sum / histogram.count)
  FROM histogram
  WHERE histogram.product_id = $1 AND histogram.series_id = span.series_id
    AND histogram.ts >= span.from_ts AND histogram.ts < span.to_ts AND histogram.count > 0
  OFFSET 0
) AS raw`

/**
 * What a rollup holds of points that are no distributions, in rows called `raw` with `ms` and `value`: as FOLDED, for a
 * third of the time. Nearly every value has at most four decimals and is small; ten thousand times it is a whole number,
 * whose quotient by ten thousand is the same float64 again, and whole numbers are added without going through text.
 */
const IS_SHORT = `abs(raw.value) < 1e11 AND round(raw.value * 1e4) / 1e4 = raw.value`
export const FOLDED_POINTS = `count(*) AS count,
  coalesce(sum(CASE WHEN ${IS_SHORT} THEN (raw.value * 1e4)::int8 END) * 0.0001, 0)
    + coalesce(sum(CASE WHEN ${IS_SHORT} THEN NULL ELSE raw.value::text::numeric END), 0) AS sum,
  min(raw.value) AS min, max(raw.value) AS max, min(ARRAY[raw.ms, raw.value]) AS first, max(ARRAY[raw.ms, raw.value]) AS last`

/** The points of `point_delta`, called `delta`, as rows of the same kind with their series; what is called is `raw`. */
export const UNPACK_DELTA = `CROSS JOIN LATERAL (
  SELECT cell.series_id, round(cell.ts * 1000) / 1000 AS ms, coalesce(cell.weight, 1) AS weight, cell.value,
    coalesce(cell.low, cell.value / coalesce(cell.weight, 1)) AS low, coalesce(cell.high, cell.value / coalesce(cell.weight, 1)) AS high
  FROM unnest(delta.series, delta.ts, delta.value, delta.weight, delta.low, delta.high)
    AS cell (series_id, ts, value, weight, low, high)
  WHERE coalesce(cell.weight, 1) > 0
) AS raw`

/**
 * What a rollup holds of rows called `raw`, as the columns of `rollup_day` behind the key. The decimal text of a float64
 * is what somebody wrote, and adding up such texts is exact. Of several at one instant the least is the first and the
 * greatest the last: in any order of adding the same.
 */
export const FOLDED = `sum(raw.weight)::int8 AS count, sum(raw.value::text::numeric) AS sum, min(raw.low) AS min, max(raw.high) AS max,
  min(ARRAY[raw.ms, raw.value / raw.weight]) AS first, max(ARRAY[raw.ms, raw.value / raw.weight]) AS last`
