/** From schedules to runs: what is due is claimed, and a run, its deliveries and its job come to exist together. */
import type { Tx } from '@trackable/db'
import { z } from 'zod'
import type { Context } from '../kernel/context'
import { defineJob, enqueue } from '../kernel/job'
import { sendRun } from './delivery'
import { claimDueReports, failAbandonedRuns, getDatabaseTime, insertRun, type NewRun, setNextRun } from './repository'
import { lastRun, nextRun, periodFor, type ReportPeriod } from './schedule'
import { ReportSchedule } from './schema'

/** Reports claimed per transaction: its locks are held for milliseconds. */
const CLAIM_MAX = 50
/** Ten attempts take less than four hours; after a day nobody is sending any more. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000

/** The zone travels with the job: the days of the period are those of the schedule it was made for. */
export const sendReportJob = defineJob({
  name: 'report.send',
  payload: z.strictObject({ runId: z.string(), zone: z.string() }),
  // Waits of exp(attempt) seconds: a mail server may be away for three and a half hours.
  attempts: 10,
  run: sendRun,
})

/**
 * Every replica ticks. Due times are compared with the time of Postgres: a replica whose clock is wrong neither sends
 * early nor twice. `now` is given by tests.
 */
export async function dispatchDueReports(ctx: Context, now?: Date): Promise<void> {
  const at = now ?? (await getDatabaseTime(ctx.db.prisma))
  while ((await ctx.db.prisma.$transaction((tx) => dispatchBatch(ctx, tx, at))) === CLAIM_MAX);
  const abandoned = await failAbandonedRuns(ctx.db.prisma, new Date(at.getTime() - ABANDONED_AFTER_MS), at)
  if (abandoned > 0) ctx.log.error({ abandoned }, 'report runs were given up')
}

async function dispatchBatch(ctx: Context, tx: Tx, now: Date): Promise<number> {
  const due = await claimDueReports(tx, now, CLAIM_MAX)
  for (const report of due) {
    const schedule = ReportSchedule.safeParse(report.schedule)
    if (!schedule.success) {
      // Without a next run it is not due again, and the others are not held up.
      await setNextRun(tx, report.id, null)
      ctx.log.error({ reportId: report.id, err: schedule.error }, 'a stored schedule cannot be read')
      continue
    }
    // After a time in which nobody ticked, only the latest period is sent: seven mails at once help nobody (JB-04).
    const runAt = new Date(Math.max(lastRun(schedule.data, now).getTime(), report.nextRunAt.getTime()))
    const period = periodFor(schedule.data, runAt)
    await startRun(tx, schedule.data.zone, {
      reportId: report.id,
      trigger: 'scheduled',
      ...toRunPeriod(period),
      recipients: report.recipients,
      dedupeKey: `${report.id}:${period.from.toISOString()}:${period.to.toISOString()}`,
      createdAt: now,
    })
    await setNextRun(tx, report.id, nextRun(schedule.data, now))
  }
  return due.length
}

export const toRunPeriod = (period: ReportPeriod) => ({ periodFrom: period.from, periodTo: period.to })

/** The run and the job that sends it, in the caller's transaction; null when the period has been sent already. */
export async function startRun(tx: Tx, zone: string, run: NewRun): Promise<string | null> {
  const runId = await insertRun(tx, run)
  if (runId) await enqueue(tx, sendReportJob, { runId, zone }, { key: `report.send:${run.dedupeKey ?? runId}` })
  return runId
}
