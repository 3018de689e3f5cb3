import { z } from 'zod'
import { DisplayName } from '../auth/schema'
import { Granularity, MetricName, QueryRange } from '../metric/schema'
import { ProductId } from '../product/schema'
import { Widget } from './widgets/index'

export { WIDGET_TYPES, Widget, type WidgetType } from './widgets/index'

export const DashboardId = z.string().max(64)
export const DashboardRef = z.strictObject({ dashboardId: DashboardId })
/** A page of more than forty charts is read by nobody and asks the database forty questions at once. */
export const WIDGETS_MAX = 40

/** What a viewer looks at: kept in the page's address, and stored as the dashboard's default. */
export const DashboardView = z.strictObject({
  range: QueryRange.default({ preset: '30d' }),
  granularity: z.union([Granularity, z.literal('auto')]).default('auto'),
  compare: z.boolean().default(true),
})
export type DashboardView = z.infer<typeof DashboardView>

export const Widgets = z
  .array(Widget)
  .max(WIDGETS_MAX)
  .refine((ws) => new Set(ws.map((w) => w.id)).size === ws.length, 'Two widgets have the same id.')
export type Widgets = z.infer<typeof Widgets>

export const Dashboard = z.object({
  id: z.string(),
  productId: z.string(),
  name: z.string(),
  zone: z.string(),
  revision: z.number(),
  view: DashboardView,
  widgets: Widgets,
  updatedAt: z.date(),
  canEdit: z.boolean(),
})
export type Dashboard = z.infer<typeof Dashboard>

export const DashboardSummary = z.object({
  id: z.string(),
  productId: z.string(),
  name: z.string(),
  widgetCount: z.number(),
  updatedAt: z.date(),
})
export type DashboardSummary = z.infer<typeof DashboardSummary>

export const CreateDashboard = z.strictObject({
  productId: ProductId,
  name: DisplayName,
  widgets: Widgets.default([]),
  view: DashboardView.prefault({}),
})
export type CreateDashboard = z.infer<typeof CreateDashboard>

/** `revision` is the one that the change was made on; a newer one in the database is a revision_conflict. */
export const UpdateDashboard = z.strictObject({
  dashboardId: DashboardId,
  revision: z.int().positive(),
  name: DisplayName.optional(),
  widgets: Widgets.optional(),
  view: DashboardView.optional(),
})
export type UpdateDashboard = z.infer<typeof UpdateDashboard>

/** Dashboards that show a metric, under its present name or a former one. */
export const DashboardsUsing = z.strictObject({ productId: ProductId, metrics: z.array(MetricName).min(1).max(50) })
export const DashboardUse = z.object({ id: z.string(), name: z.string(), widgetCount: z.number() })
export type DashboardUse = z.infer<typeof DashboardUse>
