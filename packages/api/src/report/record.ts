/** Reads a report's numbers once (freeze) and turns the record into what a mail shows (draw). */
import type { DashboardView, Widget } from '../dashboard/schema'
import { buildWidgetQuery, getDashboard } from '../dashboard/service'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { DrawOutcome, DrawRequest } from '../kernel/picture'
import type { ProductScope } from '../kernel/scope'
import type { QueryResult } from '../metric/schema'
import { runQuery } from '../metric/service'
import { MAIL_CONTENT_WIDTH } from './email-parts'
import { type FrozenReport, type FrozenWidget, hashFrozen } from './frozen'
import { getProductNames } from './repository'
import { REPORT_LOCALE } from './words'

export interface ReportRecord {
  frozen: FrozenReport
  hash: string
}

export interface RecordRequest {
  reportName: string
  dashboardId: string
  zone: string
  /** Local days, both included. */
  firstDay: string
  lastDay: string
}

/** Pictures are twice as fine as they are shown, for dense screens. */
const PICTURE_SCALE = 2
const PICTURE_HEIGHT = 220

/**
 * Asks for every widget of the dashboard over the period and its comparison, on the path that serves the page. One
 * widget that fails is frozen as failed; when all fail, the database is to blame and the attempt is given up.
 */
export async function freezeReport(ctx: Context, product: ProductScope, request: RecordRequest): Promise<ReportRecord> {
  const dashboard = await getDashboard(ctx.db.prisma, product, request.dashboardId)
  if (dashboard.widgets.length === 0) {
    throw new DomainError(
      'report_not_sendable',
      `The dashboard "${dashboard.name}" is empty: there is nothing to send.`,
    )
  }
  const { zone, firstDay, lastDay } = request
  const view: DashboardView = { range: { from: firstDay, to: lastDay }, granularity: 'auto', compare: true }
  const widgets: FrozenWidget[] = []
  const failures: unknown[] = []
  // One after the other: a report has time, and a page that somebody looks at must not wait for its queries.
  for (const widget of dashboard.widgets) {
    const outcome = await freezeWidget(ctx, product, widget, view, zone)
    widgets.push(outcome.frozen)
    if (outcome.error !== undefined) failures.push(outcome.error)
  }
  if (failures.length === widgets.length) throw failures[0]
  // The oldest reading is the honest one.
  const asOf = Math.min(...widgets.flatMap(({ result }) => (result ? [result.asOf] : [])))
  const frozen: FrozenReport = {
    version: 1,
    reportName: request.reportName,
    ...(await getProductNames(ctx.db.prisma, product)),
    productId: product.publicId,
    dashboardId: dashboard.id,
    dashboardName: dashboard.name,
    zone,
    firstDay,
    lastDay,
    asOf,
    widgets,
  }
  return { frozen, hash: hashFrozen(frozen) }
}

async function freezeWidget(
  ctx: Context,
  product: ProductScope,
  widget: Widget,
  view: DashboardView,
  zone: string,
): Promise<{ frozen: FrozenWidget; error?: unknown }> {
  try {
    const result: QueryResult = await runQuery(ctx, product, buildWidgetQuery(widget, view, zone))
    return { frozen: { widget, result, failure: null } }
  } catch (error) {
    ctx.log.warn(
      { err: error, widgetId: widget.id, productId: product.publicId },
      'a widget of a report could not be read',
    )
    const failure = error instanceof DomainError ? error.detail : 'Its numbers could not be read.'
    return { frozen: { widget, result: null, failure }, error }
  }
}

/** The record as it was written, or an error when it is not what the hash says: a changed record is not sent. */
export function assertUnchanged(record: { frozen: FrozenReport; hash: string | null }): ReportRecord {
  if (record.hash === null || hashFrozen(record.frozen) !== record.hash) {
    throw new DomainError('report_not_sendable', 'The stored numbers of this run do not match their hash.')
  }
  return { frozen: record.frozen, hash: record.hash }
}

/** Draws from the record alone, so that every attempt and every recipient gets the same mail. */
export async function drawReport(ctx: Context, { frozen }: ReportRecord): Promise<DrawOutcome[]> {
  const requests = frozen.widgets.flatMap(({ widget, result }): DrawRequest[] => {
    if (!result) return []
    const { id, type, title, format } = widget
    return [
      {
        widget: { id, type, title, format },
        result,
        locale: REPORT_LOCALE,
        width: MAIL_CONTENT_WIDTH,
        height: PICTURE_HEIGHT,
        scale: PICTURE_SCALE,
        theme: 'light',
      },
    ]
  })
  const outcomes = await ctx.pictures.drawWidgets(requests)
  for (const outcome of outcomes) {
    if (!outcome.isDrawn)
      ctx.log.warn({ widgetId: outcome.id, reason: outcome.reason }, 'a widget of a report could not be drawn')
  }
  return outcomes
}
