/** Background work: the job queue and the clock. Its failures never reach a request. */
import { EventEmitter } from 'node:events'
import { type AnyJob, type Context, createTaskList, createWorkerLogger, migrateJobs, type Tick } from '@trackable/api'
import { ensurePartition } from '@trackable/db/points'
import { type Runner, run, type WorkerEvents, type WorkerPool } from 'graphile-worker'
import { type Job as ScheduledJob, scheduleJob } from 'node-schedule'

/** Points may be one day ahead, and a server that starts on the last of a month needs the next one at once. */
const PARTITION_DAYS_AHEAD = 45
const DAY_MS = 24 * 60 * 60 * 1000
/** Asks for due jobs this often in case a notification was lost. */
const POLL_MS = 1000

export interface WorkerOptions {
  ctx: Context
  jobs: readonly AnyJob[]
  ticks: readonly Tick[]
  concurrency: number
}

export interface JobWorker {
  isRunning(): boolean
  /**
   * Takes no new job and resolves when the running ones have ended. Those that have not after `graceMs` are given back
   * to the queue, for another process or the next start; none stays locked.
   */
  stop(graceMs: number): Promise<void>
}

/** Ours beside those of the contexts: the database's own upkeep. */
const partitionsTick: Tick = {
  name: 'points.partitions',
  // Daily, at a minute that nothing else uses.
  cron: '0 41 3 * * *',
  run: ensurePartitionsAhead,
}

async function ensurePartitionsAhead(ctx: Context): Promise<void> {
  const now = ctx.clock.now().getTime()
  await ensurePartition(ctx.db.pools.meta, { from: now - DAY_MS, to: now + PARTITION_DAYS_AHEAD * DAY_MS })
}

export async function startWorker({ ctx, jobs, ticks, concurrency }: WorkerOptions): Promise<JobWorker> {
  await migrateJobs(ctx.db.pools.meta, ctx.log)
  await ensurePartitionsAhead(ctx)
  let isRunning = true
  const events: WorkerEvents = new EventEmitter()
  let pool: WorkerPool | undefined
  events.on('pool:create', (event) => {
    pool = event.workerPool
  })
  const runner = await run({
    events,
    pgPool: ctx.db.pools.meta,
    taskList: createTaskList(ctx, jobs),
    concurrency,
    pollInterval: POLL_MS,
    // The process decides when it ends; the queue must not.
    noHandleSignals: true,
    logger: createWorkerLogger(ctx.log),
  })
  runner.promise.catch((error) => {
    isRunning = false
    ctx.log.error({ err: error }, 'the job queue stopped')
  })
  const clock = startClock(ctx, [...ticks, partitionsTick])
  return {
    isRunning: () => isRunning,
    async stop(graceMs) {
      isRunning = false
      let givenBack: Promise<void> | undefined
      const timer = setTimeout(() => {
        givenBack = pool?.forcefulShutdown('The server is stopping.')
      }, graceMs)
      await Promise.all([clock.stop(), stopRunner(runner)])
      clearTimeout(timer)
      await givenBack
    },
  }
}

/** Rejects when the queue had stopped by itself before, which is in the log already. */
async function stopRunner(runner: Runner): Promise<void> {
  await runner.stop().catch(() => undefined)
  await runner.promise.catch(() => undefined)
}

/** Starts the ticks. A tick that is still running when its time comes again is left to finish. */
function startClock(ctx: Context, ticks: readonly Tick[]) {
  const running = new Map<string, Promise<void>>()
  const fire = (tick: Tick) => {
    if (running.has(tick.name)) return
    const done = tick
      .run(ctx)
      // The next tick tries again; what it was for waits in the database.
      .catch((error) => ctx.log.error({ err: error, tick: tick.name }, 'tick failed'))
      .finally(() => running.delete(tick.name))
    running.set(tick.name, done)
  }
  const scheduled = ticks.map((tick): ScheduledJob => {
    const job = scheduleJob(tick.name, { rule: tick.cron, tz: 'UTC' }, () => fire(tick))
    // node-schedule answers a bad rule with null, and the tick would never come.
    if (!job) throw new Error(`The tick ${tick.name} has a bad rule: "${tick.cron}".`)
    return job
  })
  return {
    async stop() {
      for (const job of scheduled) job.cancel()
      await Promise.all(running.values())
    },
  }
}
