import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf } from '../testing'
import { SPARK_DAYS } from './catalogue-schema'
import { createFolder } from './rollup'
import { ask, createMetricWorld, type MetricWorld, NOW, type Sent, type Tenant } from './testing'

let world: MetricWorld
let folder: ReturnType<typeof createFolder>
beforeAll(async () => {
  world = await createMetricWorld()
  // Only when a test says so: a rhythm is learned from what is rolled up.
  folder = createFolder(world.ctx, { delayMs: 1e9, sweepMs: 1e9 })
})
afterAll(async () => {
  await folder.close()
  await world.close()
})

const now = Date.parse(NOW)
const at = (agoMs: number) => new Date(now - agoMs).toISOString()
const HOUR = 3_600_000
const DAY = 24 * HOUR

const catalogueOf = (tenant: Tenant, query: Partial<Parameters<Tenant['caller']['metric']['catalogue']>[0]> = {}) =>
  tenant.caller.metric.catalogue({ productId: tenant.productId, ...query })

const namesOf = async (tenant: Tenant, query: Parameters<typeof catalogueOf>[1]) =>
  (await catalogueOf(tenant, query)).entries.map(({ name }) => name)

/** One value every hour for ten days, the last one `lateMs` ago. */
const hourly = (metric: string, lateMs: number): Sent[] =>
  Array.from({ length: 240 }, (_, i) => ({ metric, value: 1, at: at(lateMs + i * HOUR) }))

describe('the catalogue', () => {
  test('MT-1, MT-7: each metric comes with its last value, its rhythm, its days and its tags', async () => {
    const tenant = await world.createTenant()
    await world.send(tenant, hourly('orders', 10 * 60_000).slice(1))
    await folder.flush()
    // What is not rolled up yet counts all the same.
    await world.send(tenant, [
      ...hourly('orders', 10 * 60_000).slice(0, 1),
      { metric: 'stock', value: 7, at: at(2 * DAY), tags: { place: 'Bonn' } },
      { metric: 'stock', value: 9, at: at(5_000), tags: { place: 'Köln', floor: '1' } },
    ])
    const { entries, total, counts } = await catalogueOf(tenant)
    expect(counts).toEqual({ shown: 2, hidden: 0, late: 0, series: 3 })
    expect(total).toBe(2)
    const [orders, stock] = entries
    expect(orders).toMatchObject({ name: 'orders', lastValue: 1, seriesCount: 1, tags: [], isCadenceDeclared: false })
    expect(orders?.cadenceMs).toBeCloseTo(HOUR, -3)
    expect(orders?.spark).toHaveLength(SPARK_DAYS)
    // Berlin is at 13:00, so today has thirteen; the day before yesterday lost an hour to summer time.
    expect(orders?.spark.slice(-3)).toEqual([23, 24, 13])
    expect(stock).toMatchObject({ lastValue: 9, lastPointAt: new Date(at(5_000)), cadenceMs: null, lateAfterMs: null })
    expect(stock?.spark.slice(-3)).toEqual([7, null, 9])
    expect(stock?.tags).toEqual([
      { tag: 'floor', valueCount: 1 },
      { tag: 'place', valueCount: 2 },
    ])
  })

  test('MT-7: a metric is late against its own rhythm, and against a declared one', async () => {
    const tenant = await world.createTenant()
    await world.send(tenant, [...hourly('steady', HOUR), ...hourly('silent', 5 * HOUR)])
    await folder.flush()
    expect(await namesOf(tenant, { isLate: true })).toEqual(['silent'])
    const { productId } = tenant
    await tenant.caller.metric.update({ productId, metric: 'silent', cadenceS: 6 * 3600 })
    await tenant.caller.metric.update({ productId, metric: 'steady', cadenceS: 60 })
    const { entries, counts } = await catalogueOf(tenant, { isLate: true })
    expect(entries).toMatchObject([{ name: 'steady', cadenceMs: 60_000, isCadenceDeclared: true }])
    expect(counts.late).toBe(1)
  })

  test('MT-7: events that each bring their own tags teach the rhythm of the metric, series that report together that of a series', async () => {
    const tenant = await world.createTenant()
    // Forty series, one point of one of them every hour: each series alone is seen every forty hours.
    const events = Array.from({ length: 480 }, (_, i) => ({
      metric: 'events',
      value: 1,
      at: at(i * HOUR),
      tags: { n: String((i * 7) % 40) },
    }))
    const batch = Array.from({ length: 30 }, (_, day) =>
      Array.from({ length: 10 }, (_, n) => ({
        metric: 'batch',
        value: 1,
        at: at(day * DAY + n * 500),
        tags: { n: String(n) },
      })),
    ).flat()
    await world.send(tenant, [...events, ...batch])
    await folder.flush()
    const cadences = new Map((await catalogueOf(tenant)).entries.map(({ name, cadenceMs }) => [name, cadenceMs]))
    expect((cadences.get('events') ?? 0) / HOUR).toBeGreaterThan(0.8)
    expect((cadences.get('events') ?? 0) / HOUR).toBeLessThan(2)
    expect(cadences.get('batch')).toBeCloseTo(DAY, -4)
  })

  test('MT-1: search looks into names, display names, descriptions and tags; hidden metrics stand apart; order and pages hold', async () => {
    const tenant = await world.createTenant()
    const { productId } = tenant
    await world.send(tenant, [
      { metric: 'b.two', value: 1, at: at(1_000), tags: { region: 'North' } },
      { metric: 'a.one', value: 1, at: at(3_000) },
      { metric: 'c.three', value: 1, at: at(2_000) },
      { metric: 'c.three', value: 1, at: at(2_000), tags: { x: '1' } },
    ])
    await tenant.caller.metric.update({
      productId,
      metric: 'a.one',
      displayName: 'Zebra',
      description: 'striped',
      kind: 'gauge',
    })
    expect(await namesOf(tenant, { find: 'NORTH' })).toEqual(['b.two'])
    expect(await namesOf(tenant, { find: 'zeb' })).toEqual(['a.one'])
    expect(await namesOf(tenant, { find: 'stripe' })).toEqual(['a.one'])
    expect(await namesOf(tenant, { find: '%' })).toEqual([])
    expect(await namesOf(tenant, { kind: 'gauge' })).toEqual(['a.one'])
    expect(await namesOf(tenant, {})).toEqual(['b.two', 'c.three', 'a.one'])
    expect(await namesOf(tenant, { sort: 'lastPoint', isDescending: true })).toEqual(['b.two', 'c.three', 'a.one'])
    expect((await namesOf(tenant, { sort: 'series', isDescending: true }))[0]).toBe('c.three')
    expect(await namesOf(tenant, { page: 1 })).toEqual([])
    await tenant.caller.metric.update({ productId, metric: 'b.two', isHidden: true })
    expect(await namesOf(tenant, {})).toEqual(['c.three', 'a.one'])
    expect(await namesOf(tenant, { isHidden: true })).toEqual(['b.two'])
  })
})

describe('a renamed metric', () => {
  test('MT-1: keeps its history, and is reached under every name it had, by queries and by senders', async () => {
    const tenant = await world.createTenant()
    const { productId, caller } = tenant
    const tags = { plan: 'Solo' }
    await world.send(tenant, [{ metric: 'sales', value: 5, at: at(1_000), tags }])
    await caller.metric.rename({ productId, metric: 'sales', to: 'revenue' })
    const renamed = await caller.metric.rename({ productId, metric: 'revenue', to: 'turnover' })
    expect(renamed).toMatchObject({ name: 'turnover', formerNames: expect.arrayContaining(['revenue', 'sales']) })
    // Known series and new ones, under old names and the new one, in one request.
    await world.send(tenant, [
      { metric: 'sales', value: 10, at: at(2_000), tags },
      { metric: 'revenue', value: 20, at: at(3_000), tags: { plan: 'Team' } },
      { metric: 'turnover', value: 40, at: at(4_000), tags: { plan: 'Team' } },
    ])
    for (const metric of ['sales', 'revenue', 'turnover']) {
      expect(await ask(tenant, { metric }), metric).toMatchObject({ metric: 'turnover', total: 75 })
      expect((await caller.metric.get({ productId, metric })).name).toBe('turnover')
    }
    expect((await catalogueOf(tenant)).entries).toMatchObject([{ name: 'turnover', seriesCount: 2 }])
  })

  test('takes its old name back, and no name that another metric has or had', async () => {
    const tenant = await world.createTenant()
    const { productId, caller } = tenant
    await world.send(tenant, [
      { metric: 'a', value: 1, at: at(1_000) },
      { metric: 'b', value: 2, at: at(1_000) },
    ])
    expect(await refusalOf(caller.metric.rename({ productId, metric: 'a', to: 'b' }))).toMatchObject({
      code: 'name_taken',
    })
    await caller.metric.rename({ productId, metric: 'b', to: 'c' })
    expect(await refusalOf(caller.metric.rename({ productId, metric: 'a', to: 'b' }))).toMatchObject({
      code: 'name_taken',
    })
    const back = await caller.metric.rename({ productId, metric: 'c', to: 'b' })
    expect(back).toMatchObject({ name: 'b', formerNames: ['c'] })
  })

  test('MT-1: dashboards that name it in a widget or in a formula are found', async () => {
    const tenant = await world.createTenant()
    const { productId, caller } = tenant
    await world.send(tenant, [{ metric: 'm', value: 1, at: at(1_000) }])
    const base = { type: 'number' as const, title: 'N', layout: { x: 0, y: 0, w: 3, h: 2 } }
    await caller.dashboard.create({
      productId,
      name: 'Growth',
      widgets: [
        { ...base, id: 'w1', metric: 'm', aggregation: 'sum' },
        {
          ...base,
          id: 'w2',
          metric: 'other',
          aggregation: 'sum',
          formula: { expression: 'a / 2', terms: { a: { metric: 'm', aggregation: 'sum' } } },
        },
        { ...base, id: 'w3', metric: 'other', aggregation: 'sum' },
      ],
    })
    expect(await caller.dashboard.listUsing({ productId, metrics: ['m'] })).toMatchObject([
      { name: 'Growth', widgetCount: 2 },
    ])
    expect(await caller.dashboard.listUsing({ productId, metrics: ['toString'] })).toEqual([])
  })
})
