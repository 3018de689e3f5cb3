import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  callerFor,
  createProductFixture,
  createTestContext,
  type Owner,
  type ProductFixture,
  refusalOf,
  registerOwner,
  type TestContext,
} from '../testing'
import { findUnstorable } from './storable'

let ctx: TestContext
let owner: Owner
let fixture: ProductFixture
beforeAll(async () => {
  ctx = await createTestContext()
  owner = await registerOwner(ctx)
  fixture = await createProductFixture(ctx, owner)
})
afterAll(() => ctx.close())

describe('IN-10, IN-23: texts that Postgres cannot store are refused with a pointer, in every procedure', () => {
  const spec = { metric: 'm', aggregation: 'sum' as const, range: { preset: '7d' as const } }
  const caller = () => callerFor(ctx, owner)
  const productId = () => fixture.product.id
  const calls: [pointer: string, call: (text: string) => Promise<unknown>][] = [
    ['/productId', (text) => caller().product.get({ productId: text })],
    ['/teamId', (text) => caller().product.list({ teamId: text })],
    ['/dashboardId', (text) => caller().dashboard.get({ dashboardId: text })],
    ['/reportId', (text) => caller().report.get({ reportId: text })],
    ['/spec/metric', (text) => caller().metric.query({ productId: productId(), spec: { ...spec, metric: text } })],
    ['/spec/groupBy', (text) => caller().metric.query({ productId: productId(), spec: { ...spec, groupBy: text } })],
    [
      '/spec/filters/0/values/1',
      (text) =>
        caller().metric.query({
          productId: productId(),
          spec: { ...spec, filters: [{ tag: 'a', op: 'is', values: ['b', text] }] },
        }),
    ],
    ['/description', (text) => caller().metric.update({ productId: productId(), metric: 'm', description: text })],
  ]
  test.each(calls)('%s', async (pointer, call) => {
    for (const text of ['a\0b', '\ud800', 'a\udc00b']) {
      expect(await refusalOf(call(text))).toMatchObject({ code: 'invalid_request', errors: [{ pointer }] })
    }
  })

  test('whole pairs and other controls are texts like others', async () => {
    expect(await refusalOf(caller().product.get({ productId: '😀\u0001\u202e' }))).toMatchObject({ code: 'not_found' })
  })
})

test('an input that holds itself, or is a hundred thousand levels deep, is looked through once', () => {
  const loop: { self?: unknown; text: string } = { text: '\0' }
  loop.self = loop
  expect(findUnstorable(loop)).toEqual(['text'])
  let deep: unknown = 'a\0'
  for (let level = 0; level < 100_000; level++) deep = [deep]
  expect(findUnstorable(deep)).toHaveLength(100_000)
  expect(findUnstorable({ 'a\0': 1 })).toEqual(['a\0'])
})
