import type { Pool } from '../client'
import type { LocalDays } from './aggregate-query'
import { inTransaction } from './in-transaction'
import { QUARTER_MS } from './overwrite-points'
import { FOLDED, RAW, UNPACK_DELTA } from './raw'

/** A day or a quarter of which the rollups say something else than the points. */
export interface Difference {
  series_id: number
  /** Counted from 1970: a day of the rollup zone, or a quarter of an hour of UTC. */
  day: number | null
  quarter: number | null
  /** Count and sum as text; null where there is no row. */
  rolled: string | null
  raw: string | null
}

export interface AuditOptions {
  /** Series that are compared, from `afterSeries` on in the order of their ids. Default: all. */
  seriesMax?: number
  afterSeries?: number
  /** Marks what differs as dirty, so that the next fold computes it from the points. */
  heal?: boolean
}

export interface Audit {
  differences: Difference[]
  /** The last series that was looked at; null when there is none after it. */
  next: number | null
}

/** At most so many differences are told; what differs in a thousand places has one cause. */
const DIFFERENCES_MAX = 1_000

/**
 * Compares the rollups of a product with its raw points, exactly: count, sum, extremes, first and last of each day and,
 * where there are any, quarters. What is not folded yet is part of what the rollups say; what is dirty is left out, and
 * so are days whose raw points were dropped. It reads every raw point of the series: bound it by `seriesMax`.
 */
export async function auditRollups(
  pool: Pool,
  productId: number,
  daysOf: (zone: string) => LocalDays,
  options: AuditOptions = {},
): Promise<Audit> {
  return inTransaction(pool, async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    const query = async <Row extends object>(text: string, ...values: unknown[]): Promise<Row[]> =>
      (await client.query(text, [productId, ...values])).rows as Row[]
    const { seriesMax = null, afterSeries = 0 } = options
    const chosen = await query<{ id: number }>(SELECT_SERIES, afterSeries, seriesMax)
    const [state] = await query<State>(SELECT_STATE)
    if (!state || chosen.length === 0) return { differences: [], next: null }
    const ids = chosen.map(({ id }) => id)
    const days = daysOf(state.rollup_zone ?? 'UTC')
    const [range] = await query<{ from_ms: number | null; to_ms: number | null }>(SELECT_RANGE, ids)
    const differences: Difference[] = []
    if (range && range.from_ms !== null && range.to_ms !== null) {
      const fromDay = days.dayOf(range.from_ms)
      const toDay = days.dayOf(range.to_ms) + 1
      const starts = Array.from({ length: toDay - fromDay + 1 }, (_, i) => days.startOf(fromDay + i))
      const builtTo = state.rollup_zone === null ? 0 : state.rollup_built_to
      differences.push(
        ...(await query<Difference>(COMPARE_DAYS, ids, starts, fromDay, builtTo, DIFFERENCES_MAX)),
        ...(await query<Difference>(COMPARE_QUARTERS, ids, starts, DIFFERENCES_MAX)),
      )
      if (options.heal && differences.length > 0) await query(MARK_DIRTY, ...marksOf(differences, days))
    }
    return { differences, next: seriesMax !== null && ids.length === seriesMax ? (ids.at(-1) ?? null) : null }
  })
}

interface State {
  rollup_zone: string | null
  rollup_built_to: number | null
}

/** One quarter marks its whole day. */
function marksOf(differences: readonly Difference[], days: LocalDays): [number[], number[]] {
  const quarters = differences.map(({ day, quarter }) =>
    day === null ? (quarter ?? 0) : Math.ceil(days.startOf(day) / QUARTER_MS),
  )
  return [differences.map(({ series_id }) => series_id), quarters]
}

const SELECT_STATE = `SELECT product.rollup_zone, product.rollup_built_to FROM product WHERE product.id = $1`

const SELECT_SERIES = `SELECT id FROM series WHERE product_id = $1 AND id > $2 ORDER BY id LIMIT $3`

const SELECT_RANGE = `
SELECT min(from_ms) AS from_ms, max(to_ms) AS to_ms FROM (
  SELECT extract(epoch FROM min(ts))::float8 * 1000 AS from_ms, extract(epoch FROM max(ts))::float8 * 1000 AS to_ms
  FROM point WHERE product_id = $1 AND series_id = ANY($2::int4[])
  UNION ALL
  SELECT min(day) * 86400000::float8, max(day + days) * 86400000::float8
  FROM point_pack WHERE product_id = $1 AND series_id = ANY($2::int4[])
  UNION ALL
  SELECT extract(epoch FROM min(ts))::float8 * 1000, extract(epoch FROM max(ts))::float8 * 1000
  FROM histogram WHERE product_id = $1 AND series_id = ANY($2::int4[])
  UNION ALL
  SELECT min(first_ms), max(last_ms) FROM rollup_day WHERE product_id = $1 AND series_id = ANY($2::int4[])
  UNION ALL
  SELECT min(from_ms), max(to_ms) FROM point_delta WHERE product_id = $1
) AS found`

/** $2 series, $3 day starts that enclose everything. */
const SPAN = `span AS MATERIALIZED (
  SELECT series.id AS series_id, series.has_quarters, metric.raw_from,
    greatest(to_timestamp(($3::float8[])[1] / 1000), metric.raw_from) AS from_ts,
    to_timestamp(($3::float8[])[cardinality($3::float8[])] / 1000) AS to_ts
  FROM series JOIN metric ON metric.product_id = $1 AND metric.id = series.metric_id
  WHERE series.product_id = $1 AND series.id = ANY($2::int4[])
)`

/** What rollups and deltas say together, beside what the points say. `place` is the day or the quarter. */
const compare = (place: 'day' | 'quarter') => `
both_sides AS (
  SELECT coalesce(rolled.series_id, raw.series_id) AS series_id, coalesce(rolled.${place}, raw.${place}) AS ${place},
    rolled.text AS rolled, raw.text AS raw
  FROM (
    SELECT series_id, ${place},
      concat_ws(' ', sum(count), trim_scale(sum(sum)), min(min) + 0, max(max) + 0, min(first), max(last)) AS text
    FROM part GROUP BY 1, 2
  ) AS rolled
  FULL JOIN (
    SELECT series_id, ${place}, concat_ws(' ', count, trim_scale(sum), min + 0, max + 0, first, last) AS text FROM truth
  ) AS raw USING (series_id, ${place})
)`

const PART = `count, sum, min, max, ARRAY[first_ms, first] AS first, ARRAY[last_ms, last] AS last`

/** $4 the day of the first start, $5 the last series that is built, $6 at most so many. */
const COMPARE_DAYS = `
WITH ${SPAN}, part AS (
  SELECT series_id, day, ${PART} FROM rollup_day WHERE product_id = $1 AND series_id = ANY($2::int4[])
  UNION ALL
  SELECT raw.series_id, width_bucket(raw.ms, $3::float8[]) + $4::int4 - 1, ${FOLDED}
  FROM point_delta AS delta ${UNPACK_DELTA}
  WHERE delta.product_id = $1 AND raw.series_id = ANY($2::int4[])
  GROUP BY 1, 2
), truth AS (
  SELECT span.series_id, width_bucket(raw.ms, $3::float8[]) + $4::int4 - 1 AS day, ${FOLDED}
  FROM span ${RAW}
  GROUP BY 1, 2
), ${compare('day')}
SELECT both_sides.series_id, both_sides.day, null::int4 AS quarter, both_sides.rolled, both_sides.raw
FROM both_sides JOIN span USING (series_id)
WHERE both_sides.rolled IS DISTINCT FROM both_sides.raw AND both_sides.series_id <= coalesce($5::int4, both_sides.series_id)
  AND (span.raw_from IS NULL OR both_sides.day IS NULL
    OR to_timestamp(($3::float8[])[both_sides.day - $4::int4 + 1] / 1000) >= span.raw_from)
  AND NOT EXISTS (
    SELECT FROM dirty_quarter
    WHERE dirty_quarter.product_id = $1 AND dirty_quarter.series_id = both_sides.series_id
      AND dirty_quarter.quarter * ${QUARTER_MS}::float8 < ($3::float8[])[both_sides.day - $4::int4 + 2]
      AND (dirty_quarter.quarter + 1) * ${QUARTER_MS}::float8 > ($3::float8[])[both_sides.day - $4::int4 + 1])
ORDER BY 1, 2 LIMIT $6`

const COMPARE_QUARTERS = `
WITH ${SPAN}, part AS (
  SELECT series_id, quarter, ${PART} FROM rollup_quarter WHERE product_id = $1 AND series_id = ANY($2::int4[])
  UNION ALL
  SELECT raw.series_id, floor(raw.ms / ${QUARTER_MS})::int4, ${FOLDED}
  FROM point_delta AS delta ${UNPACK_DELTA}
  JOIN span ON span.series_id = raw.series_id AND span.has_quarters
  WHERE delta.product_id = $1
  GROUP BY 1, 2
), truth AS (
  SELECT span.series_id, floor(raw.ms / ${QUARTER_MS})::int4 AS quarter, ${FOLDED}
  FROM (SELECT * FROM span WHERE has_quarters) AS span ${RAW}
  GROUP BY 1, 2
), ${compare('quarter')}
SELECT both_sides.series_id, null::int4 AS day, both_sides.quarter, both_sides.rolled, both_sides.raw
FROM both_sides JOIN span USING (series_id)
WHERE both_sides.rolled IS DISTINCT FROM both_sides.raw
  AND (span.raw_from IS NULL OR to_timestamp(both_sides.quarter * 900::float8) >= span.raw_from)
  AND NOT EXISTS (
    SELECT FROM dirty_quarter
    WHERE dirty_quarter.product_id = $1 AND dirty_quarter.series_id = both_sides.series_id
      AND dirty_quarter.quarter = both_sides.quarter)
ORDER BY 1, 3 LIMIT $4`

const MARK_DIRTY = `
INSERT INTO dirty_quarter (product_id, series_id, quarter)
SELECT $1, row.series_id, row.quarter FROM unnest($2::int4[], $3::int4[]) AS row (series_id, quarter)`
