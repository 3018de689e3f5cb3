import { z } from 'zod'
import { DisplayName } from '../../auth/schema'
import { Aggregation, Filters, Formula, GroupBy, MetricName } from '../../metric/schema'
import { GRID_COLUMNS } from './grid'

/** Place on the grid: columns from the left, rows from the top. */
export const WidgetLayout = z.strictObject({
  x: z
    .int()
    .min(0)
    .max(GRID_COLUMNS - 1),
  y: z.int().min(0).max(10_000),
  w: z.int().min(1).max(GRID_COLUMNS),
  h: z.int().min(1).max(50),
})
export type WidgetLayout = z.infer<typeof WidgetLayout>

export const WidgetFormat = z.strictObject({
  unit: z.enum(['none', 'percent', 'bytes', 'duration_ms', 'duration_s', 'currency', 'custom']).default('none'),
  /** ISO 4217, for unit `currency`. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  /** Text behind the number, for unit `custom`. */
  suffix: z.string().max(12).optional(),
  decimals: z.int().min(0).max(6).optional(),
  /** A falling number is good news (errors, reply times). */
  lowerIsBetter: z.boolean().default(false),
})
export type WidgetFormat = z.infer<typeof WidgetFormat>

/** What every widget that shows a metric has. */
export const widgetBase = {
  id: z.string().min(1).max(64),
  title: DisplayName,
  layout: WidgetLayout,
  metric: MetricName,
  aggregation: Aggregation,
  /** In place of metric and aggregation, which then name what its first term reads. */
  formula: Formula.optional(),
  filters: Filters.default([]),
  format: WidgetFormat.prefault({}),
}

/** Kept as it was written: a stored widget has a tag, several of them or null. */
export const groupBy = GroupBy.default(null)
