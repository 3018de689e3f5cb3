/** A product with three weeks of orders, a dashboard, a mail server: what the tests of reports start from. */
import type { Email } from 'postal-mime'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { ColumnBuilder, createPointWriter } from '../../ingest/service'
import { jobs } from '../../jobs'
import type { Context } from '../../kernel/context'
import { runDueJobs } from '../../kernel/job'
import { createSmtpMailer } from '../../kernel/mail-smtp'
import { startTestSmtpServer, type TestSmtpServer } from '../../kernel/testing/smtp'
import { productScopeForJob } from '../../product/procedure'
import {
  callerFor,
  createProductFixture,
  createTestContext,
  type Owner,
  registerOwner,
  type TestContext,
} from '../../testing'
import { dispatchDueReports } from '../dispatch'
import type { ReportSchedule } from '../schema'
import { createTinyPictures } from './pictures'

/** Monday 16 March 2026, 09:30 in Berlin: the weekly report of 08:00 is due. */
export const NOW = new Date('2026-03-16T08:30:00Z')
export const WEEKLY: ReportSchedule = { frequency: 'weekly', weekday: 1, hour: 8, minute: 0, zone: 'Europe/Berlin' }
export const DAILY: ReportSchedule = { frequency: 'daily', hour: 8, minute: 0, zone: 'Europe/Berlin' }

/** With the fakes of ../../testing, where real mails and pictures would only take time. */
export let faked: TestContext
export let smtp: TestSmtpServer
/** The test's context with a real way for mails to leave and a renderer that draws real, small pictures. */
export let ctx: Context
export let owner: Owner
export let productId: string
export let dashboardId: string

/** Called once at the top of a test file: every test gets a database of its own, and all share one mail server. */
export function useReportWorld(): void {
  beforeAll(async () => {
    smtp = await startTestSmtpServer()
  })
  afterAll(() => smtp.close())

  beforeEach(async () => {
    smtp.mails.length = 0
    smtp.setMode(() => 'accept')
    faked = await createTestContext({ now: NOW })
    ctx = {
      ...faked,
      mailer: createSmtpMailer({ url: smtp.url, from: 'Trackable <reports@example.org>', timeoutMs: 250 }),
      pictures: createTinyPictures(),
    }
    owner = await registerOwner(faked)
    productId = (await createProductFixture(faked, owner, { zone: 'Europe/Berlin' })).product.id
    await storeWeeks()
    dashboardId = (await callerFor(ctx, owner).dashboard.create({ productId, name: 'Growth', widgets: WIDGETS })).id
  })
  afterEach(() => faked.close())
}

/** Has a part of the context fail, or be another one. */
export function changeContext(change: Partial<Context>): void {
  ctx = { ...ctx, ...change }
}

export const base = { filters: [], aggregation: 'sum' as const }
export const WIDGETS = [
  {
    ...base,
    id: 'n',
    type: 'number' as const,
    title: 'Orders <b>&',
    metric: 'orders',
    layout: { x: 0, y: 0, w: 3, h: 3 },
  },
  {
    ...base,
    id: 'l',
    type: 'line' as const,
    title: 'Orders by day',
    metric: 'orders',
    layout: { x: 0, y: 3, w: 8, h: 7 },
  },
  {
    ...base,
    id: 't',
    type: 'table' as const,
    title: 'Plans',
    metric: 'orders',
    groupBy: 'plan',
    layout: { x: 8, y: 3, w: 4, h: 7 },
  },
]

/** One order a day from each plan; ten a day in the week that the report covers, 9 to 15 March. */
export async function storeWeeks(): Promise<void> {
  const builder = new ColumnBuilder(0, 0, (index) => `/${index}`)
  let index = 0
  for (let at = Date.parse('2026-02-23T12:00Z'); at < NOW.getTime(); at += 86_400_000) {
    const isCovered = at >= Date.parse('2026-03-08T23:00Z') && at < Date.parse('2026-03-15T23:00Z')
    for (const plan of ['Solo', 'Team'])
      builder.add(index++, 'orders', JSON.stringify({ plan }), at, isCovered ? 10 : 1, undefined)
  }
  const writer = createPointWriter(ctx)
  await writer.write(await productScopeForJob(ctx, productId), builder.finish())
  await writer.close()
}

export async function createReport(recipients: string[], overrides: { schedule?: ReportSchedule; name?: string } = {}) {
  const { schedule = WEEKLY, name = 'Weekly growth' } = overrides
  return callerFor(ctx, owner).report.create({ productId, dashboardId, name, schedule, recipients })
}

/** The real time of the database is not the time of these tests: the due time is set by hand. */
export const setDue = (reportId: string, nextRunAt: Date) =>
  ctx.db.prisma.report.update({ where: { id: reportId }, data: { nextRunAt } })
export const runJobs = (with_: Context = ctx) => runDueJobs(with_, jobs)
export const runsOf = (reportId: string) => callerFor(ctx, owner).report.runs({ reportId })

/** Instead of waiting for the backoff. */
export const makeJobsDue = () =>
  ctx.db.pools.meta.query(
    'SELECT graphile_worker.reschedule_jobs(array_agg(id), run_at => now()) FROM graphile_worker.jobs',
  )

export async function sendDue(recipients: string[]) {
  const report = await createReport(recipients)
  await setDue(report.id, new Date('2026-03-16T07:00Z'))
  await dispatchDueReports(ctx, NOW)
  await runJobs()
  return report
}

export function onlyMail(): Email {
  expect(smtp.mails).toHaveLength(1)
  const [mail] = smtp.mails
  if (!mail) throw new Error('no mail')
  return mail.parsed
}
