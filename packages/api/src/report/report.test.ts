import type { Email } from 'postal-mime'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ColumnBuilder } from '../ingest/columns'
import { createPointWriter } from '../ingest/writer'
import { jobs } from '../jobs'
import type { Context } from '../kernel/context'
import { runDueJobs } from '../kernel/job'
import { createOutboxMailer } from '../kernel/mail-outbox'
import { createSmtpMailer } from '../kernel/mail-smtp'
import { startTestSmtpServer, type TestSmtpServer } from '../kernel/smtp-testing'
import type { QueryResult } from '../metric/schema'
import { productScopeForJob } from '../product/procedure'
import {
  callerFor,
  createOtherTenant,
  createProductFixture,
  createTestContext,
  type Owner,
  refusalOf,
  registerOwner,
  type TestContext,
} from '../testing'
import { messageIdOf } from './compose'
import { dispatchDueReports } from './dispatch'
import { createTinyPictures, readPng } from './pictures-testing'
import { resolveOutboxMail, resolveReport } from './procedure'
import type { ReportSchedule } from './schema'
import { renderOutboxMail, renderReportPreview } from './service'

/** Monday 16 March 2026, 09:30 in Berlin: the weekly report of 08:00 is due. */
const NOW = new Date('2026-03-16T08:30:00Z')
const WEEKLY: ReportSchedule = { frequency: 'weekly', weekday: 1, hour: 8, minute: 0, zone: 'Europe/Berlin' }
const DAILY: ReportSchedule = { frequency: 'daily', hour: 8, minute: 0, zone: 'Europe/Berlin' }

let test_: TestContext
let smtp: TestSmtpServer
/** The test's context with a real way for mails to leave and a renderer that draws real, small pictures. */
let ctx: Context
let owner: Owner
let productId: string
let dashboardId: string

beforeAll(async () => {
  smtp = await startTestSmtpServer()
})
afterAll(() => smtp.close())

beforeEach(async () => {
  smtp.mails.length = 0
  smtp.setMode(() => 'accept')
  test_ = await createTestContext({ now: NOW })
  ctx = {
    ...test_,
    mailer: createSmtpMailer({ url: smtp.url, from: 'Trackable <reports@example.org>', timeoutMs: 250 }),
    pictures: createTinyPictures(),
  }
  owner = await registerOwner(test_)
  productId = (await createProductFixture(test_, owner, { zone: 'Europe/Berlin' })).product.id
  await storeWeeks()
  dashboardId = (await callerFor(ctx, owner).dashboard.create({ productId, name: 'Growth', widgets: WIDGETS })).id
})
afterEach(() => test_.close())

const base = { filters: [], aggregation: 'sum' as const }
const WIDGETS = [
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
async function storeWeeks(): Promise<void> {
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

async function createReport(recipients: string[], overrides: { schedule?: ReportSchedule; name?: string } = {}) {
  const { schedule = WEEKLY, name = 'Weekly growth' } = overrides
  return callerFor(ctx, owner).report.create({ productId, dashboardId, name, schedule, recipients })
}

/** The real time of the database is not the time of these tests: the due time is set by hand. */
const setDue = (reportId: string, nextRunAt: Date) =>
  ctx.db.prisma.report.update({ where: { id: reportId }, data: { nextRunAt } })
const runJobs = (with_: Context = ctx) => runDueJobs(with_, jobs)
const runsOf = (reportId: string) => callerFor(ctx, owner).report.runs({ reportId })

/** Instead of waiting for the backoff. */
const makeJobsDue = () =>
  ctx.db.pools.meta.query(
    'SELECT graphile_worker.reschedule_jobs(array_agg(id), run_at => now()) FROM graphile_worker.jobs',
  )

async function sendDue(recipients: string[]) {
  const report = await createReport(recipients)
  await setDue(report.id, new Date('2026-03-16T07:00Z'))
  await dispatchDueReports(ctx, NOW)
  await runJobs()
  return report
}

function onlyMail(): Email {
  expect(smtp.mails).toHaveLength(1)
  const [mail] = smtp.mails
  if (!mail) throw new Error('no mail')
  return mail.parsed
}

describe('a scheduled report', () => {
  test('arrives with the numbers of the last complete week as HTML, as text, and as real pictures', async () => {
    const report = await sendDue(['board@example.org'])
    const mail = onlyMail()
    expect(mail.subject).toBe('Weekly growth, week 11: Orders <b>& 140, +126')
    expect(mail.html).toContain('Week 11, Monday 9 to Sunday 15 March 2026, days cut in Europe/Berlin')
    expect(mail.html).toContain('Compared with week 10')
    expect(mail.text).toContain('Orders <b>&: 140 (↑ +126, from 14)')
    expect(mail.text).toMatch(/Solo +70/)
    expect(mail.text).toContain(`/p/${productId}/d/${dashboardId}`)
    const [picture] = mail.attachments
    expect(mail.html).toContain('cid:chart-1@trackable')
    expect(picture).toMatchObject({ contentId: '<chart-1@trackable>', disposition: 'inline', mimeType: 'image/png' })
    expect(readPng(picture?.content)).toEqual({ width: 1104, height: 440 })

    const [run] = await runsOf(report.id)
    expect(run).toMatchObject({ trigger: 'scheduled', status: 'sent', error: null, asOf: NOW })
    expect(run?.periodFrom.toISOString()).toBe('2026-03-08T23:00:00.000Z')
    expect(run?.deliveries).toMatchObject([{ recipient: 'board@example.org', status: 'sent', attempts: 1 }])
    expect(run?.deliveries[0]?.answer).toContain('250 2.0.0 queued')
  })

  test('EM-02: names that contain HTML are text in the HTML part and stand as they are in the text part', async () => {
    await sendDue(['board@example.org'])
    const mail = onlyMail()
    expect(mail.html).toContain('Orders &lt;b&gt;&amp;')
    expect(mail.html).not.toContain('Orders <b>')
    expect(mail.text).toContain('Orders <b>&')
  })

  test('EM-01: a report name is one header line, whatever was stored', async () => {
    const report = await createReport(['board@example.org'])
    await ctx.db.prisma.report.update({ where: { id: report.id }, data: { name: 'Hi\r\nBcc: eve@evil.example' } })
    await setDue(report.id, new Date('2026-03-16T07:00Z'))
    await dispatchDueReports(ctx, NOW)
    await runJobs()
    expect(smtp.mails[0]?.envelopeTo).toEqual(['board@example.org'])
    expect(onlyMail().headers.map((header) => header.key)).not.toContain('bcc')
  })

  test('EM-09: the numbers are those that the API answers for the same days', async () => {
    await sendDue(['board@example.org'])
    const run = await ctx.db.prisma.reportRun.findFirstOrThrow()
    const stored = run.result as unknown as { widgets: { widget: { id: string }; result: QueryResult }[] }
    const answer = await callerFor(ctx, owner).metric.query({
      productId,
      spec: {
        metric: 'orders',
        aggregation: 'sum',
        groupBy: 'plan',
        range: { from: '2026-03-09', to: '2026-03-15' },
        zone: 'Europe/Berlin',
        compare: 'previous_period',
        seriesMax: 20,
      },
    })
    expect(stored.widgets.find(({ widget }) => widget.id === 't')?.result).toEqual(answer)
  })

  test('later points change nothing: a retry sends what was frozen, and a record that was changed is not sent', async () => {
    smtp.setMode(() => ({ code: 421, message: 'later' }))
    const report = await sendDue(['board@example.org'])
    await storeWeeks()
    smtp.setMode(() => 'accept')
    await makeJobsDue()
    await runJobs()
    expect(onlyMail().text).toContain('140')

    smtp.setMode(() => ({ code: 421, message: 'later' }))
    await callerFor(ctx, owner).report.sendNow({ reportId: report.id })
    await runJobs()
    await ctx.db.prisma
      .$executeRaw`UPDATE report_run SET result = jsonb_set(result, '{teamName}', '"Other"') WHERE trigger = 'manual'`
    smtp.setMode(() => 'accept')
    await makeJobsDue()
    await runJobs()
    expect(smtp.mails).toHaveLength(1)
    expect((await runsOf(report.id)).find((run) => run.trigger === 'manual')).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('hash'),
    })
  })
})

describe('once and only once', () => {
  test('JB-01: three replicas tick and work at the same time, and each recipient gets each report once', async () => {
    const ids: string[] = []
    for (let i = 0; i < 60; i++) {
      const { id } = await createReport([`a${i}@example.org`, `b${i}@example.org`], { name: `Report ${i}` })
      ids.push(id)
    }
    await ctx.db.prisma.report.updateMany({ data: { nextRunAt: new Date('2026-03-16T07:00Z') } })
    await Promise.all([1, 2, 3].map(() => dispatchDueReports(test_, NOW)))
    await Promise.all([1, 2, 3].map(() => dispatchDueReports(test_, new Date(NOW.getTime() + 60_000))))
    await Promise.all([1, 2, 3].map(() => runJobs(test_)))
    expect(test_.mailer.sent).toHaveLength(120)
    expect(new Set(test_.mailer.sent.map((mail) => mail.to)).size).toBe(120)
    expect(new Set(test_.mailer.sent.map((mail) => mail.messageId)).size).toBe(120)
    expect(await ctx.db.prisma.reportRun.count({ where: { status: 'sent' } })).toBe(60)
  })

  test('a second run of the same period is not made, even when the schedule is moved to later the same day', async () => {
    const report = await sendDue(['board@example.org'])
    await callerFor(ctx, owner).report.update({ reportId: report.id, schedule: { ...WEEKLY, hour: 9 } })
    await setDue(report.id, new Date('2026-03-16T08:00Z'))
    await dispatchDueReports(ctx, NOW)
    await runJobs()
    expect(smtp.mails).toHaveLength(1)
  })

  test('JB-04: after three days without a tick the latest period is sent, once', async () => {
    const report = await createReport(['board@example.org'], { schedule: DAILY })
    await setDue(report.id, new Date('2026-03-13T07:00Z'))
    await dispatchDueReports(ctx, NOW)
    await dispatchDueReports(ctx, NOW)
    await runJobs()
    const runs = await runsOf(report.id)
    expect(runs).toHaveLength(1)
    expect(runs[0]).toMatchObject({
      periodFrom: new Date('2026-03-14T23:00Z'),
      periodTo: new Date('2026-03-15T23:00Z'),
    })
    expect(smtp.mails).toHaveLength(1)
    expect((await callerFor(ctx, owner).report.get({ reportId: report.id })).nextRunAt).toEqual(
      new Date('2026-03-17T07:00Z'),
    )
  })

  test('JB-05: what is due is decided by the clock of the database, whatever the process believes', async () => {
    const report = await createReport(['board@example.org'], { schedule: DAILY })
    const [row] = await ctx.db.prisma.$queryRaw<{ now: Date }[]>`SELECT now() AS now`
    const now = row?.now.getTime() ?? 0
    await setDue(report.id, new Date(now + 3_600_000))
    test_.clock.set(new Date(now + 86_400_000))
    await dispatchDueReports(ctx)
    expect(await runsOf(report.id)).toHaveLength(0)
    await setDue(report.id, new Date(now - 1_000))
    test_.clock.set(new Date(now - 3_600_000))
    await dispatchDueReports(ctx)
    await dispatchDueReports(ctx)
    expect(await runsOf(report.id)).toHaveLength(1)
  })

  test('a paused report is not sent, and going on does not send what was missed', async () => {
    const report = await createReport(['board@example.org'])
    const paused = await callerFor(ctx, owner).report.update({ reportId: report.id, isPaused: true })
    expect(paused.nextRunAt).toBeNull()
    await dispatchDueReports(ctx, new Date('2036-01-01T00:00Z'))
    expect(await runsOf(report.id)).toHaveLength(0)
    const resumed = await callerFor(ctx, owner).report.update({ reportId: report.id, isPaused: false })
    const [row] = await ctx.db.prisma.$queryRaw<{ now: Date }[]>`SELECT now() AS now`
    expect(resumed.nextRunAt?.getTime()).toBeGreaterThan(row?.now.getTime() ?? 0)
  })
})

describe('mail servers that do not take it', () => {
  test('EM-07: 421 is tried again and 550 is not; who got the mail gets no second one', async () => {
    smtp.setMode((to) =>
      to === 'slow@example.org'
        ? { code: 421, message: 'busy' }
        : to === 'gone@example.org'
          ? { code: 550, message: 'no such user' }
          : 'accept',
    )
    const report = await sendDue(['good@example.org', 'gone@example.org', 'slow@example.org'])
    const [first] = await runsOf(report.id)
    expect(first).toMatchObject({ status: 'sending' })
    expect(first?.deliveries).toMatchObject([
      { recipient: 'gone@example.org', status: 'failed', attempts: 1, answer: '550 no such user' },
      { recipient: 'good@example.org', status: 'sent', attempts: 1 },
      { recipient: 'slow@example.org', status: 'pending', attempts: 1, answer: '421 busy' },
    ])
    smtp.setMode(() => 'accept')
    await makeJobsDue()
    await runJobs()
    expect(smtp.mails.map((mail) => mail.envelopeTo[0]).sort()).toEqual(['good@example.org', 'slow@example.org'])
    const [second] = await runsOf(report.id)
    expect(second).toMatchObject({ status: 'partial', error: '1 of 3 mails were not taken.' })
    expect(second?.deliveries.map((delivery) => delivery.attempts)).toEqual([1, 1, 2])
  })

  test('EM-07: silence after DATA ends with the timeout and is tried again', async () => {
    smtp.setMode(() => 'hang')
    const report = await sendDue(['board@example.org'])
    expect((await runsOf(report.id))[0]?.deliveries).toMatchObject([{ status: 'pending', attempts: 1 }])
    smtp.setMode(() => 'accept')
    await makeJobsDue()
    await runJobs()
    expect((await runsOf(report.id))[0]).toMatchObject({ status: 'sent' })
  })

  test('EM-10: every attempt has the same Message-ID, every recipient another one', async () => {
    smtp.setMode(() => ({ code: 421, message: 'later' }))
    await sendDue(['a@example.org', 'b@example.org'])
    const before = await ctx.db.prisma.delivery.findMany({ orderBy: { recipient: 'asc' } })
    smtp.setMode(() => 'accept')
    await makeJobsDue()
    await runJobs()
    const sent = smtp.mails.map((mail) => [mail.envelopeTo[0], mail.parsed.messageId]).sort()
    expect(sent).toEqual(before.map((delivery) => [delivery.recipient, delivery.messageId]))
    expect(new Set(sent.map(([, id]) => id)).size).toBe(2)
    const run = { id: 'run_1', dedupeKey: 'rpt_1:x:y' }
    expect(messageIdOf('https://kpi.example.org', run, 'a@example.org')).toBe(
      messageIdOf('https://kpi.example.org', { ...run, id: 'run_2' }, 'a@example.org'),
    )
  })

  test('a report that nobody gets has failed and says so', async () => {
    smtp.setMode(() => ({ code: 550, message: 'no' }))
    const report = await sendDue(['a@example.org', 'b@example.org'])
    expect((await runsOf(report.id))[0]).toMatchObject({ status: 'failed', error: '2 of 2 mails were not taken.' })
  })

  test('JB-07: what always fails uses up its attempts, stays visible as failed, and holds nobody up', async () => {
    smtp.setMode((to) => (to === 'never@example.org' ? { code: 451, message: 'greylisted' } : 'accept'))
    const report = await sendDue(['never@example.org'])
    for (let attempt = 2; attempt <= 10; attempt++) {
      await makeJobsDue()
      await runJobs()
    }
    expect((await runsOf(report.id))[0]).toMatchObject({
      status: 'failed',
      deliveries: [{ status: 'failed', attempts: 10, answer: '451 greylisted' }],
    })
    await makeJobsDue()
    const other = await callerFor(ctx, owner).report.sendTest({ reportId: report.id })
    await runJobs()
    expect((await runsOf(report.id)).find((run) => run.id === other.id)).toMatchObject({ status: 'sent' })
    expect((await runsOf(report.id)).find((run) => run.trigger === 'scheduled')?.deliveries[0]?.attempts).toBe(10)
  })

  test('JB-07: an attempt that breaks before any mail is repeated, and the last one tells why', async () => {
    ctx = { ...ctx, pictures: { ...ctx.pictures, drawWidgets: () => Promise.reject(new Error('the worker is gone')) } }
    const report = await sendDue(['board@example.org'])
    expect((await runsOf(report.id))[0]).toMatchObject({ status: 'sending' })
    for (let attempt = 2; attempt <= 10; attempt++) {
      await makeJobsDue()
      await runJobs()
    }
    expect((await runsOf(report.id))[0]).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('could not be put together'),
    })
    const { rows } = await ctx.db.pools.meta.query('SELECT attempts, last_error FROM graphile_worker.jobs')
    expect(rows).toMatchObject([{ attempts: 10, last_error: expect.stringContaining('the worker is gone') }])
    expect(smtp.mails).toHaveLength(0)
  })
})

describe('parts that fail', () => {
  test('a widget without its metric, and one that cannot be drawn, are named; the rest is sent', async () => {
    const broken = {
      ...base,
      id: 'x',
      type: 'number' as const,
      title: 'Refunds',
      metric: 'refunds',
      layout: { x: 3, y: 0, w: 3, h: 3 },
    }
    await callerFor(ctx, owner).dashboard.update({ dashboardId, revision: 1, widgets: [...WIDGETS, broken] })
    ctx = { ...ctx, pictures: createTinyPictures('l') }
    const report = await sendDue(['board@example.org'])
    expect((await runsOf(report.id))[0]).toMatchObject({
      status: 'partial',
      error: 'Not shown: Orders by day, Refunds.',
    })
    const mail = onlyMail()
    expect(mail.html).toContain('2 parts are missing')
    expect(mail.text).toContain('Missing from this mail: Refunds, Orders by day.')
    expect(mail.text).toContain('There is no metric "refunds"')
    expect(mail.text).toContain('140')
    expect(mail.attachments).toHaveLength(0)
  })

  test('an empty dashboard is refused when somebody asks, and fails a scheduled run in words', async () => {
    await callerFor(ctx, owner).dashboard.update({ dashboardId, revision: 1, widgets: [] })
    const report = await sendDue(['board@example.org'])
    expect((await runsOf(report.id))[0]).toMatchObject({ status: 'failed', error: expect.stringContaining('is empty') })
    expect((await refusalOf(callerFor(ctx, owner).report.sendNow({ reportId: report.id }))).code).toBe(
      'report_not_sendable',
    )
  })
})

describe('asked for by somebody', () => {
  test('a test goes to the caller alone and says that it is one; sending now goes to everybody', async () => {
    const report = await createReport(['board@example.org'])
    await callerFor(ctx, owner).report.sendTest({ reportId: report.id })
    await runJobs()
    expect(smtp.mails[0]?.envelopeTo).toEqual([owner.user.email])
    expect(onlyMail().subject).toMatch(/^\[Test\] /)
    const run = await callerFor(ctx, owner).report.sendNow({ reportId: report.id })
    expect(run).toMatchObject({
      trigger: 'manual',
      status: 'pending',
      deliveries: [{ recipient: 'board@example.org', status: 'pending' }],
    })
    await runJobs()
    expect(smtp.mails[1]?.envelopeTo).toEqual(['board@example.org'])
    expect((await callerFor(ctx, owner).report.get({ reportId: report.id })).lastRun).toMatchObject({
      id: run.id,
      status: 'sent',
    })
  })

  test('the plan shows the next three runs and the days that each covers', async () => {
    const runs = await callerFor(ctx, owner).report.plan({ productId, schedule: WEEKLY })
    expect(runs.map((run) => run.runAt.toISOString())).toEqual([
      '2026-03-23T07:00:00.000Z',
      '2026-03-30T06:00:00.000Z', // the clocks changed on the day before
      '2026-04-06T06:00:00.000Z',
    ])
    expect(runs[0]).toMatchObject({
      periodFrom: new Date('2026-03-15T23:00Z'),
      periodTo: new Date('2026-03-22T23:00Z'),
    })
  })

  test('the preview is the mail as a page, with its pictures in it, and sends nothing', async () => {
    const report = await createReport(['board@example.org'])
    const { product } = await resolveReport(ctx, owner.scope, report.id)
    const html = await renderReportPreview(ctx, product, owner.scope, report.id)
    expect(html).toContain('src="data:image/png;base64,iVBOR')
    expect(html).not.toContain('cid:')
    expect(html).toContain('140')
    expect(await ctx.db.prisma.reportRun.count()).toBe(0)
  })

  test('without a mail server the mail is in the outbox, once, and can be read there', async () => {
    ctx = { ...ctx, mailer: createOutboxMailer(ctx.db, 'Trackable <reports@example.org>') }
    await sendDue(['board@example.org'])
    const [mail] = await callerFor(ctx, owner).report.outbox({ teamId: owner.team.id })
    expect(mail).toMatchObject({ to: 'board@example.org', subject: expect.stringContaining('Weekly growth') })
    const team = await resolveOutboxMail(ctx, owner.scope, mail?.id ?? '')
    const html = await renderOutboxMail(ctx, team, mail?.id ?? '')
    expect(html).toContain('src="data:image/png;base64,iVBOR')
    expect(html).not.toContain('cid:')
    const stranger = await registerOwner(test_)
    const refusal = (id: string) => refusalOf(resolveOutboxMail(ctx, stranger.scope, id))
    expect(await refusal(mail?.id ?? '')).toEqual(await refusal('mail_none'))
    expect(await callerFor(ctx, stranger).report.outbox({ teamId: stranger.team.id })).toEqual([])
  })
})

test('another tenant’s report and dashboard answer as if they did not exist', async () => {
  const report = await createReport(['board@example.org'])
  const other = await createOtherTenant(test_)
  const theirs = callerFor(ctx, other.owner)
  for (const ask of [
    theirs.report.get,
    theirs.report.runs,
    theirs.report.sendNow,
    theirs.report.sendTest,
    theirs.report.delete,
  ]) {
    expect((await refusalOf(ask({ reportId: report.id }))).code).toBe('not_found')
  }
  const mine = {
    productId: other.product.id,
    dashboardId,
    name: 'Stolen',
    schedule: WEEKLY,
    recipients: ['eve@example.org'],
  }
  expect((await refusalOf(theirs.report.create(mine))).code).toBe('not_found')
  expect((await refusalOf(resolveReport(ctx, other.owner.scope, report.id))).code).toBe('not_found')
})
