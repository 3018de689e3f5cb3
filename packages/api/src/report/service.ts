import { getUser } from '../auth/service'
import { getDashboard } from '../dashboard/service'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import { newId } from '../kernel/ids'
import { type RateLimit, takeHit } from '../kernel/rate-limit'
import type { ProductScope, TeamScope, UserScope } from '../kernel/scope'
import { composePage, inlinePictures } from './compose'
import { startRun, toRunPeriod } from './dispatch'
import { drawReport, freezeReport } from './record'
import {
  countReports,
  deleteReport,
  findOutboxMail,
  findReportCreator,
  findRun,
  getDatabaseTime,
  getReport,
  insertReport,
  type ReportChange,
  updateReport,
} from './repository'
import { latestPeriod, nextRun, periodFor } from './schedule'
import type { CreateReport, PlannedRun, Report, ReportRun, ReportSchedule, UpdateReport } from './schema'

export { listReports } from './repository'

/** The page lists them all; a script that runs wild stops here. */
export const REPORTS_PER_PRODUCT_MAX = 200
const PLANNED_RUNS = 3
const HOUR_MS = 60 * 60 * 1000
/** Each is up to fifty mails to addresses that nobody has confirmed: enough to correct a mistake, too few to spam. */
export const SENT_NOW_PER_PRODUCT = { max: 10, windowMs: HOUR_MS }
/** Goes to the caller alone, who looks at each before asking for the next. */
export const TESTS_PER_USER = { max: 20, windowMs: HOUR_MS }

export async function createReport(
  ctx: Context,
  product: ProductScope,
  input: Omit<CreateReport, 'productId'>,
): Promise<Report> {
  if ((await countReports(ctx.db.prisma, product)) >= REPORTS_PER_PRODUCT_MAX) {
    throw new DomainError('limit_reached', `A product has at most ${REPORTS_PER_PRODUCT_MAX} reports.`)
  }
  // Throws when the dashboard is another product's: the gate has checked this product only.
  await getDashboard(ctx.db.prisma, product, input.dashboardId)
  const id = newId('report')
  const now = await getDatabaseTime(ctx.db.prisma)
  await insertReport(ctx.db.prisma, product, {
    ...input,
    id,
    nextRunAt: nextRun(input.schedule, now),
    createdAt: ctx.clock.now(),
  })
  return getReport(ctx.db.prisma, product, id)
}

export async function changeReport(ctx: Context, product: ProductScope, input: UpdateReport): Promise<Report> {
  const { reportId, ...change } = input
  const report = await getReport(ctx.db.prisma, product, reportId)
  if (change.dashboardId) await getDashboard(ctx.db.prisma, product, change.dashboardId)
  const next: ReportChange = { ...change, ...(await nextRunAfter(ctx, report, change)) }
  await updateReport(ctx.db.prisma, product, reportId, next, ctx.clock.now())
  return getReport(ctx.db.prisma, product, reportId)
}

/** Going on after a pause starts with the next run: what was due meanwhile was not wanted. */
async function nextRunAfter(
  ctx: Context,
  report: Report,
  change: { schedule?: ReportSchedule; isPaused?: boolean },
): Promise<Pick<ReportChange, 'nextRunAt'>> {
  if (change.schedule === undefined && change.isPaused === undefined) return {}
  if (change.isPaused ?? report.isPaused) return { nextRunAt: null }
  return { nextRunAt: nextRun(change.schedule ?? report.schedule, await getDatabaseTime(ctx.db.prisma)) }
}

export const removeReport = (ctx: Context, product: ProductScope, reportId: string): Promise<void> =>
  deleteReport(ctx.db.prisma, product, reportId)

/** What a schedule will do, before it is saved: the next runs and the days that each covers. */
export function planRuns(ctx: Context, schedule: ReportSchedule): PlannedRun[] {
  const runs: PlannedRun[] = []
  for (let after = ctx.clock.now(); runs.length < PLANNED_RUNS; ) {
    after = nextRun(schedule, after)
    runs.push({ runAt: after, ...toRunPeriod(periodFor(schedule, after)) })
  }
  return runs
}

/** To everybody, now, about the last complete period; the schedule goes on as it was. */
export async function sendReportNow(ctx: Context, product: ProductScope, reportId: string): Promise<ReportRun> {
  const report = await getReport(ctx.db.prisma, product, reportId)
  return requestRun(ctx, product, report, {
    trigger: 'manual',
    recipients: report.recipients,
    throttle: {
      key: `report.now:${product.publicId}`,
      limit: SENT_NOW_PER_PRODUCT,
      detail: `Reports of this product were sent by hand ${SENT_NOW_PER_PRODUCT.max} times within an hour. Wait a little; scheduled reports go out as planned.`,
    },
  })
}

/** The same mail, to the caller alone. */
export async function sendReportTest(
  ctx: Context,
  product: ProductScope,
  user: UserScope,
  reportId: string,
): Promise<ReportRun> {
  const report = await getReport(ctx.db.prisma, product, reportId)
  const email = await emailOf(ctx, user)
  return requestRun(ctx, product, report, {
    trigger: 'test',
    recipients: [email],
    throttle: {
      key: `report.test:${user.userId}`,
      limit: TESTS_PER_USER,
      detail: `You have sent yourself ${TESTS_PER_USER.max} test mails within an hour. Wait a little, or look at the preview.`,
    },
  })
}

interface RunRequest {
  trigger: 'manual' | 'test'
  recipients: readonly string[]
  throttle: { key: string; limit: RateLimit; detail: string }
}

async function requestRun(
  ctx: Context,
  product: ProductScope,
  report: Report,
  { trigger, recipients, throttle }: RunRequest,
): Promise<ReportRun> {
  const dashboard = await getDashboard(ctx.db.prisma, product, report.dashboardId)
  if (dashboard.widgets.length === 0) {
    throw new DomainError(
      'report_not_sendable',
      `The dashboard "${dashboard.name}" is empty: there is nothing to send.`,
    )
  }
  const now = ctx.clock.now()
  const runId = await ctx.db.prisma.$transaction(async (tx) => {
    // In the transaction: a run that is not made does not count.
    await takeHit(tx, ctx.clock, throttle.key, throttle.limit, throttle.detail)
    return startRun(tx, report.schedule.zone, {
      reportId: report.id,
      trigger,
      ...toRunPeriod(latestPeriod(report.schedule, now)),
      recipients,
      dedupeKey: null,
      createdAt: now,
    })
  })
  const run = runId && (await findRun(ctx.db.prisma, product, runId))
  if (!run) throw new DomainError('conflict', 'The report was deleted while it was being sent.')
  return run
}

/** The mail as it would go out now, as a page. Nothing is stored and nothing is sent. */
export async function renderReportPreview(
  ctx: Context,
  product: ProductScope,
  user: UserScope,
  reportId: string,
): Promise<string> {
  const report = await getReport(ctx.db.prisma, product, reportId)
  const { zone } = report.schedule
  const { firstDay, lastDay } = latestPeriod(report.schedule, ctx.clock.now())
  const request = { reportName: report.name, dashboardId: report.dashboardId, zone, firstDay, lastDay }
  const record = await freezeReport(ctx, product, request)
  const outcomes = await drawReport(ctx, record)
  const addedBy = await findReportCreator(ctx.db.prisma, product, reportId)
  const recipient = report.recipients[0] ?? (await emailOf(ctx, user))
  return composePage(ctx, { record, outcomes, recipient, addedBy, isTest: false })
}

/** A mail that was kept because no mail server is configured, as a page. */
export async function renderOutboxMail(ctx: Context, team: TeamScope, mailId: string): Promise<string> {
  const mail = await findOutboxMail(ctx.db.prisma, team, mailId)
  if (!mail) throw new DomainError('not_found', 'There is no such mail.')
  return inlinePictures(mail.html, mail.files)
}

async function emailOf(ctx: Context, user: UserScope): Promise<string> {
  const found = await getUser(ctx.db.prisma, user)
  if (!found) throw new DomainError('unauthenticated', 'Your account no longer exists.')
  return found.email
}
