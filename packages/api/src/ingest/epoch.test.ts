/** What becomes of points that are being written at the very moment when their metric is merged, renamed or deleted. */
import type { PoolClient } from '@trackable/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, createMetricWorld, type MetricWorld, type Tenant } from '../metric/testing'

let world: MetricWorld
let tenant: Tenant

beforeAll(async () => {
  world = await createMetricWorld()
})
afterAll(() => world.close())

const AT = '2026-03-30T08:00:00Z'
const total = async (metric: string) =>
  (await ask(tenant, { metric, aggregation: 'count', range: { preset: '30d' } })).total

/** Runs `change` between the flush's look at the epoch, which finds nothing changed, and its COMMIT. */
async function duringFlush(metric: string, change: () => Promise<unknown>): Promise<void> {
  const { meta } = world.ctx.db.pools
  const blocker: PoolClient = await meta.connect()
  try {
    await blocker.query('BEGIN')
    await blocker.query('LOCK TABLE point_delta IN SHARE MODE')
    const sent = world.send(tenant, [{ metric, value: 1, at: AT, tags: { country: 'de' } }])
    for (let isWaiting = false; !isWaiting; ) {
      const { rows } = await meta.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = 'point_delta'::regclass`,
      )
      isWaiting = (rows[0]?.n ?? 0) > 0
    }
    await change()
    await blocker.query('COMMIT')
    await sent
  } finally {
    blocker.release()
  }
}

test('DL-12: points that are on their way while their metric is merged or renamed belong to what it became', async () => {
  tenant = await world.createTenant()
  const { productId, caller } = tenant
  for (const metric of ['from', 'into'])
    await world.send(tenant, [{ metric, value: 1, at: AT, tags: { country: 'de' } }])
  await duringFlush('from', () => caller.metric.merge({ productId, from: 'from', into: 'into', dryRun: false }))
  expect(await total('into')).toBe(3)
  await duringFlush('into', () => caller.metric.rename({ productId, metric: 'into', to: 'newest' }))
  expect([await total('newest'), await total('from')]).toEqual([4, 4])
})

test('points that are on their way while their metric is deleted go with it, and the next ones make a new metric', async () => {
  tenant = await world.createTenant()
  const { productId, caller } = tenant
  const point = { metric: 'gone', value: 1, at: AT, tags: { country: 'de' } }
  await world.send(tenant, [point])
  await duringFlush('gone', () => caller.metric.delete({ productId, metric: 'gone', dryRun: false }))
  expect((await caller.metric.list({ productId })).map(({ name }) => name)).toEqual([])
  await world.send(tenant, [point])
  expect(await total('gone')).toBe(1)
})
