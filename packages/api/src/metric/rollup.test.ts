import { afterAll, beforeAll, expect, test } from 'vitest'
import { ingest } from '../ingest/service'
import { createPointWriter, type PointWriter } from '../ingest/writer'
import { jobs } from '../jobs'
import { migrateJobs, runDueJobs } from '../kernel/job'
import { announceDeltas } from './events'
import { auditTick } from './jobs'
import { createFolder } from './rollup'
import { ask, createMetricWorld, type MetricWorld, type Tenant } from './testing'

let world: MetricWorld
let writer: PointWriter
beforeAll(async () => {
  world = await createMetricWorld()
  writer = createPointWriter(world.ctx, { onStored: (points) => announceDeltas(world.ctx.bus, points) })
})
afterAll(async () => {
  await writer.close()
  await world.close()
})

const query = (text: string, tenant: Tenant) => world.ctx.db.pools.meta.query(text, [tenant.scope.id])
const countDeltas = async (tenant: Tenant) =>
  (await query('SELECT count(*)::int AS n FROM point_delta WHERE product_id = $1', tenant)).rows[0].n

async function send(tenant: Tenant, ...values: number[]): Promise<void> {
  const points = values.map((value, i) => ({ metric: 'm', value, timestamp: `2026-03-30T10:00:0${i}Z` }))
  const request = { body: Buffer.from(JSON.stringify(points)), contentType: 'application/json' }
  await ingest(world.ctx, writer, tenant.scope, request)
}

/** Resolves when nothing waits any more; a test that waits in vain is ended by its time limit. */
async function untilFolded(tenant: Tenant): Promise<void> {
  while ((await countDeltas(tenant)) > 0) await new Promise((resolve) => setImmediate(resolve))
}

test('what is committed is folded soon after, and the answer is the same before and after', async () => {
  const tenant = await world.createTenant()
  await send(tenant, 1, 2, 3.5)
  expect(await countDeltas(tenant)).toBe(1)
  expect((await ask(tenant)).total).toBe(6.5)
  const folder = createFolder(world.ctx, { delayMs: 0 })
  await send(tenant, 4)
  await untilFolded(tenant)
  expect((await ask(tenant)).total).toBe(10.5)
  await send(tenant, 5)
  await folder.close()
  expect((await ask(tenant)).total).toBe(15.5)
})

test('a flood is folded without waiting for the delay', async () => {
  const tenant = await world.createTenant()
  const folder = createFolder(world.ctx, { delayMs: 3_600_000, pointsMax: 3 })
  await send(tenant, 1, 2, 3)
  await untilFolded(tenant)
  await folder.close()
})

test('what a process leaves behind when it dies is found by the sweep of another', async () => {
  const tenant = await world.createTenant()
  await send(tenant, 7)
  const folder = createFolder(world.ctx, { delayMs: 0 })
  await folder.sweep()
  await untilFolded(tenant)
  await folder.flush()
  await folder.close()
  expect((await ask(tenant)).total).toBe(7)
})

test('DL-12: after a product has moved to another zone its days are those of the new one, and nothing is lost', async () => {
  const tenant = await world.createTenant('Europe/Berlin')
  await world.send(tenant, [
    { value: 1, at: '2026-03-29T22:30:00Z' },
    { value: 2, at: '2026-03-30T05:00:00Z' },
  ])
  const folder = createFolder(world.ctx)
  await folder.flush()
  const daily = async () => (await ask(tenant)).series[0]?.points.slice(-3).map(([, value]) => value)
  expect(await daily()).toEqual([null, 3, 0])
  await tenant.caller.product.update({ productId: tenant.productId, zone: 'UTC' })
  expect(await daily()).toEqual([1, 2, 0])
  await folder.flush()
  expect(await daily()).toEqual([1, 2, 0])
  const { rows } = await query('SELECT rollup_zone, rollup_built_to FROM product WHERE id = $1', tenant)
  expect(rows).toEqual([{ rollup_zone: 'UTC', rollup_built_to: null }])
  await folder.close()
})

test('IN-27: the nightly audit logs rollups that differ from their points, and the next fold has them right', async () => {
  const tenant = await world.createTenant()
  await send(tenant, 1, 2)
  const folder = createFolder(world.ctx)
  await folder.flush()
  await query('UPDATE rollup_day SET sum = sum + 1 WHERE product_id = $1', tenant)
  expect((await ask(tenant, { compare: 'none', seriesMax: 7 })).total).toBe(4)
  await migrateJobs(world.ctx.db.pools.meta, world.ctx.log)
  await auditTick.run(world.ctx)
  await runDueJobs(world.ctx, jobs)
  expect((await ask(tenant, { compare: 'none', seriesMax: 6 })).total).toBe(3)
  await folder.flush()
  const { rows } = await query('SELECT sum::float8 FROM rollup_day WHERE product_id = $1', tenant)
  expect(rows).toEqual([{ sum: 3 }])
  await folder.close()
})
