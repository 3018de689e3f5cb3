import { setImmediate } from 'node:timers/promises'
import { openDatabase } from '@trackable/db'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createMemoryBus } from '../kernel/bus-memory'
import { refusalOf, type TestContext } from '../testing'
import { takeSlot, takeWideSlot } from './cache'
import { publishPointsStored } from './events'
import { QuerySpec } from './schema'
import { runQuery } from './service'
import { ask, createMetricWorld, type MetricWorld, NOW, type Tenant } from './testing'

let world: MetricWorld
let ctx: TestContext

beforeAll(async () => {
  world = await createMetricWorld()
  ctx = world.ctx
})
afterAll(() => world.close())
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  ctx.clock.set(NOW)
})

async function createWithPoint(): Promise<Tenant> {
  const tenant = await world.createTenant()
  await world.send(tenant, [{ value: 1, at: '2026-03-30T10:00:00Z', tags: { plan: 'solo' } }])
  return tenant
}

describe('answers are kept', () => {
  const spec = { groupBy: 'plan', compare: 'previous_period' } as const

  test('a question that was answered asks the database nothing, until points are stored', async () => {
    const tenant = await createWithPoint()
    const first = await ask(tenant, spec)
    const query = vi.spyOn(ctx.db.pools.query, 'query')
    expect(await ask(tenant, spec)).toEqual(first)
    expect(query).not.toHaveBeenCalled()
    await world.send(tenant, [{ value: 1, at: '2026-03-30T11:00:00Z' }])
    expect((await ask(tenant, spec)).total).toBe(2)
    expect(query).toHaveBeenCalled()
  })

  test('while the range goes on an answer is at most ten seconds old, and says how old', async () => {
    const tenant = await createWithPoint()
    const first = await ask(tenant, spec)
    ctx.clock.advance(9_000)
    expect((await ask(tenant, spec)).asOf).toBe(first.asOf)
    ctx.clock.advance(2_000)
    expect((await ask(tenant, spec)).asOf).toBe(first.asOf + 11_000)
    ctx.clock.set(NOW)
    expect((await ask(tenant, spec)).asOf).toBe(Date.parse(NOW))
  })

  test('a new unit, kind or zone is seen by the next question', async () => {
    const tenant = await createWithPoint()
    const ref = { productId: tenant.productId, metric: 'm' }
    await ask(tenant)
    await tenant.caller.metric.update({ ...ref, unit: '€', kind: 'gauge' })
    expect(await ask(tenant)).toMatchObject({ unit: '€', kind: 'gauge' })
    await tenant.caller.product.update({ productId: tenant.productId, zone: 'UTC' })
    expect((await ask(tenant)).zone).toBe('UTC')
  })

  test('AZ-07: the key holds the product: the same question of two has two answers', async () => {
    const [one, other] = [await createWithPoint(), await createWithPoint()]
    await world.send(other, [{ value: 5, at: '2026-03-30T10:00:00Z' }])
    for (let i = 0; i < 2; i++) {
      expect([(await ask(one)).total, (await ask(other)).total]).toEqual([1, 6])
    }
  })

  test('IN-01: another process that stored points, or a bus that may have lost word of it, ends what is kept', async () => {
    const tenant = await createWithPoint()
    const replica = { ...ctx, db: openDatabase(ctx.db.url), bus: createMemoryBus() }
    const total = async () => {
      const question = QuerySpec.parse({ metric: 'm', aggregation: 'sum', range: { preset: '7d' } })
      return (await runQuery(replica, tenant.scope, question)).total
    }
    const sendMore = () => world.send(tenant, [{ value: 1, at: '2026-03-30T11:00:00Z' }])
    expect(await total()).toBe(1)
    await sendMore()
    await publishPointsStored(replica.bus, tenant.scope.publicId, ['m'], 0)
    await setImmediate()
    expect(await total()).toBe(2)
    await sendMore()
    replica.bus.breakOnce()
    expect(await total()).toBe(3)
    await replica.db.close()
  })

  test('a question that failed is asked again', async () => {
    const tenant = await createWithPoint()
    const query = vi.spyOn(ctx.db.pools.query, 'query').mockRejectedValue(new Error('lost'))
    await expect(ask(tenant)).rejects.toThrow()
    query.mockRestore()
    expect((await ask(tenant)).total).toBe(1)
  })
})

describe('OV-06: a product waits for itself', () => {
  /** Half of the pool's connections but one. */
  const TURNS = 3
  let wide: typeof ctx
  beforeAll(() => {
    wide = { ...ctx, db: openDatabase(ctx.db.url, { pools: { query: 8 } }) }
  })
  afterAll(() => wide.db.close())

  const hold = () => {
    const held: (() => void)[] = []
    let most = 0
    let running = 0
    const run = async () => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => held.push(resolve))
      running--
    }
    return { run, releaseAll: () => held.splice(0).forEach((release) => void release()), most: () => most }
  }

  test('of fifty heavy questions few run at once, another product’s runs with them, and all are answered', async () => {
    const [one, other] = [await createWithPoint(), await createWithPoint()]
    const heavy = hold()
    let answered = 0
    const all = Array.from({ length: 50 }, () => takeSlot(wide, one.scope, heavy.run).then(() => answered++))
    expect(await takeSlot(wide, other.scope, async () => 'at once')).toBe('at once')
    while (answered < 50) {
      heavy.releaseAll()
      await setImmediate()
    }
    await Promise.all(all)
    expect(heavy.most()).toBe(TURNS)
  })

  test('of all products one at a time reads very many groups, and keeps nobody from reading few', async () => {
    const one = await world.createTenant()
    let running = 0
    const run = async () => {
      expect(++running).toBe(1)
      await takeSlot(wide, one.scope, async () => undefined)
      running--
    }
    await Promise.all(Array.from({ length: 5 }, () => takeWideSlot(wide, run)))
  })

  test('what fails gives its turn back', async () => {
    const { scope } = await createWithPoint()
    for (let i = 0; i < 10; i++) {
      await expect(takeSlot(wide, scope, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    }
    expect(await takeSlot(wide, scope, async () => 'fine')).toBe('fine')
  })

  test('more than two hundred that wait are told to come back, and so is who has waited twenty seconds', async () => {
    const { scope } = await createWithPoint()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const heavy = hold()
    const running = Array.from({ length: TURNS }, () => takeSlot(wide, scope, heavy.run))
    const waiting = Array.from({ length: 200 }, () => refusalOf(takeSlot(wide, scope, heavy.run)))
    expect(await refusalOf(takeSlot(wide, scope, heavy.run))).toMatchObject({ code: 'overloaded', retryAfterS: 5 })
    vi.advanceTimersByTime(20_000)
    for (const refusal of await Promise.all(waiting)) expect(refusal.code).toBe('overloaded')
    heavy.releaseAll()
    await Promise.all(running)
    expect(await takeSlot(wide, scope, async () => 'fine')).toBe('fine')
  })
})
