import { setImmediate } from 'node:timers/promises'
import type { Queryable } from '../client'
import type { AggregateQuery, AggregateRow, GroupKey, Measure } from './aggregate-query'
import { QUARTER_MS } from './overwrite-points'
import { type Plan, planOf, type Span } from './plan'
import { RAW, UNPACK_DELTA } from './raw'
import { selectQuantiles } from './select-quantiles'
import { WANTED } from './wanted'

/** Rows of one turn of the event loop: of a hundred thousand groups, others would wait a second for all at once. */
const ROWS_PER_TURN = 5_000

/**
 * Counts and what else is asked for of one metric: for each group and bucket, each group, each bucket
 * and altogether. Buckets and groups without points have no row; without `groupBy` there are no rows on the group levels;
 * without any point there is none at all. The rows come in no order.
 *
 * What is asked is read from the daily rollups where they hold whole days of a bucket, from those of 15 minutes, or from
 * the raw points; to that is added what no rollup holds yet, and where points were changed since, the raw points are
 * read instead. One statement sees all of it in one snapshot, so that every answer is exact at any time.
 */
export async function selectAggregates(db: Queryable, query: AggregateQuery): Promise<AggregateRow[]> {
  if (query.edges.length < 2) return []
  const rows = await readCells(db, query)
  if (!query.measures?.includes('quantiles')) return rows
  const quantiles = await selectQuantiles(db, query, rows.find((row) => row.level === 'total')?.count ?? 0)
  for (const [i, row] of rows.entries()) {
    if ((i + 1) % ROWS_PER_TURN === 0) await setImmediate()
    Object.assign(row, quantiles(row))
  }
  return rows
}

/** What a statement says of its own snapshot. */
interface State {
  /** rollup_day counts the days of the zone that was planned with, and holds every series. */
  is_usable: boolean
  /** Points were changed: only the statement that can read them knows the answer. */
  is_dirty: boolean
  groups: { id: number; tags: GroupKey | null; is_other: boolean }[] | null
}

interface Reading extends State {
  rows: AggregateRow[]
}

/**
 * The statement that reads rollups alone is planned in a fifth of the time and never touches a partition, so it goes
 * first where days are enough. It says itself, from its own snapshot, when its answer does not hold.
 */
async function readCells(db: Queryable, query: AggregateQuery): Promise<AggregateRow[]> {
  const plan = planOf(query.edges, query.days)
  if (plan.days && plan.spans.length === 0) {
    const days = await run(db, 'days', query, plan)
    if (days.is_usable && !days.is_dirty) return days.rows
    if (days.is_usable) {
      const exact = await run(db, 'everything', query, plan)
      if (exact.is_usable) return exact.rows
    }
  } else if (plan.days) {
    const exact = await run(db, 'everything', query, plan)
    if (exact.is_usable) return exact.rows
  }
  return (await run(db, 'everything', query, planOf(query.edges, undefined))).rows
}

type Kind = 'days' | 'everything'

/** What makes one text: a measure that nobody asked for would cost as much in each row as one that somebody did. */
interface Shape {
  kind: Kind
  isGrouped: boolean
  sum: boolean
  min: boolean
  max: boolean
  first: boolean
  last: boolean
  unique: boolean
}

async function run(db: Queryable, kind: Kind, query: AggregateQuery, plan: Plan): Promise<Reading> {
  const { days } = plan
  const wants = (measure: Measure) => query.measures?.includes(measure) ?? false
  const [from, to] = [query.edges[0] as number, query.edges.at(-1) as number]
  const values: unknown[] = [
    query.productId,
    query.metricId,
    query.groupBy,
    JSON.stringify(query.filters),
    query.groups?.map((group) => JSON.stringify(group)) ?? null,
    toArray(query.edges),
    days?.zone ?? null,
    days?.fromDay ?? 0,
    toArray(days?.starts ?? []),
    toArray(days?.buckets ?? []),
    Math.floor(from / QUARTER_MS),
    Math.ceil(to / QUARTER_MS),
  ]
  if (kind === 'everything') values.push(...bounds(plan.spans), ...bounds(plan.quarters), ...bounds(plan.rest))
  const statement = statementOf({
    kind,
    isGrouped: query.groupBy.length > 0,
    sum: wants('sum'),
    min: wants('min'),
    max: wants('max'),
    first: wants('first'),
    last: wants('last'),
    unique: wants('unique'),
  })
  const { rows } = await db.query<Row>({ ...statement, values, rowMode: 'array' })
  return toReading(rows)
}

const bounds = (spans: readonly Span[]) => [toArray(spans.map(({ from }) => from)), toArray(spans.map(({ to }) => to))]

/** As the driver writes it, which looks at each element for what has to be escaped: of 365 days longer than all the rest. */
const toArray = (numbers: readonly (number | null)[]) => `{${numbers.map((number) => number ?? 'NULL').join()}}`

/** Columns by their place: thousands of rows, and as objects they take twice as long to read. The first is the state's. */
type Row = [
  level: number | null,
  group: number | null,
  bucket: number | null,
  count: number,
  /** Of the state's row: the state as JSON. */
  sum: string | null,
  min: number | null,
  max: number | null,
  first: number | null,
  last: number | null,
  unique: number | null,
]

/** By the bits of grouping(group, bucket). */
const LEVELS = ['group_bucket', 'group', 'bucket', 'total'] as const

async function toReading(rows: Row[]): Promise<Reading> {
  const state = JSON.parse(rows.find(([level]) => level === null)?.[4] ?? '{}') as State
  const groups = new Map(state.groups?.map((group) => [group.id, group]))
  const cells: AggregateRow[] = []
  for (const [i, [level, id, bucket, count, sum, min, max, first, last, unique]] of rows.entries()) {
    if ((i + 1) % ROWS_PER_TURN === 0) await setImmediate()
    if (level === null) continue
    const group = id === null ? undefined : groups.get(id)
    cells.push({
      level: LEVELS[level] ?? 'total',
      group: group?.tags ?? null,
      is_other: group?.is_other ?? false,
      bucket,
      count,
      sum,
      min,
      max,
      first,
      last,
      unique,
      quantiles: null,
      isApproximate: false,
    })
  }
  return { ...state, rows: cells }
}

/** Quarters of the range that points were changed in, and the days that they touch: where offsets were odd, a quarter is in two. Not where the raw points were dropped. */
const DIRTY = `
kept AS MATERIALIZED (
  SELECT coalesce(extract(epoch FROM metric.raw_from) * 1000, '-Infinity')::float8 AS from_ms
  FROM metric WHERE metric.product_id = $1 AND metric.id = $2
), dirty AS MATERIALIZED (
  SELECT DISTINCT dirty_quarter.series_id, dirty_quarter.quarter
  FROM wanted JOIN dirty_quarter ON dirty_quarter.product_id = $1 AND dirty_quarter.series_id = wanted.series_id
  WHERE dirty_quarter.quarter >= $11::int4 AND dirty_quarter.quarter < $12::int4
    AND dirty_quarter.quarter * ${QUARTER_MS}::float8 >= (SELECT from_ms FROM kept)
), dirty_day AS MATERIALIZED (
  SELECT DISTINCT dirty.series_id, place + $8::int4 - 1 AS day
  FROM dirty CROSS JOIN LATERAL unnest(ARRAY[
    width_bucket(dirty.quarter * ${QUARTER_MS}::float8, $9::float8[]),
    width_bucket(dirty.quarter * ${QUARTER_MS}::float8 + ${QUARTER_MS - 0.001}, $9::float8[])
  ]) AS place
  WHERE place BETWEEN 1 AND cardinality($9::float8[]) - 1 AND ($9::float8[])[place] >= (SELECT from_ms FROM kept)
)`

/** What a rollup's row has of what is wanted. */
const rollupColumns = ({ sum, min, max, first, last }: Shape) =>
  columns([
    'rollup.count',
    sum && 'rollup.sum',
    min && 'rollup.min',
    max && 'rollup.max',
    first && 'ARRAY[rollup.first_ms, rollup.first] AS first',
    last && 'ARRAY[rollup.last_ms, rollup.last] AS last',
  ])

/** The same of points: those of FOLDED that are wanted. */
const pointColumns = ({ sum, min, max, first, last }: Shape) =>
  columns([
    'sum(raw.weight)::int8 AS count',
    sum && 'sum(raw.value::text::numeric) AS sum',
    min && 'min(raw.low) AS min',
    max && 'max(raw.high) AS max',
    first && 'min(ARRAY[raw.ms, raw.value / raw.weight]) AS first',
    last && 'max(ARRAY[raw.ms, raw.value / raw.weight]) AS last',
  ])

const columns = (list: (string | false)[]) => list.filter((column) => column !== false).join(', ')

/** A statement of days alone does not hold where days are changed, so that it need not look for each. */
const DAY_PART = (shape: Shape) => `
  SELECT rollup.series_id, wanted.group_id, ($10::int4[])[rollup.day - $8::int4 + 1] AS bucket, ${rollupColumns(shape)}
  FROM wanted JOIN rollup_day AS rollup ON rollup.product_id = $1 AND rollup.series_id = wanted.series_id
  WHERE rollup.day >= $8::int4 AND rollup.day < $8::int4 + cardinality($9::float8[]) - 1
  ${shape.kind === 'days' ? '' : 'AND NOT EXISTS (SELECT FROM dirty_day WHERE dirty_day.series_id = rollup.series_id AND dirty_day.day = rollup.day)'}`

/**
 * Only what rollups would hold: raw points are read with their deltas among them. The planner takes an array for ten
 * elements, and would read all deltas again for each series: a sublink behind IS TRUE it cannot turn into a join.
 */
const DELTA_CELL = (shape: Shape) => `
delta_cell AS MATERIALIZED (
  SELECT raw.series_id, width_bucket(raw.ms, $6::float8[]) - 1 AS bucket, ${pointColumns(shape)}
  FROM point_delta AS delta ${UNPACK_DELTA}
  CROSS JOIN LATERAL (
    SELECT width_bucket(raw.ms, $9::float8[]) + $8::int4 - 1 AS day, floor(raw.ms / ${QUARTER_MS})::int4 AS quarter OFFSET 0
  ) AS place
  WHERE delta.product_id = $1
    AND delta.to_ms >= ($6::float8[])[1] AND delta.from_ms < ($6::float8[])[cardinality($6::float8[])]
    AND (raw.series_id IN (SELECT series_id FROM wanted)) IS TRUE
    AND raw.ms >= ($6::float8[])[1] AND raw.ms < ($6::float8[])[cardinality($6::float8[])]
    AND (${shape.kind === 'days' ? IN_DAYS : `(${IN_DAYS}) OR (${IN_QUARTERS})`})
  GROUP BY 1, 2
)`

const IN_DAYS = `place.day >= $8::int4 AND place.day < $8::int4 + cardinality($9::float8[]) - 1
      AND ($10::int4[])[place.day - $8::int4 + 1] IS NOT NULL
      AND NOT EXISTS (SELECT FROM dirty_day WHERE dirty_day.series_id = raw.series_id AND dirty_day.day = place.day)`

const IN_QUARTERS = `(raw.series_id IN (SELECT series_id FROM wanted WHERE has_quarters)) IS TRUE
      AND EXISTS (SELECT FROM quarter_span WHERE place.quarter >= quarter_span.from_quarter AND place.quarter < quarter_span.to_quarter)
      AND NOT EXISTS (SELECT FROM dirty WHERE dirty.series_id = raw.series_id AND dirty.quarter = place.quarter)`

const DELTA_PART = ({ sum, min, max, first, last }: Shape) => `
  SELECT delta_cell.series_id, wanted.group_id, delta_cell.bucket,
    ${columns(['delta_cell.count', sum && 'delta_cell.sum', min && 'delta_cell.min', max && 'delta_cell.max', first && 'delta_cell.first', last && 'delta_cell.last'])}
  FROM delta_cell JOIN wanted USING (series_id)`

/** $13/$14 the spans that no whole day fills, $15/$16 their whole quarters, $17/$18 the rest of them. */
const PIECES = `
quarter_span AS MATERIALIZED (
  SELECT * FROM unnest($15::int4[], $16::int4[]) AS span (from_quarter, to_quarter)
), span_ms AS MATERIALIZED (
  SELECT wanted.series_id, span.from_ms, span.to_ms
  FROM wanted CROSS JOIN unnest($13::float8[], $14::float8[]) AS span (from_ms, to_ms)
  WHERE NOT wanted.has_quarters
  UNION ALL
  SELECT wanted.series_id, span.from_ms, span.to_ms
  FROM wanted CROSS JOIN unnest($17::float8[], $18::float8[]) AS span (from_ms, to_ms)
  WHERE wanted.has_quarters
  UNION ALL
  SELECT dirty_day.series_id, ($9::float8[])[dirty_day.day - $8::int4 + 1], ($9::float8[])[dirty_day.day - $8::int4 + 2]
  FROM dirty_day
  WHERE ($10::int4[])[dirty_day.day - $8::int4 + 1] IS NOT NULL
  UNION ALL
  SELECT dirty.series_id, dirty.quarter * ${QUARTER_MS}::float8, (dirty.quarter + 1) * ${QUARTER_MS}::float8
  FROM dirty JOIN wanted USING (series_id)
  WHERE wanted.has_quarters
    AND EXISTS (SELECT FROM quarter_span WHERE dirty.quarter >= quarter_span.from_quarter AND dirty.quarter < quarter_span.to_quarter)
), span AS MATERIALIZED (
  SELECT span_ms.series_id, wanted.group_id, to_timestamp(from_ms / 1000) AS from_ts, to_timestamp(to_ms / 1000) AS to_ts
  FROM span_ms JOIN wanted USING (series_id)
)`

const PIECE_PARTS = (shape: Shape) => `
  SELECT rollup.series_id, wanted.group_id, width_bucket(rollup.quarter * ${QUARTER_MS}::float8, $6::float8[]) - 1 AS bucket,
    ${rollupColumns(shape)}
  FROM wanted CROSS JOIN quarter_span
  JOIN rollup_quarter AS rollup ON rollup.product_id = $1 AND rollup.series_id = wanted.series_id
    AND rollup.quarter >= quarter_span.from_quarter AND rollup.quarter < quarter_span.to_quarter
  WHERE wanted.has_quarters
    AND NOT EXISTS (SELECT FROM dirty WHERE dirty.series_id = rollup.series_id AND dirty.quarter = rollup.quarter)
  UNION ALL
  SELECT span.series_id, span.group_id, width_bucket(raw.ms, $6::float8[]) - 1 AS bucket, ${pointColumns(shape)}
  FROM span ${RAW}
  GROUP BY 1, 2, 3`

/**
 * Cells first and the larger levels from the cells: for 50,000 points 52 ms, where GROUPING SETS over the points
 * themselves took 106. It also makes the levels add up: they are sums of the same cells, which are the
 * first level as they are. Series stay apart only where they are counted.
 */
const ANSWER = ({ kind, isGrouped, sum, min, max, first, last, unique }: Shape) => {
  const totals = columns([
    'sum(count)::float8',
    sum ? 'trim_scale(sum(sum))::text' : 'null::text',
    min ? 'min(min)' : 'null::float8',
    max ? 'max(max)' : 'null::float8',
    first ? '(min(first))[2]' : 'null::float8',
    last ? '(max(last))[2]' : 'null::float8',
    unique ? 'count(DISTINCT series_id)::float8' : 'null::float8',
  ])
  return `
state AS MATERIALIZED (
  SELECT $7::text IS NULL OR (product.rollup_zone = $7 AND product.rollup_built_to IS NULL) IS TRUE AS is_usable,
    ${kind === 'days' ? 'EXISTS (SELECT FROM dirty)' : 'false'} AS is_dirty,
    (SELECT json_agg(json_build_object('id', group_id, 'tags', tag_values, 'is_other', is_other)) FROM named_group) AS groups
  FROM product WHERE product.id = $1
), cell AS MATERIALIZED (
  SELECT ${isGrouped ? 'part.group_id, ' : ''}${unique ? 'part.series_id, ' : ''}part.bucket,
    ${columns(['sum(part.count) AS count', sum && 'sum(part.sum) AS sum', min && 'min(part.min) AS min', max && 'max(part.max) AS max', first && 'min(part.first) AS first', last && 'max(part.last) AS last'])}
  FROM part
  GROUP BY part.bucket${isGrouped ? ', part.group_id' : ''}${unique ? ', part.series_id' : ''}
)
SELECT null::int4 AS level, null::int4 AS group_id, null::int4 AS bucket, null::float8 AS count, row_to_json(state)::text AS sum,
  null::float8 AS min, null::float8 AS max, null::float8 AS first, null::float8 AS last, null::float8 AS "unique"
FROM state
UNION ALL
SELECT ${isGrouped ? '0, group_id' : '2, null::int4'}, bucket, ${unique ? totals : columns(['count::float8', sum ? 'trim_scale(sum)::text' : 'null::text', min ? 'min' : 'null::float8', max ? 'max' : 'null::float8', first ? 'first[2]' : 'null::float8', last ? 'last[2]' : 'null::float8', 'null::float8'])}
FROM cell
WHERE bucket IS NOT NULL
${unique ? `GROUP BY bucket${isGrouped ? ', group_id' : ''}` : ''}
UNION ALL
SELECT ${isGrouped ? 'grouping(group_id, bucket), group_id, bucket' : '3, null::int4, null::int4'}, ${totals}
FROM cell
WHERE bucket IS NOT NULL
GROUP BY ${isGrouped ? 'GROUPING SETS ((group_id), (bucket), ())' : '()'}
HAVING count(*) > 0`
}

const textOf = (shape: Shape) =>
  shape.kind === 'days'
    ? `WITH ${WANTED}, ${DIRTY}, ${DELTA_CELL(shape)}, part AS (${DAY_PART(shape)} UNION ALL ${DELTA_PART(shape)}), ${ANSWER(shape)}`
    : `WITH ${WANTED}, ${DIRTY}, ${PIECES}, ${DELTA_CELL(shape)},
part AS (${DAY_PART(shape)} UNION ALL ${PIECE_PARTS(shape)} UNION ALL ${DELTA_PART(shape)}), ${ANSWER(shape)}`

const texts = new Map<string, string>()

/** Named, so that each connection plans it once. */
function statementOf(shape: Shape): { name: string; text: string } {
  const { kind, isGrouped, ...measures } = shape
  const wanted = Object.entries(measures).flatMap(([measure, isWanted]) => (isWanted ? [measure] : []))
  const name = ['aggregates', kind, ...(isGrouped ? ['groups'] : []), ...wanted].join('_')
  const text = texts.get(name) ?? textOf(shape)
  texts.set(name, text)
  return { name, text }
}
