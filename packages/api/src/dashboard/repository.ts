import type { Db, Prisma, Tx } from '@trackable/db'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { type Dashboard, type DashboardSummary, DashboardView, Widgets } from './schema'

type Sql = Db | Tx
/** A dashboard without what depends on who looks at it. */
export type StoredDashboard = Omit<Dashboard, 'canEdit'>

const FULL = { id: true, name: true, revision: true, widgets: true, view: true, updatedAt: true } as const
type Row = Prisma.DashboardGetPayload<{ select: typeof FULL }>

export const noDashboard = () => new DomainError('not_found', 'There is no such dashboard.')

export async function listDashboards(db: Sql, product: ProductScope): Promise<DashboardSummary[]> {
  const rows = await db.dashboard.findMany({
    where: { productId: product.id },
    select: { id: true, name: true, widgets: true, updatedAt: true },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  })
  return rows.map(({ widgets, ...row }) => ({
    ...row,
    productId: product.publicId,
    widgetCount: Array.isArray(widgets) ? widgets.length : 0,
  }))
}

/** Names and stored widgets, unread: for looking something up in all of them. */
export const listStoredWidgets = (db: Sql, product: ProductScope) =>
  db.dashboard.findMany({
    where: { productId: product.id },
    select: { id: true, name: true, widgets: true },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  })

export const countDashboards = (db: Sql, product: ProductScope) =>
  db.dashboard.count({ where: { productId: product.id } })

export async function getDashboard(db: Sql, product: ProductScope, dashboardId: string): Promise<StoredDashboard> {
  const row = await db.dashboard.findFirst({ where: { id: dashboardId, productId: product.id }, select: FULL })
  if (!row) throw noDashboard()
  return toDashboard(row, product)
}

/** For the gate, which knows only the dashboard's id: whose it is, so that the right can be checked. */
export const findDashboardProductId = async (db: Sql, dashboardId: string) =>
  (await db.dashboard.findUnique({ where: { id: dashboardId }, select: { productId: true } }))?.productId ?? null

export async function insertDashboard(
  db: Sql,
  product: ProductScope,
  dashboard: { id: string; name: string; widgets: Widgets; view: DashboardView; createdAt: Date },
): Promise<StoredDashboard> {
  const { id, name, widgets, view, createdAt } = dashboard
  const row = await db.dashboard.create({
    data: {
      id,
      name,
      widgets,
      view,
      createdAt,
      updatedAt: createdAt,
      productId: product.id,
      createdBy: product.userId,
    },
    select: FULL,
  })
  return toDashboard(row, product)
}

export interface DashboardChange {
  name?: string
  widgets?: Widgets
  view?: DashboardView
}

/** One guarded statement: false when the dashboard is gone or somebody saved after `revision`. */
export async function updateDashboard(
  db: Sql,
  product: ProductScope,
  dashboardId: string,
  revision: number,
  change: DashboardChange,
  now: Date,
): Promise<boolean> {
  const { count } = await db.dashboard.updateMany({
    where: { id: dashboardId, productId: product.id, revision },
    data: { ...change, revision: { increment: 1 }, updatedAt: now },
  })
  return count === 1
}

export async function deleteDashboard(db: Sql, product: ProductScope, dashboardId: string): Promise<void> {
  await db.dashboard.deleteMany({ where: { id: dashboardId, productId: product.id } })
}

/**
 * What is stored was valid when it was written, but perhaps to another version's rules. That is told in words, with the
 * place, because a page that fails with "internal error" cannot be repaired by anybody.
 */
function toDashboard(row: Row, product: ProductScope): StoredDashboard {
  const widgets = Widgets.safeParse(row.widgets)
  const view = DashboardView.safeParse(row.view)
  const issue = (widgets.error ?? view.error)?.issues[0]
  if (!widgets.success || !view.success) {
    const part = widgets.success ? 'view' : `widget ${Number(issue?.path[0] ?? 0) + 1}`
    throw new DomainError(
      'conflict',
      `The ${part} of the dashboard "${row.name}" was stored by another version and cannot be read: ${issue?.message ?? 'unknown shape'}`,
    )
  }
  return {
    id: row.id,
    productId: product.publicId,
    name: row.name,
    zone: product.zone,
    revision: row.revision,
    view: view.data,
    widgets: widgets.data,
    updatedAt: row.updatedAt,
  }
}
