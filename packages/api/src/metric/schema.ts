import { z } from 'zod'
import { ProductId, Zone } from '../product/schema'

export const AGGREGATIONS = ['sum', 'avg', 'count', 'min', 'max', 'last'] as const
export const Aggregation = z.enum(AGGREGATIONS)
export type Aggregation = z.infer<typeof Aggregation>

export const GRANULARITIES = ['hour', 'day', 'week', 'month'] as const
export const Granularity = z.enum(GRANULARITIES)
export type Granularity = z.infer<typeof Granularity>

/**
 * Presets are resolved by the server in the query's zone, and end now (the current bucket is unfinished) unless their
 * name says otherwise: `7d` is the last seven calendar days, today included; `last_week` a whole week.
 */
export const RANGE_PRESETS = [
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
  'year',
  'all',
] as const
export const RangePreset = z.enum(RANGE_PRESETS)
export type RangePreset = z.infer<typeof RangePreset>

const LocalDate = z.iso.date()

/** Either a preset, or two local dates of the query's zone, both included. */
export const QueryRange = z.union([
  z.strictObject({ preset: RangePreset }),
  z
    .strictObject({ from: LocalDate, to: LocalDate })
    .refine((r) => r.from <= r.to, { error: 'The first day must not be after the last.', path: ['to'] }),
])
export type QueryRange = z.infer<typeof QueryRange>

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
/** `is`: the tag has one of the values; `is_not`: it has none of them, or is missing. */
export const TagFilter = z.strictObject({
  tag: TagKey,
  op: z.enum(['is', 'is_not']),
  values: z.array(z.string().max(TAG_VALUE_CHARS_MAX)).min(1).max(FILTER_VALUES_MAX),
})
export type TagFilter = z.infer<typeof TagFilter>

/** Groups beyond the limit are added up exactly into one series "Other". */
export const SERIES_MAX = 50
/** Recharts stays fluent to about a thousand points a series; nobody reads more on one axis. */
export const BUCKETS_MAX = 1100

export const QuerySpec = z.strictObject({
  metric: MetricName,
  aggregation: Aggregation,
  groupBy: TagKey.nullable().default(null),
  filters: z.array(TagFilter).max(FILTERS_MAX).default([]),
  range: QueryRange,
  /** `auto` picks the finest that keeps the chart readable (see calendar.ts). */
  granularity: z.union([Granularity, z.literal('auto')]).default('auto'),
  zone: Zone.nullable().default(null),
  compare: z.enum(['none', 'previous_period']).default('none'),
  seriesMax: z.int().min(1).max(SERIES_MAX).default(8),
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
  tags: z.record(z.string(), z.string()),
  isOther: z.boolean(),
  points: z.array(SeriesPoint),
  /** The aggregate over the whole range, computed from the points and never from the buckets' values. */
  total: z.number().nullable(),
})
export type QuerySeries = z.infer<typeof QuerySeries>

export const QueryResult = z.object({
  metric: z.string(),
  unit: z.string().nullable(),
  aggregation: Aggregation,
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
  unit: z.string().nullable(),
  description: z.string().nullable(),
  defaultAggregation: Aggregation,
  seriesCount: z.number(),
  firstSeenAt: z.date(),
  lastPointAt: z.date().nullable(),
})
export type Metric = z.infer<typeof Metric>

export const UpdateMetric = z.strictObject({
  productId: ProductId,
  metric: MetricName,
  unit: z.string().trim().max(20).nullable().optional(),
  description: z.string().trim().max(500).nullable().optional(),
  defaultAggregation: Aggregation.optional(),
})
export type UpdateMetric = z.infer<typeof UpdateMetric>

export const MetricRef = z.strictObject({ productId: ProductId, metric: MetricName })

/** The tags that a metric's series carry, each with its values (at most FILTER_VALUES_MAX, by name). */
export const MetricTag = z.object({ tag: z.string(), values: z.array(z.string()), valueCount: z.number() })
export type MetricTag = z.infer<typeof MetricTag>

/** Pushed to whoever watches a product, at most four times a second. */
export const PointsStored = z.object({ metrics: z.array(z.string()), at: z.number() })
export type PointsStored = z.infer<typeof PointsStored>
