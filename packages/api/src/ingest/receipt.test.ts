import { afterAll, beforeAll, expect, test } from 'vitest'
import { deleteReceiptsTick } from './jobs'
import { RECEIPT_KEPT_MS } from './receipt'
import { ingest } from './service'
import { createWorld, type World } from './testing'
import { createPointWriter } from './writer'

let world: World
let ctx: World['ctx']
let writer: World['writer']

beforeAll(async () => {
  world = await createWorld()
  ctx = world.ctx
  writer = world.writer
})
afterAll(() => world.close())

test('an answer is remembered for a day and not for longer', async () => {
  const product = await world.createScope()
  const send = (value: number) =>
    ingest(ctx, writer, product, {
      body: Buffer.from(JSON.stringify({ metric: 'm', value })),
      contentType: 'application/json',
      idempotencyKey: 'daily',
    })
  await send(1)
  ctx.clock.advance(RECEIPT_KEPT_MS - 1000)
  await deleteReceiptsTick.run(ctx)
  expect(await send(1)).toMatchObject({ isReplayed: true })
  ctx.clock.advance(2000)
  await deleteReceiptsTick.run(ctx)
  expect(await send(2)).toMatchObject({ status: 200, result: { accepted: 1 } })
  expect(await world.storedValues(product)).toEqual([1, 2])
})

test('IN-17: the answer that a killed process never gave is given by the next one, because it was stored with the points', async () => {
  const product = await world.createScope()
  const request = {
    body: Buffer.from(JSON.stringify([{ metric: 'm', value: 1 }, { metric: 'm' }])),
    contentType: 'application/json',
    idempotencyKey: 'killed',
  }
  // Between COMMIT and answer: what it would have said is in the database, and nowhere else.
  const silenced = createPointWriter(ctx)
  await ingest(ctx, silenced, product, request)
  const restarted = createPointWriter(ctx)
  const answer = await ingest(ctx, restarted, product, request)
  expect(answer).toMatchObject({ status: 207, isReplayed: true, result: { accepted: 1, rejected: [{ index: 1 }] } })
  expect(await world.storedValues(product)).toEqual([1])
  await Promise.all([silenced.close(), restarted.close()])
})
