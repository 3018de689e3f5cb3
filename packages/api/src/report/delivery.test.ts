import { describe, expect, test } from 'vitest'
import { createSmtpMailer } from '../kernel/mail-smtp'
import type { SmtpMode } from '../kernel/testing/smtp'
import { callerFor } from '../testing'
import { messageIdOf } from './compose'
import { sendRun } from './delivery'
import { dispatchDueReports } from './dispatch'
import {
  changeContext,
  createReport,
  ctx,
  DAILY,
  faked,
  makeJobsDue,
  NOW,
  owner,
  runJobs,
  runsOf,
  sendDue,
  setDue,
  smtp,
  useReportWorld,
  WEEKLY,
} from './testing/world'

const SOON = { timeout: 5000 }
/** What the queue tells a job about its second run. */
const SECOND = { number: 2, max: 10 }

useReportWorld()

describe('once and only once', () => {
  test('JB-01: three replicas tick and work at the same time, and each recipient gets each report once', async () => {
    const ids: string[] = []
    for (let i = 0; i < 60; i++) {
      const { id } = await createReport([`a${i}@example.org`, `b${i}@example.org`], { name: `Report ${i}` })
      ids.push(id)
    }
    await ctx.db.prisma.report.updateMany({ data: { nextRunAt: new Date('2026-03-16T07:00Z') } })
    await Promise.all([1, 2, 3].map(() => dispatchDueReports(faked, NOW)))
    await Promise.all([1, 2, 3].map(() => dispatchDueReports(faked, new Date(NOW.getTime() + 60_000))))
    await Promise.all([1, 2, 3].map(() => runJobs(faked)))
    expect(faked.mailer.sent).toHaveLength(120)
    expect(new Set(faked.mailer.sent.map((mail) => mail.to)).size).toBe(120)
    expect(new Set(faked.mailer.sent.map((mail) => mail.messageId)).size).toBe(120)
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
    faked.clock.set(new Date(now + 86_400_000))
    await dispatchDueReports(ctx)
    expect(await runsOf(report.id)).toHaveLength(0)
    await setDue(report.id, new Date(now - 1_000))
    faked.clock.set(new Date(now - 3_600_000))
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

describe('a mail server that takes its time', () => {
  /** The server answers late@example.org only when it is told to; for broken@example.org our own code fails. */
  function slowAndBroken() {
    let answerLate = () => {}
    const late = new Promise<SmtpMode>((resolve) => {
      answerLate = () => resolve('accept')
    })
    smtp.setMode((to) => (to === 'late@example.org' ? late : 'accept'))
    const patient = createSmtpMailer({ url: smtp.url, from: 'reports@example.org', timeoutMs: 10_000 })
    const send: typeof patient.send = (mail) =>
      mail.to === 'broken@example.org' ? Promise.reject(new TypeError('of our own making')) : patient.send(mail)
    changeContext({ mailer: { ...patient, send } })
    return { answerLate, repair: () => changeContext({ mailer: patient }) }
  }
  const deliveryTo = (recipient: string) => ctx.db.prisma.delivery.findFirstOrThrow({ where: { recipient } })

  test('an attempt in which one mail breaks ends after the mails that are on their way, and sends them once', async () => {
    const { answerLate, repair } = slowAndBroken()
    const offersBefore = smtp.offers()
    let isOver = false
    const attempt = sendDue(['broken@example.org', 'late@example.org']).then((report) => {
      isOver = true
      return report
    })
    await expect.poll(() => smtp.offers(), SOON).toBe(offersBefore + 1)
    await expect
      .poll(async () => (await deliveryTo('broken@example.org')).answer ?? '', SOON)
      .toContain('log of the server')
    expect(isOver).toBe(false)
    answerLate()
    const report = await attempt
    expect((await runsOf(report.id))[0]?.deliveries).toMatchObject([
      { recipient: 'broken@example.org', status: 'pending', attempts: 1 },
      { recipient: 'late@example.org', status: 'sent', attempts: 1 },
    ])
    const { rows } = await ctx.db.pools.meta.query('SELECT last_error FROM graphile_worker.jobs')
    expect(rows).toMatchObject([{ last_error: expect.stringContaining('of our own making') }])

    repair()
    await makeJobsDue()
    await runJobs()
    expect(smtp.mails.map((mail) => mail.envelopeTo[0])).toEqual(['late@example.org', 'broken@example.org'])
    expect((await runsOf(report.id))[0]).toMatchObject({ status: 'sent' })
  })

  test('JB-06: a mail that another process is sending is left to it, until it cannot be any more', async () => {
    const { answerLate, repair } = slowAndBroken()
    repair()
    const offersBefore = smtp.offers()
    const first = sendDue(['late@example.org'])
    await expect.poll(() => smtp.offers(), SOON).toBe(offersBefore + 1)
    // The job was given back to the queue while the mail was on its way, as when a server stops.
    const run = await ctx.db.prisma.reportRun.findFirstOrThrow()
    const again = (now: Date) =>
      sendRun({ ...ctx, clock: { now: () => now } }, { runId: run.id, zone: 'Europe/Berlin' }, SECOND)
    await expect(again(new Date(NOW.getTime() + 60_000))).rejects.toThrow('wait for another attempt')
    expect(smtp.offers()).toBe(offersBefore + 1)
    answerLate()
    await first
    expect(smtp.mails).toHaveLength(1)

    // Whoever was sending has died: nobody will ever say what became of the mail.
    await ctx.db.prisma.reportRun.update({ where: { id: run.id }, data: { status: 'sending', finishedAt: null } })
    await ctx.db.prisma.delivery.updateMany({ data: { status: 'pending', answer: null, sentAt: null } })
    await again(new Date(NOW.getTime() + 6 * 60_000))
    expect(smtp.mails).toHaveLength(2)
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
    changeContext({ pictures: { ...ctx.pictures, drawWidgets: () => Promise.reject(new Error('the worker is gone')) } })
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
