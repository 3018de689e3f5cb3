import { openDatabase } from '@trackable/db'
import superjson from 'superjson'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { addMember, callerFor, createOtherTenant, refusalOf, type TestContext } from '../testing'
import type { QueryResult } from './schema'
import { ask, createMetricWorld, type MetricWorld, NOW, type Sent, type Tenant } from './testing'

let world: MetricWorld
let ctx: TestContext
const createTenant = (zone?: string) => world.createTenant(zone)
const send = (tenant: Tenant, points: Sent[]) => world.send(tenant, points)

beforeAll(async () => {
  world = await createMetricWorld()
  ctx = world.ctx
})

afterAll(() => world.close())

const values = (result: QueryResult, i = 0) => result.series[i]?.points.map(([, value]) => value)

test('OV-06: a question that the database gives up on is refused with advice, and no failure of ours', async () => {
  const tenant = await createTenant()
  await send(tenant, [{ value: 1, at: '2026-03-30T10:00:00Z' }])
  const hasty = openDatabase(ctx.db.url, { queryTimeoutMs: 50 })
  const locker = await ctx.db.pools.writer.connect()
  await locker.query('BEGIN')
  await locker.query('LOCK TABLE point IN ACCESS EXCLUSIVE MODE')
  const question = { metric: 'm', aggregation: 'sum' as const, range: { preset: '7d' as const } }
  const asked = callerFor({ ...ctx, db: hasty }, tenant.owner).metric.query({
    productId: tenant.productId,
    spec: question,
  })
  expect(await refusalOf(asked)).toMatchObject({ code: 'query_too_large' })
  await locker.query('ROLLBACK')
  locker.release()
  await hasty.close()
})

describe('a query', () => {
  test.each(['constructor', 'prototype', '__proto__', 'toString', 'plan'])(
    'IN-08: an answer grouped by the tag "%s" can be sent, and names its groups',
    async (tag) => {
      const tenant = await createTenant()
      await send(tenant, [
        { value: 1, at: '2026-03-30T10:00:00Z', tags: { [tag]: 'a' } },
        { value: 2, at: '2026-03-30T10:00:00Z', tags: { [tag]: 'b' } },
      ])
      const result = await ask(tenant, { groupBy: tag })
      const sent = superjson.parse<QueryResult>(superjson.stringify(result))
      expect(sent.series.map(({ label, total }) => [label, total])).toEqual([
        ['b', 2],
        ['a', 1],
      ])
      // The tag's name heads a table, and with the value it decides about the colour.
      const [[name, value] = []] = Object.entries(sent.series[0]?.tags ?? {})
      expect([name?.replace('\u2060', ''), value]).toEqual([tag, 'b'])
    },
  )

  test('IN-26: sums per day of the zone add up to the sum of the range, over a day of 23 hours', async () => {
    const tenant = await createTenant()
    // Every half hour from Saturday to Monday in Berlin; the clocks changed on Sunday the 29th.
    const start = Date.parse('2026-03-27T23:00:00Z')
    const points = Array.from({ length: 2 * 71 }, (_, i) => ({
      value: 0.1,
      at: new Date(start + i * 1_800_000).toISOString(),
    }))
    await send(tenant, points)
    const result = await ask(tenant, { range: { from: '2026-03-28', to: '2026-03-30' } })
    expect(values(result)).toEqual([4.8, 4.6, 4.8])
    expect(result.total).toBe(14.2)
    expect(result.series[0]?.total).toBe(14.2)
  })

  test('an average is that of the points and not of the buckets', async () => {
    const tenant = await createTenant()
    await send(tenant, [
      { value: 1, at: '2026-03-29T10:00:00Z' },
      { value: 1, at: '2026-03-29T11:00:00Z' },
      { value: 10, at: '2026-03-30T10:00:00Z' },
    ])
    const result = await ask(tenant, { aggregation: 'avg' })
    expect(values(result)?.slice(-3)).toEqual([1, 10, null])
    expect(result.total).toBe(4)
  })

  test('what was not measured is a gap; sums and counts are zero only since the first point', async () => {
    const tenant = await createTenant()
    await send(tenant, [
      { value: 5, at: '2026-03-27T10:00:00Z' },
      { value: 7, at: '2026-03-29T10:00:00Z' },
    ])
    expect(values(await ask(tenant))).toEqual([null, null, 5, 0, 7, 0, 0])
    expect(values(await ask(tenant, { aggregation: 'count' }))).toEqual([null, null, 1, 0, 1, 0, 0])
    for (const aggregation of ['avg', 'min', 'max', 'last'] as const) {
      expect(values(await ask(tenant, { aggregation }))).toEqual([null, null, 5, null, 7, null, null])
    }
    const future = await ask(tenant, { range: { from: '2026-03-31', to: '2026-04-02' } })
    expect(values(future)).toEqual([0, null, null])
    expect(await ask(tenant, { range: { from: '2026-01-01', to: '2026-01-02' } })).toMatchObject({ total: null })
    expect(await ask(tenant, { range: { from: '2026-03-30', to: '2026-03-30' } })).toMatchObject({ total: 0 })
  })

  test('says when it was asked, which bucket still grows, and when the last point was', async () => {
    const tenant = await createTenant()
    await send(tenant, [{ value: 1, at: '2026-03-30T10:00:00.5Z' }])
    const result = await ask(tenant)
    expect(result.asOf).toBe(Date.parse(NOW))
    expect(result.unfinishedFrom).toBe(Date.parse('2026-03-30T22:00:00Z'))
    expect(result.lastPointAt).toBe(Date.parse('2026-03-30T10:00:00.5Z'))
    expect(result.edges).toHaveLength(8)
    expect(await ask(tenant, { range: { preset: 'last_week' } })).toMatchObject({ unfinishedFrom: null })
  })

  test('filters: is, is_not and a missing tag', async () => {
    const tenant = await createTenant()
    const at = '2026-03-30T10:00:00Z'
    await send(tenant, [
      { value: 1, at, tags: { plan: 'solo' } },
      { value: 10, at, tags: { plan: 'team' } },
      { value: 100, at },
    ])
    const total = async (op: 'is' | 'is_not', tagValues: string[]) =>
      (await ask(tenant, { filters: [{ tag: 'plan', op, values: tagValues }] })).total
    expect(await total('is', ['solo'])).toBe(1)
    expect(await total('is', ['solo', 'team'])).toBe(11)
    expect(await total('is_not', ['solo'])).toBe(110)
  })

  test('all begins with the first point, and a metric of nothing but filters is empty', async () => {
    const tenant = await createTenant()
    await send(tenant, [{ value: 1, at: '2025-12-31T23:30:00Z' }])
    const result = await ask(tenant, { range: { preset: 'all' }, granularity: 'auto' })
    expect(new Date(result.from).toISOString()).toBe('2025-12-31T23:00:00.000Z')
    expect(result.granularity).toBe('day')
    expect(result.total).toBe(1)
  })
})

describe('groups', () => {
  async function createGroups(): Promise<Tenant> {
    const tenant = await createTenant()
    const at = '2026-03-30T10:00:00Z'
    await send(tenant, [
      ...Array.from({ length: 12 }, (_, i) => ({
        value: i + 0.1,
        at,
        tags: { country: `c${String(i).padStart(2, '0')}` },
      })),
      { value: -50, at, tags: { country: 'refunds' } },
      { value: 3.5, at },
    ])
    return tenant
  }

  test('IN-25: the largest by size stand alone, the rest is added up exactly', async () => {
    const tenant = await createGroups()
    const result = await ask(tenant, { groupBy: 'country', seriesMax: 3 })
    expect(result.series.map(({ label, total, isOther }) => [label, total, isOther])).toEqual([
      ['refunds', -50, false],
      ['c11', 11.1, false],
      ['c10', 10.1, false],
      ['Other', 49.5, true],
    ])
    expect(result.total).toBe(20.7)
    expect(values(result, 3)?.at(-2)).toBe(49.5)
  })

  test('a missing tag is a group, and every key is the same whatever else is shown', async () => {
    const tenant = await createGroups()
    const all = await ask(tenant, { groupBy: 'country', seriesMax: 50 })
    expect(all.series).toHaveLength(14)
    const none = all.series.find(({ label }) => label === '(none)')
    expect(none).toMatchObject({ total: 3.5, tags: {} })
    expect(all.series[1]).toMatchObject({ label: 'c11', tags: { country: 'c11' } })
    const some = await ask(tenant, { groupBy: 'country', seriesMax: 3 })
    expect(some.series[1]?.key).toBe(all.series[1]?.key)
    expect(new Set(all.series.map(({ key }) => key)).size).toBe(14)
  })

  test('an average of the rest is that of its points', async () => {
    const tenant = await createTenant()
    const at = '2026-03-30T10:00:00Z'
    const point = (value: number, country: string) => ({ value, at, tags: { country } })
    await send(tenant, [point(100, 'a'), point(1, 'b'), point(1, 'b'), point(4, 'c')])
    const result = await ask(tenant, { aggregation: 'avg', groupBy: 'country', seriesMax: 1 })
    expect(result.series.map(({ label, total }) => [label, total])).toEqual([
      ['a', 100],
      ['Other', 2],
    ])
  })

  test('a value that arrives between counting and reading is shown or in the rest, and never left out', async () => {
    const tenant = await createTenant()
    const at = '2026-03-30T10:00:00Z'
    const point = (value: number, country: string) => ({ value, at, tags: { country } })
    await send(tenant, [point(10, 'a'), point(20, 'b')])
    const { query: pool } = ctx.db.pools
    const run = pool.query.bind(pool) as (...args: unknown[]) => Promise<unknown>
    let isFirst = true
    const spy = vi.spyOn(pool, 'query').mockImplementation((async (...args: unknown[]) => {
      const { text = args[0] } = args[0] as { text?: string }
      if (isFirst && String(text).includes('width_bucket')) {
        isFirst = false
        await send(tenant, [point(5, 'c'), point(3, 'd')])
      }
      return run(...args)
    }) as typeof pool.query)
    const result = await ask(tenant, { groupBy: 'country', seriesMax: 3 })
    spy.mockRestore()
    expect(isFirst).toBe(false)
    expect(result.total).toBe(38)
    expect(result.series.map(({ label, total }) => [label, total])).toEqual([
      ['b', 20],
      ['a', 10],
      ['c', 5],
      ['Other', 3],
    ])
  })

  test('a tag that no series has makes one group', async () => {
    const tenant = await createGroups()
    const result = await ask(tenant, { groupBy: 'nope' })
    expect(result.series.map(({ label }) => label)).toEqual(['(none)'])
  })
})

describe('compare', () => {
  test('is the same elapsed part of the period before, in the same groups', async () => {
    const tenant = await createTenant()
    const point = (value: number, at: string, country: string) => ({ value, at, tags: { country } })
    await send(tenant, [
      point(1, '2026-03-31T10:00:00Z', 'de'),
      point(2, '2026-03-30T10:00:00Z', 'de'),
      point(4, '2026-03-30T10:59:00Z', 'fr'),
      // Yesterday after 13:00, which today has not come to yet.
      point(8, '2026-03-30T11:01:00Z', 'de'),
    ])
    const spec = {
      range: { preset: 'today' as const },
      granularity: 'hour' as const,
      compare: 'previous_period' as const,
    }
    const result = await ask(tenant, spec)
    expect(result.total).toBe(1)
    expect(result.compare?.total).toBe(6)
    expect(result.compare?.edges).toHaveLength(result.edges.length - 1)
    const grouped = await ask(tenant, { ...spec, groupBy: 'country', seriesMax: 1 })
    expect(grouped.series.map(({ label, total }) => [label, total])).toEqual([['de', 1]])
    expect(grouped.compare?.series.map(({ label, total }) => [label, total])).toEqual([
      ['de', 2],
      ['Other', 4],
    ])
  })

  test('of what has not begun is nothing', async () => {
    const tenant = await createTenant()
    await send(tenant, [{ value: 1, at: '2026-03-30T10:00:00Z' }])
    const result = await ask(tenant, { range: { from: '2026-04-02', to: '2026-04-03' }, compare: 'previous_period' })
    expect(result).toMatchObject({ total: null, compare: null })
  })

  test('of everything is nothing', async () => {
    const tenant = await createTenant()
    await send(tenant, [{ value: 1, at: '2026-03-30T10:00:00Z' }])
    const result = await ask(tenant, { range: { preset: 'all' }, compare: 'previous_period' })
    expect(result.compare).toBeNull()
  })
})

describe('what is refused', () => {
  test('IN-25: an unknown metric is told which was meant', async () => {
    const tenant = await createTenant()
    await send(tenant, [{ metric: 'Sign-ups', value: 1, at: NOW }])
    await expect(ask(tenant, { metric: 'signups' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no metric "signups" in this product. Did you mean "Sign-ups"?',
    })
  })

  test('IN-25: an unknown zone, too many series, filters or buckets', async () => {
    const tenant = await createTenant()
    await send(tenant, [{ value: 1, at: NOW }])
    await expect(ask(tenant, { zone: 'Mars/Olympus' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(ask(tenant, { zone: '+02:00' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(ask(tenant, { seriesMax: 51 })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(ask(tenant, { range: { preset: '12m' }, granularity: 'hour' })).rejects.toThrow('Use "day"')
    expect((await ask(tenant, { zone: 'Asia/Kathmandu' })).zone).toBe('Asia/Kathmandu')
  })

  test('AZ-01: every procedure refuses the product of another team with the words for none at all', async () => {
    const tenant = await createTenant()
    const { owner, product } = await createOtherTenant(ctx)
    await send(tenant, [{ value: 1, at: NOW }])
    const { metric } = callerFor(ctx, owner)
    for (const productId of [tenant.productId, 'prd_none']) {
      const ref = { productId, metric: 'm' }
      const spec = { metric: 'm', aggregation: 'sum' as const, range: { preset: '7d' as const } }
      for (const attempt of [
        () => metric.list({ productId }),
        () => metric.tags(ref),
        () => metric.query({ productId, spec }),
        () => metric.update({ ...ref, unit: 'x' }),
        () => metric.onStored({ productId }),
      ]) {
        await expect(attempt()).rejects.toThrow('There is no such product.')
      }
    }
    // In one's own product the other's metric does not exist.
    await expect(metric.tags({ productId: product.id, metric: 'm' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await metric.list({ productId: product.id })).toEqual([])
  })
})

describe('the catalogue', () => {
  test('lists metrics with their series and their latest point, and their tags with values', async () => {
    const tenant = await createTenant()
    await send(tenant, [
      { metric: 'b', value: 1, at: '2026-03-30T10:00:00Z', tags: { plan: 'solo', country: 'de' } },
      { metric: 'b', value: 1, at: '2026-03-29T10:00:00Z', tags: { plan: 'team' } },
      { metric: 'a', value: 1, at: NOW },
    ])
    const list = await tenant.caller.metric.list({ productId: tenant.productId })
    expect(list.map(({ name, seriesCount, lastPointAt }) => [name, seriesCount, lastPointAt?.toISOString()])).toEqual([
      ['a', 1, '2026-03-31T11:00:00.000Z'],
      ['b', 2, '2026-03-30T10:00:00.000Z'],
    ])
    expect(await tenant.caller.metric.tags({ productId: tenant.productId, metric: 'b' })).toEqual([
      { tag: 'country', values: ['de'], valueCount: 1 },
      { tag: 'plan', values: ['solo', 'team'], valueCount: 2 },
    ])
  })

  test('an editor describes a metric, a viewer does not', async () => {
    const tenant = await createTenant()
    await send(tenant, [{ value: 1, at: NOW }])
    const change = { productId: tenant.productId, metric: 'm', unit: '€', defaultAggregation: 'avg' as const }
    const viewer = callerFor(ctx, await addMember(ctx, tenant.owner, 'viewer'))
    await expect(viewer.metric.update(change)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const changed = await tenant.caller.metric.update(change)
    expect(changed).toMatchObject({ name: 'm', unit: '€', defaultAggregation: 'avg', seriesCount: 1 })
    expect((await ask(tenant)).unit).toBe('€')
    await tenant.caller.metric.update({ productId: tenant.productId, metric: 'm', description: 'Money' })
    expect((await viewer.metric.list({ productId: tenant.productId }))[0]).toMatchObject({
      unit: '€',
      description: 'Money',
    })
  })
})
