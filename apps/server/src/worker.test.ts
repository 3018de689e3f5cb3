import { type AnyJob, enqueue } from '@trackable/api'
import { createTestContext, type TestContext } from '@trackable/api/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type JobWorker, startWorker } from './worker'

let test_: TestContext
let worker: JobWorker | undefined
beforeEach(async () => {
  test_ = await createTestContext({ now: '2026-11-30T12:00:00Z' })
})
afterEach(async () => {
  await worker?.stop(0)
  worker = undefined
  await test_.close()
})

const jobOf = (runUnparsed: AnyJob['runUnparsed']): AnyJob => ({ name: 'test.work', attempts: 3, runUnparsed })
const enqueueOne = () =>
  enqueue(test_.db.prisma, { name: 'test.work', attempts: 3 } as Parameters<typeof enqueue>[1], { n: 1 })
const jobs = async () =>
  (await test_.db.pools.meta.query('SELECT locked_at, attempts FROM graphile_worker._private_jobs')).rows as {
    locked_at: Date | null
  }[]

test('a stop waits for the job that runs, and takes no other', async () => {
  let finish: () => void = () => undefined
  const started: unknown[] = []
  const job = jobOf(async (_ctx, payload) => {
    started.push(payload)
    await new Promise<void>((resolve) => {
      finish = resolve
    })
  })
  worker = await startWorker({ ctx: test_, jobs: [job], ticks: [], concurrency: 1 })
  await enqueueOne()
  await expect.poll(() => started.length, { timeout: 5000 }).toBe(1)
  let isStopped = false
  const stopping = worker.stop(10_000).then(() => {
    isStopped = true
  })
  expect(worker.isRunning()).toBe(false)
  await enqueueOne()
  expect(isStopped).toBe(false)
  finish()
  await stopping
  worker = undefined
  expect(started).toEqual([{ n: 1 }])
  expect(await jobs()).toMatchObject([{ locked_at: null }])
})

test('a job that outlasts the grace is given back to the queue unlocked', async () => {
  let isStarted = false
  const job = jobOf(() => {
    isStarted = true
    return new Promise(() => undefined)
  })
  worker = await startWorker({ ctx: test_, jobs: [job], ticks: [], concurrency: 1 })
  await enqueueOne()
  await expect.poll(() => isStarted, { timeout: 5000 }).toBe(true)
  const startedAt = performance.now()
  await worker.stop(200)
  worker = undefined
  expect(performance.now() - startedAt).toBeLessThan(3000)
  expect(await jobs()).toMatchObject([{ locked_at: null }])
})

test('a tick runs at its time, is not started twice at once, and its failure stays its own', async () => {
  let runs = 0
  const tick = {
    name: 'test.tick',
    cron: '* * * * * *',
    run: async () => {
      runs++
      throw new Error('the tick failed')
    },
  }
  worker = await startWorker({ ctx: test_, jobs: [], ticks: [tick], concurrency: 1 })
  await expect.poll(() => runs, { timeout: 5000 }).toBeGreaterThanOrEqual(2)
  expect(worker.isRunning()).toBe(true)
})

test('a bad rule is found at the start', async () => {
  const tick = { name: 'test.tick', cron: 'every day', run: async () => undefined }
  await expect(startWorker({ ctx: test_, jobs: [], ticks: [tick], concurrency: 1 })).rejects.toThrow('bad rule')
})

test('partitions for the coming weeks exist after the start, also on the last of a month', async () => {
  worker = await startWorker({ ctx: test_, jobs: [], ticks: [], concurrency: 1 })
  const { rows } = await test_.db.pools.meta.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'points'::regnamespace AND relkind = 'r' ORDER BY 1`,
  )
  expect(rows.map((row) => row.name)).toEqual(expect.arrayContaining(['p_2026_11', 'p_2026_12', 'p_2027_01']))
})
