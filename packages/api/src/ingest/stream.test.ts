import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ProductScope } from '../kernel/scope'
import { productScopeForJob } from '../product/procedure'
import { createProductFixture, createTestContext, refusalOf, registerOwner, type TestContext } from '../testing'
import { INGEST_LIMITS, type IngestResult } from './schema'
import { ingestStream } from './stream'
import { createPointWriter, type PointWriter } from './writer'

let ctx: TestContext
let product: ProductScope
let writer: PointWriter
beforeAll(async () => {
  ctx = await createTestContext()
  const { product: made } = await createProductFixture(ctx, await registerOwner(ctx))
  product = await productScopeForJob(ctx, made.id)
  writer = createPointWriter(ctx)
})
afterAll(async () => {
  await writer.close()
  await ctx.close()
})

const SLICE = INGEST_LIMITS.pointsPerSliceMax
const LINE = '{"metric":"m","value":1}\n'
const stream = (body: AsyncIterable<Uint8Array>, through: PointWriter) =>
  ingestStream(ctx, through, product, { body, contentType: 'application/x-ndjson' })

/** A body of so many slices, and how many of them were asked for. */
function createBody(slices: number) {
  const read = { slices: 0 }
  async function* pieces() {
    for (; read.slices < slices; read.slices++) yield Buffer.from(LINE.repeat(SLICE))
  }
  return { read, body: pieces() }
}

test('IG-2: the body is read no faster than it is written: two slices are in work, and the next waits in the socket', async () => {
  const waiting: (() => void)[] = []
  const slow: PointWriter = Object.assign(Object.create(writer), {
    isFull: () => false,
    write: (_: ProductScope, { length }: { length: number }) =>
      new Promise<IngestResult>((resolve) =>
        waiting.push(() => resolve({ accepted: length, duplicates: 0, rejected: [] })),
      ),
  })
  const { read, body } = createBody(10)
  const done = stream(body, slow)
  for (let settled = 0; settled < 10; settled++) {
    while (waiting.length === 0) await setImmediate()
    for (let i = 0; i < 20; i++) await setImmediate()
    expect(waiting.length).toBeLessThanOrEqual(2)
    expect(read.slices).toBeLessThanOrEqual(settled + 2)
    waiting.shift()?.()
  }
  expect(await done).toEqual({ status: 200, result: { accepted: 10 * SLICE, duplicates: 0, rejected: [] } })
})

test('a writer that is full is waited for, as it would be in vain to send a long body again at once', async () => {
  let asked = 0
  const full: PointWriter = Object.assign(Object.create(writer), {
    write: writer.write.bind(writer),
    isFull: () => ++asked <= 2,
  })
  const { body } = createBody(1)
  expect((await stream(body, full)).result.accepted).toBe(SLICE)
  expect(asked).toBe(3)
})

test('a slice that cannot be written ends it, and the answer says what is stored', async () => {
  const closed = createPointWriter(ctx)
  await closed.close()
  let written = 0
  const failing: PointWriter = Object.assign(Object.create(writer), {
    isFull: () => false,
    write: (...args: Parameters<PointWriter['write']>) => (++written > 2 ? closed : writer).write(...args),
  })
  const { read, body } = createBody(10)
  const refusal = await refusalOf(stream(body, failing))
  expect(refusal).toMatchObject({ code: 'unavailable', detail: /10,000 points before it are stored/ })
  expect(read.slices).toBeLessThan(10)
})
