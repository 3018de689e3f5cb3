import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import { newId } from '../kernel/ids'
import type { ProductScope } from '../kernel/scope'
import { getMetric, listMetrics, listTags } from '../metric/service'
import { type ProposalMetric, proposeWidgets } from './propose'
import {
  countDashboards,
  deleteDashboard,
  getDashboard,
  insertDashboard,
  listStoredWidgets,
  type StoredDashboard,
  updateDashboard,
} from './repository'
import { type CreateDashboard, type DashboardUse, DashboardView, type UpdateDashboard } from './schema'

export { buildWidgetQuery } from './query'
export { getDashboard, listDashboards, type StoredDashboard } from './repository'

/** The rail lists them all; a script that runs wild stops here. */
export const DASHBOARDS_PER_PRODUCT_MAX = 200
/** A proposal looks at the tags of this many metrics; the rest of a large catalogue adds nothing to a first page. */
const PROPOSAL_METRICS_MAX = 20

export async function createDashboard(
  ctx: Context,
  product: ProductScope,
  input: Omit<CreateDashboard, 'productId'>,
): Promise<StoredDashboard> {
  if ((await countDashboards(ctx.db.prisma, product)) >= DASHBOARDS_PER_PRODUCT_MAX) {
    throw new DomainError('limit_reached', `A product has at most ${DASHBOARDS_PER_PRODUCT_MAX} dashboards.`)
  }
  const { name, widgets, view } = input
  return insertDashboard(ctx.db.prisma, product, {
    id: newId('dashboard'),
    name,
    widgets,
    view,
    createdAt: ctx.clock.now(),
  })
}

/** The second of two people who saved is told so and loses nothing: their change is still in their browser. */
export async function changeDashboard(
  ctx: Context,
  product: ProductScope,
  input: UpdateDashboard,
): Promise<StoredDashboard> {
  const { dashboardId, revision, ...change } = input
  const isSaved = await updateDashboard(ctx.db.prisma, product, dashboardId, revision, change, ctx.clock.now())
  const dashboard = await getDashboard(ctx.db.prisma, product, dashboardId)
  if (!isSaved) {
    throw new DomainError(
      'revision_conflict',
      `Somebody saved this dashboard while you were changing it (it is at revision ${dashboard.revision}, your change began at ${revision}).`,
    )
  }
  return dashboard
}

/** Its reports go with it: they have nothing left to show. */
export const removeDashboard = (ctx: Context, product: ProductScope, dashboardId: string): Promise<void> =>
  deleteDashboard(ctx.db.prisma, product, dashboardId)

/** A first dashboard from what has arrived. Can be asked for again: each time makes another one. */
export async function proposeDashboard(ctx: Context, product: ProductScope): Promise<StoredDashboard> {
  const widgets = proposeWidgets(await describeMetrics(ctx, product), () => newId('widget'))
  if (widgets.length === 0) {
    throw new DomainError('conflict', 'No points have arrived yet, so there is nothing to propose. Send some first.')
  }
  return createDashboard(ctx, product, { name: 'Overview', widgets, view: DashboardView.parse({}) })
}

/** The metrics whose points are newest: what stopped arriving a year ago belongs on no first page. */
async function describeMetrics(ctx: Context, product: ProductScope): Promise<ProposalMetric[]> {
  const metrics = await listMetrics(ctx.db.prisma, ctx.db.pools.query, product)
  const newest = metrics
    .sort((a, b) => (b.lastPointAt?.getTime() ?? 0) - (a.lastPointAt?.getTime() ?? 0))
    .slice(0, PROPOSAL_METRICS_MAX)
  return Promise.all(
    newest.map(async ({ name, unit, defaultAggregation }) => {
      const { id } = await getMetric(ctx, product, name)
      const tags = await listTags(ctx.db.pools.query, product, id)
      return { name, unit, defaultAggregation, tags }
    }),
  )
}

/** The dashboards that show one of these metrics, and in how many widgets. */
export async function listDashboardsUsing(
  ctx: Context,
  product: ProductScope,
  metrics: readonly string[],
): Promise<DashboardUse[]> {
  const names = new Set(metrics)
  const dashboards = await listStoredWidgets(ctx.db.prisma, product)
  return dashboards
    .map(({ id, name, widgets }) => ({
      id,
      name,
      widgetCount: Array.isArray(widgets) ? widgets.filter((widget) => namesMetric(widget, names)).length : 0,
    }))
    .filter(({ widgetCount }) => widgetCount > 0)
}

/** A widget names a metric itself or in the terms of a formula: wherever it stands, the key is the same. */
function namesMetric(value: unknown, names: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) =>
    key === 'metric' && typeof inner === 'string' ? names.has(inner) : namesMetric(inner, names),
  )
}
