import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createTestContext, type TestContext } from '../testing'
import { countJobs, createWorkerLogger, defineJob, enqueue, runDueJobs } from './job'

let ctx: TestContext
beforeAll(async () => {
  ctx = await createTestContext()
})
afterAll(() => ctx.close())

function recorder(name: string) {
  const ran: number[] = []
  const payload = z.strictObject({ n: z.number() })
  const job = defineJob({ name, payload, attempts: 2, run: async (_ctx, { n }) => void ran.push(n) })
  return { ran, job }
}

test('a job enqueued in a transaction exists when the transaction commits', async () => {
  const { ran, job } = recorder('commit')
  await ctx.db.prisma.$transaction((tx) => enqueue(tx, job, { n: 1 }))
  await runDueJobs(ctx, [job])
  expect(ran).toEqual([1])
})

test('a job enqueued in a transaction that rolls back never runs', async () => {
  const { ran, job } = recorder('rollback')
  const failing = ctx.db.prisma.$transaction(async (tx) => {
    await enqueue(tx, job, { n: 1 })
    throw new Error('changed our mind')
  })
  await expect(failing).rejects.toThrow('changed our mind')
  await runDueJobs(ctx, [job])
  expect(ran).toEqual([])
})

test('of several jobs with one key, one runs, with the latest payload', async () => {
  const { ran, job } = recorder('key')
  for (const n of [1, 2, 3]) await enqueue(ctx.db.prisma, job, { n }, { key: 'same' })
  await runDueJobs(ctx, [job])
  expect(ran).toEqual([3])
})

test('a job with a time in the future waits', async () => {
  const { ran, job } = recorder('future')
  await enqueue(ctx.db.prisma, job, { n: 1 }, { runAt: new Date('2999-01-01T00:00:00Z'), key: 'future' })
  await runDueJobs(ctx, [job])
  expect(ran).toEqual([])
  expect(await countJobs(ctx.db.pools.meta)).toBe(1)
})

test('a payload that does not fit the schema fails the job and never reaches its code', async () => {
  const { ran, job } = recorder('misfit')
  const careless = { ...job, payload: z.any() }
  await enqueue(ctx.db.prisma, careless, { n: 'one' })
  await runDueJobs(ctx, [job])
  expect(ran).toEqual([])
  const { rows } = await ctx.db.pools.meta.query(
    "SELECT last_error FROM graphile_worker.jobs WHERE task_identifier = 'misfit'",
  )
  expect(rows[0]?.last_error).toContain('expected number')
})

test('what the queue logs of an error is its words and its stack, and not the connection with what it was sent', () => {
  const lines: string[] = []
  const log = pino({ base: null }, { write: (line) => void lines.push(line) })
  const error = Object.assign(new Error('terminating connection'), {
    code: '57P01',
    client: { _queryQueue: [{ values: ['token-hash-of-somebody'] }] },
  })
  createWorkerLogger(log).error('PostgreSQL active client generated error', { error })
  expect(lines.join('')).not.toContain('token-hash-of-somebody')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    err: { message: 'terminating connection', code: '57P01', stack: expect.stringContaining('job.test.ts') },
  })
})
