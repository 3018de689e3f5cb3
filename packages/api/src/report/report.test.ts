import { describe, expect, test } from 'vitest'
import { createOutboxMailer } from '../kernel/mail-outbox'
import type { QueryResult } from '../metric/schema'
import { addMember, callerFor, createOtherTenant, createProductFixture, refusalOf, registerOwner } from '../testing'
import { dispatchDueReports } from './dispatch'
import { resolveOutboxMail, resolveReport } from './procedure'
import { renderOutboxMail, renderReportPreview, SENT_NOW_PER_PRODUCT, TESTS_PER_USER } from './service'
import { createTinyPictures, readPng } from './testing/pictures'
import {
  base,
  changeContext,
  createReport,
  ctx,
  dashboardId,
  faked,
  makeJobsDue,
  NOW,
  onlyMail,
  owner,
  productId,
  runJobs,
  runsOf,
  sendDue,
  setDue,
  smtp,
  storeWeeks,
  useReportWorld,
  WEEKLY,
  WIDGETS,
} from './testing/world'

useReportWorld()

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
    changeContext({ pictures: createTinyPictures('l') })
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

  test('a product sends ten times an hour by hand, however many ask at once; the schedule is not slowed', async () => {
    const reports = await Promise.all([createReport(['a@example.org']), createReport(['b@example.org'])])
    const { sendNow } = callerFor(ctx, owner).report
    const send = (i: number) => sendNow({ reportId: reports[i % 2]?.id ?? '' })
    const asked = await Promise.allSettled(Array.from({ length: 13 }, (_, i) => send(i)))
    expect(asked.filter((one) => one.status === 'fulfilled')).toHaveLength(SENT_NOW_PER_PRODUCT.max)
    faked.clock.advance(20 * 60_000)
    expect(await refusalOf(send(0))).toMatchObject({ code: 'rate_limited', retryAfterS: 2400 })
    expect(await ctx.db.prisma.reportRun.count({ where: { trigger: 'manual' } })).toBe(SENT_NOW_PER_PRODUCT.max)

    await ctx.db.prisma.report.updateMany({ data: { nextRunAt: new Date('2026-03-16T07:00Z') } })
    await dispatchDueReports(ctx, NOW)
    expect(await ctx.db.prisma.reportRun.count({ where: { trigger: 'scheduled' } })).toBe(2)
    // Another product has a count of its own, and an hour after the first the window is over.
    const other = (await createProductFixture(faked, owner)).product.id
    const { dashboard, report } = callerFor(ctx, owner)
    const { id } = await dashboard.create({ productId: other, name: 'Growth', widgets: WIDGETS })
    const wish = { productId: other, dashboardId: id, name: 'R', schedule: WEEKLY, recipients: ['c@example.org'] }
    await sendNow({ reportId: (await report.create(wish)).id })
    faked.clock.advance(40 * 60_000)
    await send(0)
  })

  test('a person sends twenty tests an hour; one that was refused does not count, and others have their own', async () => {
    const report = await createReport(['board@example.org'])
    const test = () => callerFor(ctx, owner).report.sendTest({ reportId: report.id })
    const { dashboard } = callerFor(ctx, owner)
    await dashboard.update({ dashboardId, revision: 1, widgets: [] })
    expect((await refusalOf(test())).code).toBe('report_not_sendable')
    await dashboard.update({ dashboardId, revision: 2, widgets: WIDGETS })
    for (let i = 0; i < TESTS_PER_USER.max; i++) await test()
    expect(await refusalOf(test())).toMatchObject({ code: 'rate_limited', retryAfterS: 3600 })
    const member = await addMember(faked, owner, 'viewer')
    await callerFor(ctx, member).report.sendTest({ reportId: report.id })
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
    changeContext({ mailer: createOutboxMailer(ctx.db, 'Trackable <reports@example.org>') })
    await sendDue(['board@example.org'])
    const [mail] = await callerFor(ctx, owner).report.outbox({ teamId: owner.team.id })
    expect(mail).toMatchObject({ to: 'board@example.org', subject: expect.stringContaining('Weekly growth') })
    const team = await resolveOutboxMail(ctx, owner.scope, mail?.id ?? '')
    const html = await renderOutboxMail(ctx, team, mail?.id ?? '')
    expect(html).toContain('src="data:image/png;base64,iVBOR')
    expect(html).not.toContain('cid:')
    const stranger = await registerOwner(faked)
    const refusal = (id: string) => refusalOf(resolveOutboxMail(ctx, stranger.scope, id))
    expect(await refusal(mail?.id ?? '')).toEqual(await refusal('mail_none'))
    expect(await callerFor(ctx, stranger).report.outbox({ teamId: stranger.team.id })).toEqual([])
  })
})

test('another tenant’s report and dashboard answer as if they did not exist', async () => {
  const report = await createReport(['board@example.org'])
  const other = await createOtherTenant(faked)
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
