/** Sends a run: freeze, draw, a mail per recipient, a line in the delivery log before and after each. */
import type { Context } from '../kernel/context'
import { DomainError, type ErrorCode } from '../kernel/errors'
import type { JobAttempt } from '../kernel/job'
import { MailError } from '../kernel/mail'
import type { DrawOutcome } from '../kernel/picture'
import type { ProductScope } from '../kernel/scope'
import { productScopeForJob } from '../product/procedure'
import { composeMail, messageIdOf } from './compose'
import { assertUnchanged, drawReport, freezeReport, type ReportRecord } from './record'
import {
  countDeliveries,
  findReportCreator,
  findRunForJob,
  finishDelivery,
  finishRun,
  freezeRun,
  getReport,
  listPendingDeliveries,
  type PendingDelivery,
  type RunForJob,
  startDelivery,
} from './repository'
import { periodDays } from './schedule'

/** Mails on their way at once: enough that fifty recipients take seconds, few enough for the smallest mail server. */
const SENDING_AT_ONCE = 4

/**
 * A mail without an answer is on its way for this long, and then nobody's: its process has died. Longer than any mailer
 * gives a mail (SMTP: two minutes).
 */
const ON_ITS_WAY_MS = 5 * 60 * 1000

/** Errors of ours that pass by themselves; any other DomainError will be the same at the next attempt. */
const PASSING = new Set<ErrorCode>(['internal', 'unavailable', 'overloaded', 'rate_limited'])

/** Some recipients have to wait for another attempt; graphile-worker keeps the words and comes back. */
class DeliveriesPending extends Error {}

/**
 * One attempt at a run. Repeatable: the record is written once, a delivery that was taken is never offered again, and a
 * finished run is left alone. Throws when another attempt makes sense, and on the last one says what became of the run.
 */
export async function sendRun(ctx: Context, job: { runId: string; zone: string }, attempt: JobAttempt): Promise<void> {
  const run = await findRunForJob(ctx.db.prisma, job.runId)
  if (!run || run.finishedAt) return
  const isLast = attempt.number >= attempt.max
  try {
    const product = await productScopeForJob(ctx, run.productId)
    const record = await recordOf(ctx, product, run, job.zone)
    const outcomes = await drawReport(ctx, record)
    await deliver(ctx, product, run, record, outcomes, isLast)
    await conclude(ctx, product, run, record, outcomes)
  } catch (error) {
    // What another attempt cannot mend is told at once; the rest is, too, when there is none left.
    const isHopeless = error instanceof DomainError && !PASSING.has(error.code)
    if (isHopeless || isLast) {
      const reason =
        error instanceof DomainError
          ? error.detail
          : 'The report could not be put together. The log of the server says why.'
      await finishRun(ctx.db.prisma, run.id, { status: 'failed', error: reason }, ctx.clock.now())
      ctx.log.error({ err: error, runId: run.id, reportId: run.reportId }, 'report failed')
    }
    if (!isHopeless) throw error
  }
}

async function recordOf(ctx: Context, product: ProductScope, run: RunForJob, zone: string): Promise<ReportRecord> {
  if (run.frozen) return assertUnchanged({ frozen: run.frozen, hash: run.resultHash })
  const report = await getReport(ctx.db.prisma, product, run.reportId)
  const record = await freezeReport(ctx, product, {
    reportName: report.name,
    dashboardId: report.dashboardId,
    zone,
    ...periodDays(zone, run.periodFrom, run.periodTo),
  })
  if (await freezeRun(ctx.db.prisma, product, run.id, record.frozen, record.hash)) return record
  const written = await findRunForJob(ctx.db.prisma, run.id)
  if (!written?.frozen) throw new DeliveriesPending('The run vanished while it was being frozen.')
  return assertUnchanged({ frozen: written.frozen, hash: written.resultHash })
}

async function deliver(
  ctx: Context,
  product: ProductScope,
  run: RunForJob,
  record: ReportRecord,
  outcomes: readonly DrawOutcome[],
  isLast: boolean,
): Promise<void> {
  const addedBy = await findReportCreator(ctx.db.prisma, product, run.reportId)
  const since = new Date(ctx.clock.now().getTime() - ON_ITS_WAY_MS)
  const waiting = await listPendingDeliveries(ctx.db.prisma, product, run.id, since)
  const sendNext = async () => {
    for (let delivery = waiting.shift(); delivery; delivery = waiting.shift()) {
      const request = { record, outcomes, recipient: delivery.recipient, addedBy, isTest: run.trigger === 'test' }
      const messageId = messageIdOf(ctx.settings.publicUrl, run, delivery.recipient)
      const mail = await composeMail(ctx, request, { messageId, teamId: product.teamId, runId: run.id })
      await deliverOne(ctx, delivery, () => ctx.mailer.send(mail), messageId, isLast)
    }
  }
  // The attempt ends when nothing of it is on its way any more; the next would otherwise start beside it.
  const ended = await Promise.allSettled(Array.from({ length: SENDING_AT_ONCE }, sendNext))
  const broken = ended.find((one) => one.status === 'rejected')
  if (broken) throw broken.reason
}

async function deliverOne(
  ctx: Context,
  delivery: PendingDelivery,
  send: () => Promise<{ answer: string }>,
  messageId: string,
  isLast: boolean,
): Promise<void> {
  if (!(await startDelivery(ctx.db.prisma, delivery, messageId, ctx.clock.now()))) return
  let answer: string
  try {
    answer = (await send()).answer
  } catch (error) {
    await finishUntaken(ctx, delivery, error, isLast)
    if (error instanceof MailError) return
    throw error
  }
  // Outside: when this fails the mail has gone out all the same, and must not be offered again at once.
  await finishDelivery(ctx.db.prisma, delivery, { status: 'sent', answer, sentAt: ctx.clock.now() })
}

async function finishUntaken(ctx: Context, delivery: PendingDelivery, error: unknown, isLast: boolean): Promise<void> {
  const { answer, isPermanent } =
    error instanceof MailError
      ? error
      : { answer: 'The mail could not be sent. The log of the server says why.', isPermanent: false }
  const status = isPermanent || isLast ? 'failed' : 'pending'
  await finishDelivery(ctx.db.prisma, delivery, { status, answer, sentAt: null })
  ctx.log.warn({ deliveryId: delivery.id, answer, isPermanent }, 'a report was not taken')
}

async function conclude(
  ctx: Context,
  product: ProductScope,
  run: RunForJob,
  record: ReportRecord,
  outcomes: readonly DrawOutcome[],
): Promise<void> {
  const { sent, failed, pending } = await countDeliveries(ctx.db.prisma, product, run.id)
  if (pending > 0)
    throw new DeliveriesPending(`${pending} of ${sent + failed + pending} mails wait for another attempt.`)
  const missing = missingWidgets(record, outcomes)
  const problems = [
    ...(missing.length > 0 ? [`Not shown: ${missing.join(', ')}.`] : []),
    ...(failed > 0 ? [`${failed} of ${sent + failed} mails were not taken.`] : []),
  ]
  const status = sent === 0 ? 'failed' : problems.length > 0 ? 'partial' : 'sent'
  await finishRun(ctx.db.prisma, run.id, { status, error: problems.join(' ') || null }, ctx.clock.now())
  ctx.log.info({ runId: run.id, reportId: run.reportId, status, sent, failed, missing: missing.length }, 'report sent')
}

function missingWidgets({ frozen }: ReportRecord, outcomes: readonly DrawOutcome[]): string[] {
  const drawn = new Set(outcomes.filter((outcome) => outcome.isDrawn).map((outcome) => outcome.id))
  return frozen.widgets.filter(({ widget }) => !drawn.has(widget.id)).map(({ widget }) => widget.title)
}
