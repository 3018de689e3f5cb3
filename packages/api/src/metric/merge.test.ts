import { afterAll, beforeAll, expect, test } from 'vitest'
import { ingest } from '../ingest/service'
import { createPointWriter, type PointWriter } from '../ingest/writer'
import { createOtherTenant, refusalOf } from '../testing'
import { ask, createMetricWorld, type MetricWorld, type Tenant } from './testing'

let world: MetricWorld
let tenant: Tenant

beforeAll(async () => {
  world = await createMetricWorld()
})
afterAll(() => world.close())

const total = async (metric: string, aggregation: 'sum' | 'count' = 'sum') =>
  (await ask(tenant, { metric, aggregation, range: { preset: '30d' } })).total

const byCountry = async (metric: string) => {
  const { series } = await ask(tenant, { metric, groupBy: 'country', range: { preset: '30d' } })
  return Object.fromEntries(series.map((one) => [one.label, one.total]))
}

const names = async () => (await tenant.caller.metric.list({ productId: tenant.productId })).map((one) => one.name)

test('DL-12: two merged metrics answer what they had together, and old names, senders and retries reach the one', async () => {
  tenant = await world.createTenant()
  const { productId, caller } = tenant
  const named = { metric: 'signup', value: 7, at: '2026-03-30T08:00:00Z', tags: { country: 'de' }, id: 'a' }
  await world.send(tenant, [
    named,
    { metric: 'signup', value: 2, at: '2026-03-30T09:00:00Z', tags: { country: 'fr' } },
    { metric: 'signups', value: 40, at: '2026-03-30T08:00:00Z', tags: { country: 'de' } },
  ])
  const before = { sum: ((await total('signup')) ?? 0) + ((await total('signups')) ?? 0), count: 3 }
  const plan = await caller.metric.merge({ productId, from: 'signup', into: 'signups' })
  expect(plan).toEqual({ series: 2, points: 2 })
  expect(await names()).toEqual(['signup', 'signups'])
  await caller.metric.merge({ productId, from: 'signup', into: 'signups', dryRun: false })
  expect(await names()).toEqual(['signups'])
  expect({ sum: await total('signups'), count: await total('signups', 'count') }).toEqual(before)
  expect(await total('signup')).toBe(before.sum)
  expect(await byCountry('signups')).toEqual({ de: 47, fr: 2 })

  // The sender knows nothing of it: a retry is a duplicate, and what is new is added.
  await world.send(tenant, [named, { ...named, id: 'b' }, { ...named, tags: { country: 'it' }, id: 'c' }])
  expect(await byCountry('signups')).toEqual({ de: 54, fr: 2, it: 7 })
  expect(await names()).toEqual(['signups'])
  expect((await caller.metric.get({ productId, metric: 'signup' })).formerNames).toEqual(['signup'])
})

test('DL-12: a merged metric that is merged again is still reached under both of its former names', async () => {
  tenant = await world.createTenant()
  const { productId, caller } = tenant
  const point = { value: 1, at: '2026-03-30T08:00:00Z', tags: { country: 'de' }, id: 'a' }
  await world.send(tenant, [
    { ...point, metric: 'a' },
    { ...point, metric: 'b', tags: { country: 'fr' } },
    { ...point, metric: 'c', value: 10 },
  ])
  await caller.metric.merge({ productId, from: 'a', into: 'b', dryRun: false })
  await caller.metric.merge({ productId, from: 'b', into: 'c', dryRun: false })
  await world.send(tenant, [
    { ...point, metric: 'a' },
    { ...point, metric: 'b', tags: { country: 'fr' } },
    { ...point, metric: 'c', value: 10 },
  ])
  expect(await byCountry('c')).toEqual({ de: 11, fr: 1 })
  await caller.metric.rename({ productId, metric: 'c', to: 'd' })
  await world.send(tenant, [{ ...point, metric: 'a' }])
  expect([await total('a'), await total('b'), await total('c'), await total('d')]).toEqual([12, 12, 12, 12])
  expect(await names()).toEqual(['d'])
})

test('DL-12: while two processes send, metrics are merged, renamed and deleted, and no acknowledged point is lost or counted twice', async () => {
  tenant = await world.createTenant()
  const { productId, caller } = tenant
  const writers = [world.writer, createPointWriter(world.ctx)]
  const stop = { now: false }
  let accepted = 0
  const send = async (writer: PointWriter, metric: string, n: number) => {
    for (let i = 0; !stop.now; i++) {
      const points = [0, 1, 2].map((j) => ({
        metric,
        value: 1,
        timestamp: '2026-03-30T08:00:00Z',
        tags: { country: `c${(i + j) % 4}` },
        ...(n % 2 ? { id: `${n}:${i}:${j}` } : {}),
      }))
      const request = { body: Buffer.from(JSON.stringify(points)), contentType: 'application/json' }
      const { result } = await ingest(world.ctx, writer, tenant.scope, request)
      expect(result.rejected).toEqual([])
      accepted += result.accepted
    }
  }
  const senders = writers.flatMap((writer, w) => ['old', 'new'].map((name, i) => send(writer, name, 2 * w + i)))
  const sum = async () => await total('new', 'count')
  while ((await names()).length < 2 || accepted < 12);
  await caller.metric.merge({ productId, from: 'old', into: 'new', dryRun: false })
  for (const to of ['renamed', 'new']) await caller.metric.rename({ productId, metric: 'new', to })
  while (accepted < 120) await sum()
  stop.now = true
  await Promise.all(senders)
  expect(await names()).toEqual(['new'])
  expect(await sum()).toBe(accepted)

  // After the answer to the deletion nothing that is acknowledged goes into what is deleted, whoever remembers its ids.
  await caller.metric.delete({ productId, metric: 'new', dryRun: false })
  accepted = 0
  stop.now = false
  const again = writers.map((writer, w) => send(writer, 'new', w))
  while (accepted < 30) await names()
  stop.now = true
  await Promise.all(again)
  expect(await sum()).toBe(accepted)
  await writers[1]?.close()
})

test('AZ-02: nobody merges a metric with one of another team', async () => {
  const other = await createOtherTenant(world.ctx)
  const input = { productId: other.product.id, from: 'a', into: 'd', dryRun: false }
  expect((await refusalOf(tenant.caller.metric.merge(input))).code).toBe('not_found')
})
