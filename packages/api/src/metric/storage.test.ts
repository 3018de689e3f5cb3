import { foldPoints } from '@trackable/db/points'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ColumnBuilder, ingest } from '../ingest/service'
import { findJob } from '../kernel/job'
import { deletePointsJob, sealDaysJob } from './jobs'
import { insertDeletion, removeMetric } from './repository-storage'
import type { QuerySpecInput } from './schema'
import { dropOldPartitions, sealDays } from './storage'
import { ask, createMetricWorld, type MetricWorld, NOW, type Sent, type Tenant } from './testing'
import { localDays } from './zone'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const at = (daysAgo: number, hours = 0) => new Date(Date.parse(NOW) - daysAgo * DAY_MS + hours * HOUR_MS).toISOString()

let world: MetricWorld
let tenant: Tenant

beforeAll(async () => {
  world = await createMetricWorld()
})
afterAll(() => world.close())

/** Two series of 60 days: one with a point an hour, one with a point a day. */
const history = (): Sent[] => [
  ...Array.from({ length: 60 * 24 }, (_, i) => ({ value: (i % 7) + 0.25, at: at(60, i), tags: { country: 'de' } })),
  ...Array.from({ length: 60 }, (_, i) => ({ value: i, at: at(60 - i, 1), tags: { country: 'fr' }, id: `day ${i}` })),
]

const fold = async () => {
  while ((await foldPoints(world.ctx.db.pools.meta, tenant.scope.id, localDays)).hasMore);
}

const QUESTIONS: Partial<QuerySpecInput>[] = [
  { range: { preset: '90d' }, groupBy: 'country' },
  { range: { preset: '90d' }, aggregation: 'last', granularity: 'week' },
  { range: { from: '2026-02-10', to: '2026-02-20' }, granularity: 'hour', groupBy: 'country' },
  { range: { preset: '90d' }, aggregation: 'p90', granularity: 'day' },
  { range: { preset: '90d' }, aggregation: 'unique', zone: 'Asia/Kolkata' },
]
const answers = () =>
  Promise.all(
    QUESTIONS.map(async (spec) => {
      const { series, total, edges, lastPointAt } = await ask(tenant, spec)
      return { series, total, edges, lastPointAt }
    }),
  )

const count = async (table: string) => {
  const { rows } = await world.ctx.db.pools.meta.query<{ n: number }>(
    `SELECT count(*)::int4 AS n FROM ${table} WHERE product_id = $1`,
    [tenant.scope.id],
  )
  return rows[0]?.n
}

async function tellTenant(points: Sent[]) {
  const body = points.map(({ metric = 'm', at: timestamp, ...point }) => ({ metric, timestamp, ...point }))
  const request = { body: Buffer.from(JSON.stringify(body)), contentType: 'application/json' }
  return (await ingest(world.ctx, world.writer, tenant.scope, request)).result
}

test('P10: sealing changes no answer, with late, repeated and folded points alike', async () => {
  tenant = await world.createTenant()
  await world.send(tenant, history())
  const before = await answers()
  expect(await sealDays(world.ctx, tenant.scope)).toMatchObject({ isDone: true })
  expect(await count('point')).toBeLessThan(300)
  expect(await answers()).toEqual(before)
  await fold()
  expect(await answers()).toEqual(before)
  // A retry of what is packed is a duplicate; what is late is added beside it, and packed with it the next night.
  expect(await tellTenant(history().slice(-60))).toMatchObject({ accepted: 0, duplicates: 60 })
  expect(await answers()).toEqual(before)
  await world.send(tenant, [{ value: 1000, at: at(50, 1.5), tags: { country: 'de' } }])
  const after = await answers()
  expect(after[0]?.total).toBe((before[0]?.total ?? 0) + 1000)
  await sealDaysJob.run(world.ctx, { productId: tenant.productId }, { number: 1, max: 5 })
  expect(await answers()).toEqual(after)
  await fold()
  expect(await answers()).toEqual(after)
})

test('DL-04: raw points past their retention go, days stay, and answers across the edge are right and labelled', async () => {
  const { caller, productId } = tenant
  const daily = { range: { preset: '90d' } as const, groupBy: 'country' }
  const before = await ask(tenant, daily)
  const plan = await caller.metric.retentionDryRun({ productId, metric: 'm', days: 20 })
  expect(plan.points).toBeGreaterThan(900)
  expect(plan.before.toISOString()).toBe('2026-03-10T23:00:00.000Z')
  // Of the product it is what the metrics have that say nothing themselves.
  expect(await caller.metric.retentionDryRun({ productId, days: 20 })).toEqual(plan)
  await caller.metric.update({ productId, metric: 'm', retentionDays: 20 })
  expect(await caller.metric.retentionDryRun({ productId, days: 20 })).toMatchObject({ points: 0, bytes: 0 })
  await sealDaysJob.run(world.ctx, { productId }, { number: 1, max: 5 })
  const { points } = await caller.metric.retentionDryRun({ productId, metric: 'm', days: 20 })
  // Of the packs that the edge cuts, what lies before it goes with the rest of them.
  expect(points).toBeLessThan(24 + 16)

  expect(await ask(tenant, daily)).toMatchObject({ series: before.series, total: before.total, warnings: [] })
  const range = { from: '2026-03-10', to: '2026-03-11' }
  const hourly = await ask(tenant, { range, granularity: 'hour' })
  expect(hourly.series[0]?.points.slice(0, 24).every(([, value]) => value === null)).toBe(true)
  expect(hourly.series[0]?.points.slice(24).every(([, value]) => value !== null)).toBe(true)
  // The whole range is whole days, so its total is known.
  expect(hourly.total).toBe((await ask(tenant, { range, granularity: 'day' })).total)
  expect(hourly.warnings).toMatchObject([{ code: 'beyond_retention' }])
  const p90 = await ask(tenant, { range, granularity: 'day', aggregation: 'p90' })
  expect(p90.series[0]?.points.map(([, value]) => value === null)).toEqual([true, false])
  expect(p90.total).toBe(null)

  // Writers remember a setting for a minute; it has an effect at night.
  world.ctx.clock.advance(61_000)
  const late = await tellTenant([
    { value: 1, at: at(40) },
    { value: 1, at: at(3), tags: { country: 'de' } },
  ])
  expect(late).toMatchObject({ accepted: 1, rejected: [{ index: 0, code: 'beyond_retention' }] })
  await fold()
  expect((await ask(tenant, daily)).total).toBe((before.total ?? 0) + 1)

  // Nothing brings the dropped ones back: not even a longer retention.
  await caller.metric.update({ productId, metric: 'm', retentionDays: null })
  world.ctx.clock.advance(61_000)
  expect(await tellTenant([{ value: 1, at: at(40) }])).toMatchObject({ accepted: 0 })
  expect((await ask(tenant, daily)).total).toBe((before.total ?? 0) + 1)
  expect(await dropOldPartitions(world.ctx)).toEqual(['p_2026_01'])
})

test('IN-27: what is left after a range was deleted is what would have been without it, packed or not, folded or not', async () => {
  const rest = (from: string, to: string) =>
    history().filter((point) => !(point.tags?.country === 'de' && point.at >= from && point.at < to))
  const [from, to] = [at(45, 3), at(10, 5)]
  tenant = await world.createTenant()
  await world.send(tenant, rest(from, to))
  const wanted = await answers()
  for (const isSealed of [false, true]) {
    tenant = await world.createTenant()
    await world.send(tenant, history())
    if (isSealed) await sealDays(world.ctx, tenant.scope)
    await fold()
    const { caller, productId } = tenant
    const input = { productId, metric: 'm', from, to, filters: [{ tag: 'country', op: 'is' as const, values: ['de'] }] }
    const gone = history().length - rest(from, to).length
    expect(await caller.metric.deletePoints(input)).toMatchObject({ id: null, points: gone, series: 1, isDone: false })
    const done = await caller.metric.deletePoints({ ...input, dryRun: false })
    expect(done).toMatchObject({ points: gone, deleted: gone, isDone: true })
    expect(await answers()).toEqual(wanted)
    await fold()
    expect(await answers()).toEqual(wanted)
    expect(await caller.metric.deletions({ productId })).toMatchObject([{ metric: 'm', deleted: gone, isDone: true }])
  }
})

test('IN-27: a correction of a packed day counts as if the day had never been packed', async () => {
  const gauge = (value: number) => {
    const builder = new ColumnBuilder(48, 0, (index) => `/${index}`, 'overwrite')
    for (let i = 0; i < 48; i++) builder.add(i, 'm', '{"country":"de"}', Date.parse(at(20, i)), value + i, undefined)
    return builder.finish()
  }
  tenant = await world.createTenant()
  await world.writer.write(tenant.scope, gauge(7))
  const wanted = await answers()
  tenant = await world.createTenant()
  await world.writer.write(tenant.scope, gauge(1))
  await fold()
  await sealDays(world.ctx, tenant.scope)
  expect(await count('point')).toBe(0)
  expect(await world.writer.write(tenant.scope, gauge(1))).toMatchObject({ rejected: [] })
  await world.writer.write(tenant.scope, gauge(7))
  expect(await count('point')).toBe(48)
  expect(await answers()).toEqual(wanted)
  await sealDays(world.ctx, tenant.scope)
  await fold()
  expect(await count('point')).toBe(0)
  expect(await answers()).toEqual(wanted)
})

test('a deleted metric is gone at once with all that was derived, and its name begins anew', async () => {
  tenant = await world.createTenant()
  const { caller, productId } = tenant
  await world.send(tenant, history())
  await sealDays(world.ctx, tenant.scope)
  await fold()
  const done = await caller.metric.delete({ productId, metric: 'm', dryRun: false })
  expect(done).toMatchObject({ series: 2, isDone: true })
  expect(await caller.metric.list({ productId })).toEqual([])
  for (const table of ['point', 'point_pack', 'rollup_day', 'rollup_quarter', 'dirty_quarter']) {
    expect(await count(table), table).toBe(0)
  }
  await world.send(tenant, [{ value: 5, at: at(1) }])
  expect((await ask(tenant, { range: { preset: '90d' } })).total).toBe(5)
})

test('a deletion whose process died is ended by its job, which comes once more for what was on its way', async () => {
  tenant = await world.createTenant()
  const { caller, productId, scope } = tenant
  const { prisma, pools } = world.ctx.db
  await world.send(tenant, history())
  await fold()
  await world.send(tenant, [{ value: 1, at: at(1), tags: { country: 'de' } }])
  await sealDays(world.ctx, scope)
  const { id: metricId } = await prisma.metric.findFirstOrThrow({ where: { productId: scope.id } })
  const deletion = {
    id: 'del_1',
    metric: 'm',
    fromMs: null,
    toMs: null,
    points: 1500,
    createdAt: world.ctx.clock.now(),
  }
  await prisma.$transaction(async (tx) => {
    const seriesIds = (await removeMetric(tx, scope, metricId)) ?? []
    await insertDeletion(tx, scope, { ...deletion, seriesIds })
  })
  expect(await caller.metric.deletions({ productId })).toMatchObject([{ id: 'del_1', deleted: 0, isDone: false }])
  const attempt = { number: 1, max: 5 }
  await deletePointsJob.run(world.ctx, { productId, deletionId: 'del_1', isSweep: false }, attempt)
  expect(await caller.metric.deletions({ productId })).toMatchObject([{ deleted: 1501, isDone: true }])
  expect(await findJob(pools.meta, 'sweep:del_1')).toEqual({ isDead: false, lastError: null })
  // A fold that had begun before brings rollups of series that are gone.
  await fold()
  expect(await count('rollup_day')).toBeGreaterThan(0)
  await deletePointsJob.run(world.ctx, { productId, deletionId: 'del_1', isSweep: true }, attempt)
  for (const table of ['point', 'point_pack', 'rollup_day']) expect(await count(table), table).toBe(0)
})
