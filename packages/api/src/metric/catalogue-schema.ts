import { z } from 'zod'
import { ProductId } from '../product/schema'
import { Aggregation, Filters, MetricKind, MetricName } from './schema'

/** Rows of one page of the catalogue: what a person scrolls through, and at most so many curves are read at once. */
export const CATALOGUE_PAGE_ROWS = 50
/** Days that a row's curve shows, the present one included. */
export const SPARK_DAYS = 30
/** Tags named in a row; the metric's own page lists all. */
export const ROW_TAGS_MAX = 4

export const CATALOGUE_SORTS = ['name', 'lastPoint', 'series'] as const
export const CatalogueSort = z.enum(CATALOGUE_SORTS)
export type CatalogueSort = z.infer<typeof CatalogueSort>

export const CatalogueQuery = z.strictObject({
  productId: ProductId,
  /** Looked for in names, display names, descriptions and tags. */
  find: z.string().max(200).default(''),
  kind: MetricKind.nullable().default(null),
  /** Only those whose next point is overdue. */
  isLate: z.boolean().default(false),
  /** Only the hidden ones; else only the others. */
  isHidden: z.boolean().default(false),
  sort: CatalogueSort.default('name'),
  isDescending: z.boolean().default(false),
  /** From 0. */
  page: z.int().min(0).max(100_000).default(0),
})
export type CatalogueQuery = z.infer<typeof CatalogueQuery>

const entry = {
  name: z.string(),
  displayName: z.string().nullable(),
  description: z.string().nullable(),
  unit: z.string().nullable(),
  kind: MetricKind.nullable(),
  defaultAggregation: Aggregation,
  isHidden: z.boolean(),
  seriesCount: z.number(),
  lastPointAt: z.date().nullable(),
  lastValue: z.number().nullable(),
  /** Usual distance of two points in ms: declared, or learned from what arrived; null while neither. */
  cadenceMs: z.number().nullable(),
  isCadenceDeclared: z.boolean(),
  /** Age in ms from which the latest point is late; null when no rhythm is known. */
  lateAfterMs: z.number().nullable(),
}

export const CatalogueEntry = z.object({
  ...entry,
  /** The first few by name, of `tagCount`. */
  tags: z.array(z.object({ tag: z.string(), valueCount: z.number() })),
  tagCount: z.number(),
  /** One value a day by the default aggregation, null where nothing arrived; the last one is the present day's. */
  spark: z.array(z.number().nullable()),
})
export type CatalogueEntry = z.infer<typeof CatalogueEntry>

export const Catalogue = z.object({
  entries: z.array(CatalogueEntry),
  /** Metrics that the filters leave, on all pages. */
  total: z.number(),
  /** Of the whole product, whatever is filtered. */
  counts: z.object({ shown: z.number(), hidden: z.number(), late: z.number(), series: z.number() }),
})
export type Catalogue = z.infer<typeof Catalogue>

/** Everything that is known of one metric beside its numbers. */
export const MetricDetail = z.object({
  ...entry,
  /** Names that it had before; points that still come under them reach it. */
  formerNames: z.array(z.string()),
  cadenceS: z.number().nullable(),
  retentionDays: z.number().nullable(),
  /** What holds where the metric itself says nothing; null: kept for ever. */
  productRetentionDays: z.number().nullable(),
  firstSeenAt: z.date(),
  firstPointAt: z.date().nullable(),
  pointCount: z.number(),
})
export type MetricDetail = z.infer<typeof MetricDetail>

export const RenameMetric = z.strictObject({ productId: ProductId, metric: MetricName, to: MetricName })
export type RenameMetric = z.infer<typeof RenameMetric>

/** With `dryRun` nothing changes and the answer says what would. */
export const MergeMetric = z.strictObject({
  productId: ProductId,
  from: MetricName,
  into: MetricName,
  dryRun: z.boolean().default(true),
})
export type MergeMetric = z.infer<typeof MergeMetric>

export const DeleteMetric = z.strictObject({
  productId: ProductId,
  metric: MetricName,
  dryRun: z.boolean().default(true),
})
export type DeleteMetric = z.infer<typeof DeleteMetric>

/** What a merge moves, or a deletion removes. */
export const MetricCounts = z.object({ series: z.number(), points: z.number() })
export type MetricCounts = z.infer<typeof MetricCounts>

/** Points of a metric in `[from, to)`, of all its series or of those that the filters leave. */
export const DeletePoints = z.strictObject({
  productId: ProductId,
  metric: MetricName,
  filters: Filters.default([]),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  dryRun: z.boolean().default(true),
})
export type DeletePoints = z.infer<typeof DeletePoints>

/** What a deletion removes, and how far it is. A dry run has no id, and nothing is deleted. */
export const Deletion = z.object({
  id: z.string().nullable(),
  metric: z.string(),
  series: z.number(),
  /** When it began. */
  points: z.number(),
  /** So far; points that came meanwhile are among them. */
  deleted: z.number(),
  isDone: z.boolean(),
  /** Of the points, to the day where they are packed; null when there is none. */
  from: z.date().nullable(),
  to: z.date().nullable(),
})
export type Deletion = z.infer<typeof Deletion>
