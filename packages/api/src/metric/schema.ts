import { z } from 'zod'
import { ProductId, RETENTION_DAYS_MAX, Zone } from '../product/schema'
import { AGGREGATIONS, GRANULARITIES, groupTags, METRIC_KINDS } from './kinds'

export { AGGREGATIONS, GRANULARITIES, groupTags, METRIC_KINDS } from './kinds'

export const Aggregation = z.enum(AGGREGATIONS)
export type Aggregation = z.infer<typeof Aggregation>

export const MetricKind = z.enum(METRIC_KINDS)
export type MetricKind = z.infer<typeof MetricKind>

export const Granularity = z.enum(GRANULARITIES)
export type Granularity = z.infer<typeof Granularity>

/**
 * Presets are resolved by the server in the query's zone, and end now (the current bucket is unfinished) unless their
 * name says otherwise: `7d` is the last seven calendar days, today included; `last_week` a whole week. `60m` and `24h`
 * are the last so many minutes and hours of the clock, the current one included. Quarters and years are fiscal ones.
 */
export const RANGE_PRESETS = [
  '60m',
  '24h',
  'today',
  'yesterday',
  '7d',
  '30d',
  '90d',
  '12m',
  'week',
  'last_week',
  'month',
  'last_month',
  'quarter',
  'last_quarter',
  'year',
  'last_year',
  'all',
] as const
export const RangePreset = z.enum(RANGE_PRESETS)
export type RangePreset = z.infer<typeof RangePreset>

const LocalDate = z.iso.date()

/** Either a preset, or two local dates of the query's zone, both included. */
export const QueryRange = z.union(
  [
    z.strictObject({ preset: RangePreset }),
    z
      .strictObject({ from: LocalDate, to: LocalDate })
      .refine((r) => r.from <= r.to, { error: 'The first day must not be after the last.', path: ['to'] }),
  ],
  'A range is a preset such as {"preset":"7d"}, or two dates {"from":"2026-01-01","to":"2026-01-31"}.',
)
export type QueryRange = z.infer<typeof QueryRange>

const Instant = z.iso.datetime({ offset: true })

/** Half-open `[start, end)`, ISO 8601 with an offset or `Z`: for programs, and for charts that were zoomed into. */
export const InstantRange = z
  .strictObject({ start: Instant, end: Instant })
  .refine((r) => Date.parse(r.start) < Date.parse(r.end), { error: 'The end must be after the start.', path: ['end'] })
export type InstantRange = z.infer<typeof InstantRange>

/** A metric's name: what apps push. Printable, no control characters; 200 keeps index rows small. */
export const METRIC_NAME_CHARS_MAX = 200
export const MetricName = z
  .string()
  .min(1, 'A metric needs a name.')
  .max(METRIC_NAME_CHARS_MAX, `A metric name has at most ${METRIC_NAME_CHARS_MAX} characters.`)

export const TAG_KEY_CHARS_MAX = 64
export const TAG_VALUE_CHARS_MAX = 256
export const TagKey = z.string().min(1).max(TAG_KEY_CHARS_MAX)

export const FILTER_VALUES_MAX = 100
export const FILTERS_MAX = 20
export const FILTER_OPS = ['is', 'is_not', 'contains', 'not_contains', 'exists', 'not_exists'] as const

/**
 * `is`: the tag has one of the values; `is_not`: it has none of them, or is missing. `contains` looks for one of the
 * values in the tag's text, letters of either case alike; `exists` takes no values. There are no patterns: a pattern
 * that somebody else writes can take for ever.
 */
export const TagFilter = z
  .strictObject({
    tag: TagKey,
    op: z.enum(FILTER_OPS),
    values: z.array(z.string().max(TAG_VALUE_CHARS_MAX)).max(FILTER_VALUES_MAX).default([]),
  })
  .refine((f) => f.op === 'exists' || f.op === 'not_exists' || f.values.length > 0, {
    error: 'The filter needs a value.',
    path: ['values'],
  })
export type TagFilter = z.infer<typeof TagFilter>

/** One of them has to hold. */
export const FilterGroup = z.strictObject({ any: z.array(TagFilter).min(1).max(FILTERS_MAX) })
export type FilterGroup = z.infer<typeof FilterGroup>

/** All of them have to hold. */
export const Filters = z
  .array(z.union([TagFilter, FilterGroup], 'A filter is {"tag", "op", "values"}, or {"any": [filters]}.'))
  .max(FILTERS_MAX)
export type Filters = z.infer<typeof Filters>

export const isFilterGroup = (filter: TagFilter | FilterGroup): filter is FilterGroup => 'any' in filter

export const GROUP_TAGS_MAX = 5
/** A tag, several of them, or none. */
export const GroupBy = z
  .union([TagKey, z.array(TagKey).max(GROUP_TAGS_MAX)], `Groups are made by one tag, or by at most ${GROUP_TAGS_MAX}.`)
  .nullable()
export type GroupBy = z.infer<typeof GroupBy>

/** Groups beyond the limit are added up exactly into one series "Other". */
export const SERIES_MAX = 50
/** Recharts stays fluent to about a thousand points a series; nobody reads more on one axis. */
export const BUCKETS_MAX = 1100
/** What programs may ask for, who read no axis: a year of hours, or a week of minutes. */
export const API_BUCKETS_MAX = 11_000
/** Buckets times series of one answer, some 4 MB of JSON. */
export const CELLS_MAX = 100_000

export const EXPRESSION_CHARS_MAX = 500
export const FORMULA_TERMS_MAX = 10

export const FormulaTerm = z.strictObject({
  metric: MetricName,
  aggregation: Aggregation,
  filters: Filters.default([]),
})
export type FormulaTerm = z.infer<typeof FormulaTerm>

/** Names that no object can hold safely are no names of terms. */
const TermName = z
  .string()
  .regex(/^(?!constructor$|prototype$)[A-Za-z][A-Za-z0-9_]{0,31}$/, 'A term is a letter, then letters, digits and _.')

/**
 * Arithmetic over metrics: `errors / requests * 100`. It is computed for each bucket, each group and the whole range from
 * the terms' own values there, so that a ratio is one of sums and never a mean of ratios.
 */
export const Formula = z.strictObject({
  /** Numbers, names of terms, `+ - * /` and parentheses. */
  expression: z.string().min(1).max(EXPRESSION_CHARS_MAX),
  terms: z
    .record(TermName, FormulaTerm)
    .refine(
      (terms) => Object.keys(terms).length >= 1 && Object.keys(terms).length <= FORMULA_TERMS_MAX,
      `A formula has 1 to ${FORMULA_TERMS_MAX} terms.`,
    ),
})
export type Formula = z.infer<typeof Formula>

export const COMPARISONS = ['none', 'previous_period', 'previous_year', 'previous_weekday'] as const
/**
 * `previous_year`: the same dates a year before; `previous_weekday`: moved back by whole weeks, so that Mondays meet
 * Mondays; `from`: as many days from that date on. What is unfinished is compared with the same elapsed part.
 */
export const Comparison = z.union(
  [z.enum(COMPARISONS), z.strictObject({ from: LocalDate })],
  `A comparison is one of ${COMPARISONS.join(', ')}, or {"from": date}.`,
)
export type Comparison = z.infer<typeof Comparison>

export const QuerySpec = z
  .strictObject({
    metric: MetricName.optional(),
    /** Absent: the metric's own default. */
    aggregation: Aggregation.optional(),
    /** In place of a metric. */
    formula: Formula.optional(),
    groupBy: GroupBy.optional().transform(groupTags),
    filters: Filters.default([]),
    range: z.union(
      [QueryRange, InstantRange],
      'A range is {"preset"}, two dates {"from", "to"}, or two instants {"start", "end"}.',
    ),
    /** `auto` picks the finest that keeps the chart readable (see calendar.ts). */
    granularity: z.union([Granularity, z.literal('auto')]).default('auto'),
    zone: Zone.nullable().default(null),
    compare: Comparison.default('none'),
    seriesMax: z.int().min(1).max(SERIES_MAX).default(8),
  })
  .refine((spec) => (spec.metric === undefined) !== (spec.formula === undefined), {
    error: 'A query has either a metric or a formula.',
    path: ['metric'],
  })
export type QuerySpec = z.infer<typeof QuerySpec>
export type QuerySpecInput = z.input<typeof QuerySpec>

export const MetricQuery = z.strictObject({ productId: ProductId, spec: QuerySpec })

/** `[bucket start in epoch ms, value]`; null is "nothing was measured", never zero. */
export const SeriesPoint = z.tuple([z.number(), z.number().nullable()])
export type SeriesPoint = z.infer<typeof SeriesPoint>

export const QuerySeries = z.object({
  /** Stable identity of the series (metric and group), the same in every chart: colours hang on it. */
  key: z.string(),
  label: z.string(),
  /** Of the tags that it is grouped by, those that it has. */
  tags: z.record(z.string(), z.string()),
  isOther: z.boolean(),
  points: z.array(SeriesPoint),
  /** The aggregate over the whole range, computed from the points and never from the buckets' values. */
  total: z.number().nullable(),
})
export type QuerySeries = z.infer<typeof QuerySeries>

/** How old the newest point is, and whether that is older than the metric's rhythm lets expect. */
export const Freshness = z.object({
  /** Epoch ms; null when there is no point. Of a formula it is the term that stopped first. */
  lastPointAt: z.number().nullable(),
  /** Declared, or learned from the distance between the latest points; null while nobody knows. */
  cadenceMs: z.number().nullable(),
  /** At `asOf`; negative for a point that is dated ahead. */
  ageMs: z.number().nullable(),
  /** The age from which the newest point is late; null when no rhythm is known. */
  lateAfterMs: z.number().nullable(),
  isLate: z.boolean(),
})
export type Freshness = z.infer<typeof Freshness>

export const QueryWarning = z.object({
  code: z.enum(['aggregation_of_kind', 'approximate', 'overflow', 'beyond_retention']),
  detail: z.string(),
})
export type QueryWarning = z.infer<typeof QueryWarning>

export const QueryResult = z.object({
  /** The metric's name; of a formula its expression. */
  metric: z.string(),
  unit: z.string().nullable(),
  kind: MetricKind.nullable(),
  /** Null for a formula, whose terms have their own. */
  aggregation: Aggregation.nullable(),
  formula: Formula.nullable(),
  granularity: Granularity,
  zone: z.string(),
  /** Half-open range `[from, to)` in epoch ms. */
  from: z.number(),
  to: z.number(),
  /** When the database was read. */
  asOf: z.number(),
  /** Bucket edges in epoch ms: one more than there are buckets. */
  edges: z.array(z.number()),
  /** Start of the bucket that asOf falls into: its value is still growing. Null when the range is over. */
  unfinishedFrom: z.number().nullable(),
  series: z.array(QuerySeries),
  total: z.number().nullable(),
  lastPointAt: z.number().nullable(),
  freshness: Freshness,
  /** Percentiles were read from counted bins: each is within 1 % of the exact one. */
  approximate: z.boolean(),
  /** Some value is beyond a 64-bit float, and null here. */
  overflowed: z.boolean(),
  warnings: z.array(QueryWarning),
  compare: z
    .object({
      from: z.number(),
      to: z.number(),
      edges: z.array(z.number()),
      series: z.array(QuerySeries),
      total: z.number().nullable(),
    })
    .nullable(),
})
export type QueryResult = z.infer<typeof QueryResult>

export const Metric = z.object({
  name: z.string(),
  displayName: z.string().nullable(),
  unit: z.string().nullable(),
  description: z.string().nullable(),
  /** Null until somebody, or a protocol, says so. */
  kind: MetricKind.nullable(),
  defaultAggregation: Aggregation,
  isHidden: z.boolean(),
  /** Declared seconds between two points; null: learned. */
  cadenceS: z.number().nullable(),
  /** Days that raw points are kept; null: as the product says. */
  retentionDays: z.number().nullable(),
  seriesCount: z.number(),
  firstSeenAt: z.date(),
  lastPointAt: z.date().nullable(),
})
export type Metric = z.infer<typeof Metric>

export const DISPLAY_NAME_CHARS_MAX = 80
export { RETENTION_DAYS_MAX } from '../product/schema'

/** Ten years: slower than that nothing is pushed. */
const CADENCE_S_MAX = 315_360_000

export const UpdateMetric = z.strictObject({
  productId: ProductId,
  metric: MetricName,
  displayName: z.string().trim().min(1).max(DISPLAY_NAME_CHARS_MAX).nullable().optional(),
  unit: z.string().trim().max(20).nullable().optional(),
  kind: MetricKind.nullable().optional(),
  isHidden: z.boolean().optional(),
  cadenceS: z.int().min(1).max(CADENCE_S_MAX).nullable().optional(),
  description: z.string().trim().max(500).nullable().optional(),
  defaultAggregation: Aggregation.optional(),
  /** Days that raw points are kept; null: as the product says. */
  retentionDays: z.int().min(1).max(RETENTION_DAYS_MAX).nullable().optional(),
})
export type UpdateMetric = z.infer<typeof UpdateMetric>

/** What would go if raw points were kept for so many days: of one metric, or of all that have no number of their own. */
export const RetentionDryRun = z.strictObject({
  productId: ProductId,
  metric: MetricName.nullable().default(null),
  days: z.int().min(1).max(RETENTION_DAYS_MAX),
})
export type RetentionDryRun = z.infer<typeof RetentionDryRun>

/** Raw points before the instant, and about how much room they take. */
export const RetentionPlan = z.object({ points: z.number(), bytes: z.number(), before: z.date() })
export type RetentionPlan = z.infer<typeof RetentionPlan>

export const MetricRef = z.strictObject({ productId: ProductId, metric: MetricName })

/** The tags that a metric's series carry, each with its values (at most FILTER_VALUES_MAX, by name). */
export const MetricTag = z.object({ tag: z.string(), values: z.array(z.string()), valueCount: z.number() })
export type MetricTag = z.infer<typeof MetricTag>

/** Pushed to whoever watches a product, at most four times a second. */
export const PointsStored = z.object({ metrics: z.array(z.string()), at: z.number() })
export type PointsStored = z.infer<typeof PointsStored>
