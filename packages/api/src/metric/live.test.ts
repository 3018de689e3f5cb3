import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Bus } from '../kernel/bus'
import { createCaller } from '../router'
import { requestContextFor, type TestContext } from '../testing'
import { publishPointsStored } from './events'
import { QuerySpec } from './schema'
import { runQuery } from './service'
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

describe('OV-15: single flight', () => {
  const spec = { metric: 'm', aggregation: 'sum', range: { preset: '7d' } } as const

  test('a hundred identical questions at once are one query', async () => {
    const [tenant, other] = [await createTenant(), await createTenant()]
    for (const one of [tenant, other]) await send(one, [{ value: 1, at: NOW }])
    const query = vi.spyOn(ctx.db.pools.query, 'query')
    await ask(other)
    const alone = query.mock.calls.length
    query.mockClear()
    const results = await Promise.all(Array.from({ length: 100 }, () => ask(tenant)))
    expect(query.mock.calls.length).toBe(alone)
    expect(new Set(results.map(({ total }) => total))).toEqual(new Set([1]))
    query.mockRestore()
  })

  test('another product or zone is another question', async () => {
    const [one, other] = [await createTenant(), await createTenant()]
    await send(one, [{ value: 1, at: NOW }])
    await send(other, [{ value: 2, at: NOW }])
    const totals = await Promise.all([ask(one), ask(other), ask(one, { zone: 'UTC' })])
    expect(totals.map(({ total }) => total)).toEqual([1, 2, 1])
  })

  test('IN-01: a question that follows an acknowledgement is not answered from before it', async () => {
    const tenant = await createTenant()
    await send(tenant, [{ value: 1, at: NOW }])
    const before = runQuery(ctx, tenant.scope, QuerySpec.parse(spec))
    await send(tenant, [{ value: 1, at: NOW }])
    const after = runQuery(ctx, tenant.scope, QuerySpec.parse(spec))
    expect(after).not.toBe(before)
    expect((await after).total).toBe(2)
    await before
  })
})

describe('onStored', () => {
  /** Counts who listens, so that a leak is seen. */
  function counted(bus: Bus) {
    let listeners = 0
    const count = (stop: () => void) => {
      listeners++
      return () => {
        listeners--
        stop()
      }
    }
    const own: Bus = {
      publish: (topic, text) => bus.publish(topic, text),
      subscribe: (topic, handler) => count(bus.subscribe(topic, handler)),
      onGap: (handler) => count(bus.onGap(handler)),
      close: () => bus.close(),
    }
    return { bus: own, listeners: () => listeners }
  }

  async function watchAs(tenant: Tenant, input: { lastEventId?: string } = {}) {
    const abort = new AbortController()
    const { bus, listeners } = counted(ctx.bus)
    const caller = createCaller({ ...requestContextFor(ctx, tenant.owner), bus }, { signal: abort.signal })
    const iterable = await caller.metric.onStored({ productId: tenant.productId, ...input })
    const events = iterable[Symbol.asyncIterator]()
    // `tracked()` makes a tuple, though its type shows an object.
    const next = async () =>
      ((await events.next()).value as unknown as [string, { metrics: string[] }] | undefined)?.[1].metrics
    return { abort, events, listeners, next }
  }

  test('tells at once which metrics to read again, and only of its own product', async () => {
    const [tenant, other] = [await createTenant(), await createTenant()]
    const { next, abort } = await watchAs(tenant)
    const first = next()
    await send(other, [{ metric: 'theirs', value: 1, at: NOW }])
    await send(tenant, [
      { metric: 'a', value: 1, at: NOW },
      { metric: 'b', value: 1, at: NOW },
    ])
    expect((await first)?.sort()).toEqual(['a', 'b'])
    abort.abort()
  })

  test('merges what comes faster than four times a second', async () => {
    const tenant = await createTenant()
    const { next, abort } = await watchAs(tenant)
    const first = next()
    for (const name of ['a', 'b', 'c', 'b']) await publishPointsStored(ctx.bus, tenant.productId, [name], 1)
    expect(await first).toEqual(['a'])
    const start = performance.now()
    expect(await next()).toEqual(['b', 'c'])
    expect(performance.now() - start).toBeGreaterThan(100)
    abort.abort()
  })

  test('after a gap of the bus, and on resuming, everything is to be read again', async () => {
    const tenant = await createTenant()
    const { next, abort } = await watchAs(tenant, { lastEventId: '1.0' })
    expect(await next()).toEqual(['*'])
    const second = next()
    ctx.bus.breakOnce()
    expect(await second).toEqual(['*'])
    abort.abort()
  })

  test('ends at once on abort and leaves no listener', async () => {
    const tenant = await createTenant()
    const { abort, events, listeners } = await watchAs(tenant)
    const waiting = events.next()
    await vi.waitFor(() => expect(listeners()).toBe(2))
    abort.abort()
    expect((await waiting).done).toBe(true)
    expect(listeners()).toBe(0)
  })

  test('leaves no listener when the subscriber goes after a message', async () => {
    const tenant = await createTenant()
    const { events, listeners } = await watchAs(tenant)
    const first = events.next()
    await send(tenant, [{ value: 1, at: NOW }])
    await first
    expect(listeners()).toBe(2)
    await events.return?.()
    expect(listeners()).toBe(0)
  })

  test('many names are told as "any of them"', async () => {
    const tenant = await createTenant()
    const { next, abort } = await watchAs(tenant)
    const first = next()
    await publishPointsStored(
      ctx.bus,
      tenant.productId,
      Array.from({ length: 200 }, (_, i) => `${'ü'.repeat(50)}${i}`),
      1,
    )
    expect(await first).toEqual(['*'])
    abort.abort()
  })
})
