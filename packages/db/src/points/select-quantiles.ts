import { setImmediate } from 'node:timers/promises'
import type { Queryable } from '../client'
import type { AggregateQuery, AggregateRow } from './aggregate-query'
import { BIN_OF_VALUE, type Bins, quantilesOf } from './bins'
import { QUARTER_MS } from './overwrite-points'
import { planOf } from './plan'
import { RAW } from './raw'
import { WANTED } from './wanted'

/** Rows of one turn of the event loop: of very many groups others would wait for seconds. */
const ROWS_PER_TURN = 1_000

type Cell = Pick<AggregateRow, 'level' | 'group' | 'is_other' | 'bucket'>
type Quantiles = Pick<AggregateRow, 'quantiles' | 'isApproximate'>
export type QuantilesOf = (cell: Cell) => Quantiles

const NONE: Quantiles = { quantiles: null, isApproximate: false }
const keyOf = ({ level, group, is_other, bucket }: Cell) => JSON.stringify([level, group, is_other, bucket])

/** Values that are sorted for one question: 50,000 take 0.1 s, and as much again for each level. */
export const EXACT_VALUES_MAX = 50_000

/**
 * The quantiles of each cell, on the same levels as selectAggregates. Of at most EXACT_VALUES_MAX values in the whole
 * range they are exact, by linear interpolation between the sorted values; of more, and where some values arrived already
 * counted, they come from logarithmic bins and are within 1 %. `valueCount` is what the rollups say of the range.
 */
export async function selectQuantiles(db: Queryable, query: AggregateQuery, valueCount: number): Promise<QuantilesOf> {
  if (valueCount === 0) return () => NONE
  if (valueCount > EXACT_VALUES_MAX) return selectBinned(db, query)
  const { rows } = await db.query<Cell & { quantiles: number[] | null; is_counted: boolean }>({
    name: 'select_quantiles',
    text: EXACT,
    values: [...parametersOf(query), query.quantiles ?? []],
  })
  if (rows.some((row) => row.is_counted)) return selectBinned(db, query)
  const cells = new Map<string, { quantiles: number[] | null; isApproximate: boolean }>()
  for (const [i, row] of rows.entries()) {
    if ((i + 1) % ROWS_PER_TURN === 0) await setImmediate()
    cells.set(keyOf(row), { quantiles: row.quantiles, isApproximate: false })
  }
  return (cell) => cells.get(keyOf(cell)) ?? NONE
}

const parametersOf = ({ productId, metricId, groupBy, filters, groups, edges }: AggregateQuery): unknown[] => [
  productId,
  metricId,
  groupBy,
  JSON.stringify(filters),
  groups?.map((group) => JSON.stringify(group)) ?? null,
  edges,
]

/** The whole range of each series. $6 the edges in epoch ms. */
const SPAN = `span AS MATERIALIZED (
  SELECT wanted.series_id, wanted.group_id, to_timestamp(($6::float8[])[1] / 1000) AS from_ts,
    to_timestamp(($6::float8[])[cardinality($6::float8[])] / 1000) AS to_ts
  FROM wanted
)`

/** $7 the quantiles. A value that stands for several is a distribution, of which nobody knows the values. */
const EXACT = `
WITH ${WANTED}, ${SPAN}, cell AS (
  SELECT span.group_id, raw.value, raw.weight, width_bucket(raw.ms, $6::float8[]) - 1 AS bucket FROM span ${RAW}
)
SELECT answer.level, named_group.tag_values AS "group", coalesce(named_group.is_other, false) AS is_other, answer.bucket,
  answer.quantiles, answer.is_counted
FROM (
  SELECT
    CASE grouping(group_id, bucket) WHEN 0 THEN 'group_bucket' WHEN 1 THEN 'group' WHEN 2 THEN 'bucket' ELSE 'total' END AS level,
    group_id, bucket, percentile_cont($7::float8[]) WITHIN GROUP (ORDER BY value) AS quantiles, max(weight) > 1 AS is_counted
  FROM cell
  GROUP BY GROUPING SETS ((group_id, bucket), (group_id), (bucket), ())
  HAVING count(*) > 0 AND (cardinality($3::text[]) > 0 OR grouping(group_id) = 1)
) AS answer LEFT JOIN named_group USING (group_id)`

interface BinnedRow extends Bins {
  group: AggregateRow['group']
  is_other: boolean
  bucket: number
}

/** One row of bins for each group and bucket; the larger levels are added up here. */
async function selectBinned(db: Queryable, query: AggregateQuery): Promise<QuantilesOf> {
  const { days, spans } = planOf(query.edges, query.days)
  const { rows } = await db.query<BinnedRow>({
    name: 'select_bins',
    text: BINNED,
    values: [
      ...parametersOf(query),
      days?.zone ?? null,
      days?.fromDay ?? 0,
      days?.starts ?? [],
      days?.buckets ?? [],
      spans.map(({ from }) => from),
      spans.map(({ to }) => to),
      query.edges[0],
      query.edges.at(-1),
    ],
  })
  const cells = new Map<string, Map<number, number>>()
  for (const [i, { group, is_other, bucket, bins, counts }] of rows.entries()) {
    if ((i + 1) % ROWS_PER_TURN === 0) await setImmediate()
    const levels: Cell[] = [
      { level: 'bucket', group: null, is_other: false, bucket },
      { level: 'total', group: null, is_other: false, bucket: null },
    ]
    if (query.groupBy.length > 0) {
      levels.push({ level: 'group_bucket', group, is_other, bucket }, { level: 'group', group, is_other, bucket: null })
    }
    for (const level of levels) addBins(cells, keyOf(level), bins, counts)
  }
  return (cell) => {
    const counts = cells.get(keyOf(cell))
    if (!counts) return NONE
    const sorted = [...counts].sort(([a], [b]) => a - b)
    const binned = { bins: sorted.map(([bin]) => bin), counts: sorted.map(([, count]) => count) }
    return { quantiles: quantilesOf(binned, query.quantiles ?? []), isApproximate: true }
  }
}

function addBins(cells: Map<string, Map<number, number>>, key: string, bins: number[], counts: number[]): void {
  const cell = cells.get(key) ?? new Map<number, number>()
  cells.set(key, cell)
  for (const [i, bin] of bins.entries()) cell.set(bin, (cell.get(bin) ?? 0) + (counts[i] ?? 0))
}

/**
 * $7 the zone of the days, $8 the first of them, $9 their starts, $10 their buckets, $11 and $12 the spans beside
 * them, $13 and $14 the whole range.
 *
 * A day has a sketch that is as good as its points when it counts as many values as the rollup: what came late makes it
 * count fewer, and what was changed deletes it. All other days that hold something are read from their points: those
 * that are rolled up, those with deltas, and those that are dirty.
 */
const BINNED = `
WITH ${WANTED}, planned AS MATERIALIZED (
  SELECT product.rollup_zone = $7::text AND product.rollup_built_to IS NULL AS is_usable FROM product WHERE product.id = $1
), dirty_day AS MATERIALIZED (
  SELECT DISTINCT dirty_quarter.series_id, place + $8::int4 - 1 AS day
  FROM wanted JOIN dirty_quarter ON dirty_quarter.product_id = $1 AND dirty_quarter.series_id = wanted.series_id
  CROSS JOIN LATERAL unnest(ARRAY[
    width_bucket(dirty_quarter.quarter * ${QUARTER_MS}::float8, $9::float8[]),
    width_bucket(dirty_quarter.quarter * ${QUARTER_MS}::float8 + ${QUARTER_MS - 0.001}, $9::float8[])
  ]) AS place
  WHERE place BETWEEN 1 AND cardinality($9::float8[]) - 1
), new_day AS MATERIALIZED (
  SELECT DISTINCT cell.series_id, width_bucket(cell.ts, $9::float8[]) + $8::int4 - 1 AS day
  FROM point_delta AS delta CROSS JOIN LATERAL unnest(delta.series, delta.ts) AS cell (series_id, ts)
  WHERE (cell.series_id IN (SELECT series_id FROM wanted)) IS TRUE
    AND delta.product_id = $1 AND delta.to_ms >= $13::float8 AND delta.from_ms < $14::float8 AND cardinality($9::float8[]) > 0
), day AS MATERIALIZED (
  SELECT wanted.series_id, wanted.group_id, rollup.day, ($10::int4[])[rollup.day - $8::int4 + 1] AS bucket,
    sketch.bins, sketch.counts,
    sketch.bins IS NOT NULL AND (SELECT sum(one) FROM unnest(sketch.counts) AS one) = rollup.count
      AND NOT EXISTS (SELECT FROM dirty_day WHERE dirty_day.series_id = rollup.series_id AND dirty_day.day = rollup.day)
      AND NOT EXISTS (SELECT FROM new_day WHERE new_day.series_id = rollup.series_id AND new_day.day = rollup.day) AS is_sketched
  FROM planned JOIN wanted ON planned.is_usable
  JOIN rollup_day AS rollup ON rollup.product_id = $1 AND rollup.series_id = wanted.series_id
    AND rollup.day >= $8::int4 AND rollup.day < $8::int4 + cardinality($9::float8[]) - 1
  LEFT JOIN sketch_day AS sketch ON sketch.product_id = $1 AND sketch.series_id = rollup.series_id AND sketch.day = rollup.day
), span_ms AS MATERIALIZED (
  SELECT wanted.series_id, $13::float8 AS from_ms, $14::float8 AS to_ms
  FROM wanted WHERE (SELECT is_usable FROM planned) IS NOT TRUE
  UNION ALL
  SELECT wanted.series_id, span.from_ms, span.to_ms
  FROM planned JOIN wanted ON planned.is_usable CROSS JOIN unnest($11::float8[], $12::float8[]) AS span (from_ms, to_ms)
  UNION ALL
  SELECT plain.series_id, ($9::float8[])[plain.day - $8::int4 + 1], ($9::float8[])[plain.day - $8::int4 + 2]
  FROM planned JOIN (
    SELECT series_id, day FROM day WHERE NOT is_sketched
    UNION
    SELECT series_id, day FROM dirty_day
    UNION
    SELECT series_id, day FROM new_day WHERE day >= $8::int4 AND day < $8::int4 + cardinality($9::float8[]) - 1
  ) AS plain ON planned.is_usable
  WHERE ($10::int4[])[plain.day - $8::int4 + 1] IS NOT NULL
), span AS MATERIALIZED (
  SELECT span_ms.series_id, wanted.group_id, to_timestamp(from_ms / 1000) AS from_ts, to_timestamp(to_ms / 1000) AS to_ts
  FROM span_ms JOIN wanted USING (series_id)
), counted AS (
  SELECT group_id, bucket, bin, sum(count) AS count
  FROM (
    SELECT day.group_id, day.bucket, bin, count
    FROM day CROSS JOIN LATERAL unnest(day.bins, day.counts) AS sketch (bin, count)
    WHERE day.is_sketched AND day.bucket IS NOT NULL
    UNION ALL
    SELECT group_id, bucket, ${BIN_OF_VALUE} AS bin, count(*)
    FROM (
      SELECT span.group_id, width_bucket(raw.ms, $6::float8[]) - 1 AS bucket, raw.value
      FROM span ${RAW}
      WHERE raw.weight = 1
    ) AS row
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT span.group_id, width_bucket((extract(epoch FROM histogram.ts) * 1000)::float8, $6::float8[]) - 1, bin, bin_count
    FROM span
    JOIN histogram ON histogram.product_id = $1 AND histogram.series_id = span.series_id
      AND histogram.ts >= span.from_ts AND histogram.ts < span.to_ts AND histogram.count > 1
    CROSS JOIN LATERAL unnest(histogram.bins, histogram.counts) AS binned (bin, bin_count)
  ) AS part
  GROUP BY 1, 2, 3
)
SELECT named_group.tag_values AS "group", named_group.is_other, cell.bucket, cell.bins, cell.counts
FROM (
  SELECT group_id, bucket, array_agg(bin ORDER BY bin) AS bins, array_agg(count::float8 ORDER BY bin) AS counts
  FROM counted GROUP BY 1, 2
) AS cell JOIN named_group USING (group_id)`
