import { type Db, Prisma, type ReportTrigger, type Tx } from '@trackable/db'
import { DomainError } from '../kernel/errors'
import { newId } from '../kernel/ids'
import type { ProductScope, TeamScope } from '../kernel/scope'
import { FrozenReport } from './frozen'
import { type OutboxMail, type Report, type ReportRun, ReportSchedule } from './schema'

type Sql = Db | Tx

export const noReport = () => new DomainError('not_found', 'There is no such report.')

const RUN = {
  id: true,
  trigger: true,
  status: true,
  periodFrom: true,
  periodTo: true,
  asOf: true,
  error: true,
  createdAt: true,
} as const
const DELIVERY = {
  id: true,
  recipient: true,
  status: true,
  attempts: true,
  answer: true,
  lastAttemptAt: true,
  sentAt: true,
} as const
const RUN_WITH_DELIVERIES = {
  ...RUN,
  deliveries: { select: DELIVERY, orderBy: { recipient: 'asc' } },
} as const satisfies Prisma.ReportRunSelect
const REPORT = {
  id: true,
  dashboardId: true,
  name: true,
  schedule: true,
  recipients: true,
  isPaused: true,
  nextRunAt: true,
  dashboard: { select: { name: true } },
  // A test mail to oneself says nothing about how the report is doing.
  runs: { where: { trigger: { not: 'test' } }, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], take: 1, select: RUN },
} as const satisfies Prisma.ReportSelect
type ReportRow = Prisma.ReportGetPayload<{ select: typeof REPORT }>

function toReport(row: ReportRow, product: ProductScope): Report {
  const { dashboard, runs, schedule, ...report } = row
  return {
    ...report,
    productId: product.publicId,
    dashboardName: dashboard.name,
    schedule: ReportSchedule.parse(schedule),
    lastRun: runs[0] ?? null,
  }
}

export async function listReports(db: Sql, product: ProductScope): Promise<Report[]> {
  const rows = await db.report.findMany({
    where: { productId: product.id },
    select: REPORT,
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  })
  return rows.map((row) => toReport(row, product))
}

export const countReports = (db: Sql, product: ProductScope) => db.report.count({ where: { productId: product.id } })

export async function getReport(db: Sql, product: ProductScope, reportId: string): Promise<Report> {
  const row = await db.report.findFirst({ where: { id: reportId, productId: product.id }, select: REPORT })
  if (!row) throw noReport()
  return toReport(row, product)
}

/** For the gate, which knows only the report's id: whose it is, so that the right can be checked. */
export const findReportProductId = async (db: Sql, reportId: string) =>
  (await db.report.findUnique({ where: { id: reportId }, select: { productId: true } }))?.productId ?? null

export interface ReportChange {
  name?: string
  dashboardId?: string
  schedule?: ReportSchedule
  recipients?: string[]
  isPaused?: boolean
  nextRunAt?: Date | null
}

export async function insertReport(
  db: Sql,
  product: ProductScope,
  report: Required<Omit<ReportChange, 'isPaused'>> & { id: string; createdAt: Date },
): Promise<void> {
  await db.report.create({
    data: { ...report, updatedAt: report.createdAt, productId: product.id, createdBy: product.userId },
    select: { id: true },
  })
}

export async function updateReport(
  db: Sql,
  product: ProductScope,
  reportId: string,
  change: ReportChange,
  now: Date,
): Promise<void> {
  const { count } = await db.report.updateMany({
    where: { id: reportId, productId: product.id },
    data: { ...change, updatedAt: now },
  })
  if (count === 0) throw noReport()
}

export async function deleteReport(db: Sql, product: ProductScope, reportId: string): Promise<void> {
  await db.report.deleteMany({ where: { id: reportId, productId: product.id } })
}

export async function listRuns(db: Sql, product: ProductScope, reportId: string, limit: number): Promise<ReportRun[]> {
  return db.reportRun.findMany({
    where: { reportId, report: { productId: product.id } },
    select: RUN_WITH_DELIVERIES,
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit,
  })
}

/** Null when its report was deleted. */
export const findRun = (db: Sql, product: ProductScope, runId: string): Promise<ReportRun | null> =>
  db.reportRun.findFirst({ where: { id: runId, report: { productId: product.id } }, select: RUN_WITH_DELIVERIES })

/** Who made the report, for the words "… added you": null when that account is gone. */
export async function findReportCreator(db: Sql, product: ProductScope, reportId: string): Promise<string | null> {
  const row = await db.report.findFirst({
    where: { id: reportId, productId: product.id },
    select: { creator: { select: { name: true } } },
  })
  return row?.creator?.name ?? null
}

/** The names that the mail is headed with. */
export async function getProductNames(
  db: Sql,
  product: ProductScope,
): Promise<{ productName: string; teamName: string }> {
  const row = await db.product.findUniqueOrThrow({
    where: { id: product.id },
    select: { name: true, team: { select: { name: true } } },
  })
  return { productName: row.name, teamName: row.team.name }
}

export interface NewRun {
  reportId: string
  trigger: ReportTrigger
  periodFrom: Date
  periodTo: Date
  recipients: readonly string[]
  /** Null for runs that somebody asked for; a scheduled one is unique per report and period. */
  dedupeKey: string | null
  createdAt: Date
}

/** The run with a line per recipient, or null when the period has a run already: the unique index decides. */
export async function insertRun(tx: Tx, run: NewRun): Promise<string | null> {
  const { recipients, ...data } = run
  const [row] = await tx.reportRun.createManyAndReturn({
    data: [{ ...data, id: newId('run'), recipients: [...recipients] }],
    skipDuplicates: true,
    select: { id: true },
  })
  if (!row) return null
  await tx.delivery.createMany({
    data: recipients.map((recipient) => ({ id: newId('delivery'), runId: row.id, recipient })),
  })
  return row.id
}

/**
 * The reports whose time has come, locked until the transaction ends. A replica that ticks at the same moment skips the
 * locked rows and finds the rest. Acts for nobody, so it takes no scope: what is due belongs to everybody.
 */
export const claimDueReports = (tx: Tx, now: Date, limit: number) =>
  tx.$queryRaw<{ id: string; schedule: unknown; recipients: string[]; nextRunAt: Date }[]>(Prisma.sql`
    SELECT id, schedule, recipients, next_run_at AS "nextRunAt"
    FROM report
    WHERE next_run_at <= ${now} AND NOT is_paused
    ORDER BY next_run_at, id
    LIMIT ${limit}
    FOR UPDATE SKIP LOCKED`)

export const setNextRun = (tx: Tx, reportId: string, nextRunAt: Date | null) =>
  tx.report.update({ where: { id: reportId }, data: { nextRunAt }, select: { id: true } })

/** What time it is where the due times are compared: the clocks of the replicas may disagree, Postgres has one. */
export async function getDatabaseTime(db: Sql): Promise<Date> {
  const [row] = await db.$queryRaw<{ now: Date }[]>(Prisma.sql`SELECT clock_timestamp() AS now`)
  if (!row) throw new Error('Postgres answered no row to a SELECT without FROM.')
  return row.now
}

const RUN_FOR_JOB = {
  id: true,
  reportId: true,
  trigger: true,
  periodFrom: true,
  periodTo: true,
  dedupeKey: true,
  finishedAt: true,
  result: true,
  resultHash: true,
  report: { select: { productId: true } },
} as const satisfies Prisma.ReportRunSelect

/** For the job that sends it: the row it was enqueued with is the proof. Null when the report was deleted meanwhile. */
export async function findRunForJob(db: Sql, runId: string) {
  const row = await db.reportRun.findUnique({ where: { id: runId }, select: RUN_FOR_JOB })
  if (!row) return null
  const { report, result, ...run } = row
  return { ...run, productId: report.productId, frozen: result === null ? null : FrozenReport.parse(result) }
}
export type RunForJob = NonNullable<Awaited<ReturnType<typeof findRunForJob>>>

/** Guarded: the record is written once. False when another attempt has written it meanwhile. */
export async function freezeRun(
  db: Sql,
  product: ProductScope,
  runId: string,
  frozen: FrozenReport,
  hash: string,
): Promise<boolean> {
  const { count } = await db.reportRun.updateMany({
    where: { id: runId, report: { productId: product.id }, result: { equals: Prisma.DbNull } },
    data: { result: frozen, resultHash: hash, asOf: new Date(frozen.asOf), status: 'sending' },
  })
  return count === 1
}

/**
 * Those that nobody is sending: a mail that was started after `since` and has no answer yet is on its way, perhaps from
 * another process, whatever the queue believes.
 */
export const listPendingDeliveries = (db: Sql, product: ProductScope, runId: string, since: Date) =>
  db.delivery.findMany({
    where: {
      runId,
      status: 'pending',
      run: { report: { productId: product.id } },
      OR: [{ lastAttemptAt: null }, { lastAttemptAt: { lte: since } }, { answer: { not: null } }],
    },
    select: { id: true, recipient: true, attempts: true },
    orderBy: { recipient: 'asc' },
  })
export type PendingDelivery = Awaited<ReturnType<typeof listPendingDeliveries>>[number]

/**
 * Writes down that the mail is about to go out. The number of attempts is the fencing token: of two processes that both
 * believe that the delivery is theirs, one finds the number changed and gets false. The answer of the attempt before
 * goes: until there is another, the mail is on its way.
 */
export async function startDelivery(
  db: Sql,
  delivery: PendingDelivery,
  messageId: string,
  now: Date,
): Promise<boolean> {
  const { count } = await db.delivery.updateMany({
    where: { id: delivery.id, status: 'pending', attempts: delivery.attempts },
    data: { attempts: { increment: 1 }, lastAttemptAt: now, messageId, answer: null },
  })
  return count === 1
}

export async function finishDelivery(
  db: Sql,
  delivery: PendingDelivery,
  outcome: { status: 'sent' | 'failed' | 'pending'; answer: string; sentAt: Date | null },
): Promise<void> {
  await db.delivery.updateMany({ where: { id: delivery.id, attempts: delivery.attempts + 1 }, data: outcome })
}

export async function countDeliveries(db: Sql, product: ProductScope, runId: string) {
  const groups = await db.delivery.groupBy({
    by: ['status'],
    where: { runId, run: { report: { productId: product.id } } },
    _count: { _all: true },
  })
  const count = (status: string) => groups.find((group) => group.status === status)?._count._all ?? 0
  return { sent: count('sent'), failed: count('failed'), pending: count('pending') }
}

export async function finishRun(
  db: Sql,
  runId: string,
  outcome: { status: 'sent' | 'partial' | 'failed'; error: string | null },
  now: Date,
): Promise<void> {
  await db.reportRun.updateMany({ where: { id: runId, finishedAt: null }, data: { ...outcome, finishedAt: now } })
}

/** Runs whose worker died in its last attempt: nothing else would ever say that they failed. */
export async function failAbandonedRuns(db: Sql, createdBefore: Date, now: Date): Promise<number> {
  const { count } = await db.reportRun.updateMany({
    where: { finishedAt: null, createdAt: { lt: createdBefore } },
    data: {
      status: 'failed',
      error: 'The server stopped while it was sending, and every attempt was used up.',
      finishedAt: now,
    },
  })
  return count
}

export async function listOutboxMails(db: Sql, team: TeamScope, limit: number): Promise<OutboxMail[]> {
  const rows = await db.outboxMail.findMany({
    where: { teamId: team.teamId },
    select: { id: true, toAddress: true, subject: true, createdAt: true },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit,
  })
  return rows.map(({ toAddress, ...mail }) => ({ ...mail, to: toAddress }))
}

/** For the gate, which knows only the mail's id. Null also for mails that belong to no team. */
export const findOutboxTeamId = async (db: Sql, mailId: string) =>
  (await db.outboxMail.findUnique({ where: { id: mailId }, select: { teamId: true } }))?.teamId ?? null

export const findOutboxMail = (db: Sql, team: TeamScope, mailId: string) =>
  db.outboxMail.findFirst({
    where: { id: mailId, teamId: team.teamId },
    select: { html: true, files: { select: { cid: true, contentType: true, content: true } } },
  })
