import { Prisma, type Queryable, type Tx } from '@trackable/db'
import { runMigrations, runOnce, type Task, type TaskList, Logger as WorkerLogger } from 'graphile-worker'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { z } from 'zod'
import type { Context } from './context'

/**
 * Work that must happen once, whoever of the replicas does it. Jobs live in Postgres (graphile-worker), so enqueueing
 * joins the caller's transaction: the job exists exactly when the rows do that it is about.
 */
export interface Job<Payload = unknown> {
  name: string
  payload: z.ZodType<Payload>
  /** Runs before the job is given up. graphile-worker waits exp(least(10, attempt)) seconds between two of them. */
  attempts: number
  /** May run more than once (a worker can die after the work and before the acknowledgement): make it repeatable. */
  run(ctx: Context, payload: Payload, attempt: JobAttempt): Promise<void>
}

/** Which of its attempts a job is in, from 1 to `max`: on the last one it says what became of the work. */
export interface JobAttempt {
  number: number
  max: number
}

/** A job whose payload type the registry does not need to know: it is parsed before it runs. */
export type AnyJob = Pick<Job, 'name' | 'attempts'> & {
  runUnparsed(ctx: Context, payload: unknown, attempt: JobAttempt): Promise<void>
}

export type DefinedJob<Payload> = Job<Payload> & AnyJob

export function defineJob<Payload>(job: Job<Payload>): DefinedJob<Payload> {
  // A payload that no longer fits the schema is a bug of a deployment and fails loudly; retries give time to roll back.
  return { ...job, runUnparsed: (ctx, payload, attempt) => job.run(ctx, job.payload.parse(payload), attempt) }
}

/**
 * Work on a schedule. Every replica ticks, so a tick must be harmless when it runs twice at the same time: it deletes
 * what is due, or claims rows with SKIP LOCKED.
 */
export interface Tick {
  name: string
  /** Cron with seconds first, in UTC, as node-schedule reads it. */
  cron: string
  run(ctx: Context): Promise<void>
}

export const defineTick = (tick: Tick): Tick => tick

export interface EnqueueOptions {
  /** At most one waiting job per key: enqueueing again replaces the payload and the time of the one that waits. */
  key?: string
  runAt?: Date
}

/** `db` may be the client or a transaction; in a transaction the job is rolled back with it. */
export async function enqueue<Payload>(
  db: Pick<Tx, '$executeRaw'>,
  job: Job<Payload>,
  payload: Payload,
  options: EnqueueOptions = {},
): Promise<void> {
  const json = JSON.stringify(payload)
  await db.$executeRaw(Prisma.sql`
    SELECT graphile_worker.add_job(
      identifier => ${job.name},
      payload => ${json}::json,
      run_at => ${options.runAt ?? null}::timestamptz,
      max_attempts => ${job.attempts}::int,
      job_key => ${options.key ?? null}::text
    )`)
}

/** Creates or updates graphile-worker's own tables; runs at boot after the migrations of packages/db. */
export async function migrateJobs(pool: Pool, log: Logger): Promise<void> {
  await runMigrations({ pgPool: pool, logger: createWorkerLogger(log) })
}

/** graphile-worker writes to the console unless it is given something else. */
export function createWorkerLogger(log: Logger): WorkerLogger {
  const levels = { error: 'error', warning: 'warn', info: 'debug', debug: 'trace' } as const
  return new WorkerLogger((scope) => (level, message, { error, ...meta } = {}) => {
    log[levels[level]]({ ...scope, ...meta, ...(error ? { err: describeError(error) } : {}) }, message)
  })
}

/** An error of pg carries its client, and that the statements which wait in it with their values. */
function describeError(error: unknown) {
  if (!(error instanceof Error)) return { message: String(error) }
  const { message, stack } = error
  return { message, code: (error as { code?: unknown }).code, stack }
}

/** What graphile-worker's runner is given. */
export function createTaskList(ctx: Context, jobs: readonly AnyJob[]): TaskList {
  const toTask =
    (job: AnyJob): Task =>
    (payload, { job: row }) =>
      job.runUnparsed(ctx, payload, { number: row.attempts, max: row.max_attempts })
  return Object.fromEntries(jobs.map((job) => [job.name, toTask(job)]))
}

/** Runs what is due now and returns; for tests and the command line. */
export async function runDueJobs(ctx: Context, jobs: readonly AnyJob[]): Promise<void> {
  await runOnce({
    pgPool: ctx.db.pools.meta,
    taskList: createTaskList(ctx, jobs),
    logger: createWorkerLogger(ctx.log),
    noHandleSignals: true,
  })
}

export interface QueuedJob {
  /** No attempt is left: it stays in the queue to be looked at, and nothing runs it. */
  isDead: boolean
  lastError: string | null
}

/** The job that was enqueued with this key, or null when it has ended well (or never was). */
export async function findJob(db: Queryable, key: string): Promise<QueuedJob | null> {
  const { rows } = await db.query<{
    attempts: number
    max_attempts: number
    last_error: string | null
    locked_at: Date | null
  }>('SELECT attempts, max_attempts, last_error, locked_at FROM graphile_worker.jobs WHERE key = $1', [key])
  const [row] = rows
  return row ? { isDead: row.attempts >= row.max_attempts && row.locked_at === null, lastError: row.last_error } : null
}

/** How many jobs wait or run; part of the server's health. */
export async function countJobs(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ n: string }>(
    'SELECT count(*) AS n FROM graphile_worker.jobs WHERE attempts < max_attempts',
  )
  return Number(rows[0]?.n ?? 0)
}
