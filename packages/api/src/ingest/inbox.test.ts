import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ProductScope } from '../kernel/scope'
import { resolveApiKey } from '../product/procedure'
import {
  callerFor,
  createProductFixture,
  createTestContext,
  type Owner,
  refusalOf,
  registerOwner,
  type TestContext,
} from '../testing'
import { ColumnBuilder } from './columns'
import { deleteExpired } from './jobs'
import { countDropped, flushRejected, keepRejected } from './rejected'
import { INBOX_LIMITS } from './schema-inbox'
import { ingest } from './service'
import { sharedWriterOf } from './shared-writer'

let ctx: TestContext
let owner: Owner
beforeAll(async () => {
  ctx = await createTestContext()
  owner = await registerOwner(ctx)
})
afterAll(async () => {
  await sharedWriterOf(ctx).close()
  await ctx.close()
})

interface Target {
  productId: string
  keyId: string
  product: ProductScope
}

async function createTarget(): Promise<Target> {
  const { product, key, keyText } = await createProductFixture(ctx, owner)
  return { productId: product.id, keyId: key.id, product: await resolveApiKey(ctx, `Bearer ${keyText}`, 'ingest') }
}

async function push({ product }: Target, points: unknown): Promise<void> {
  const body = Buffer.from(JSON.stringify(points))
  await ingest(ctx, sharedWriterOf(ctx), product, { body, contentType: 'application/json' })
  await flushRejected(ctx)
}

const inbox = () => callerFor(ctx, owner).ingest

const countPoints = async ({ product }: Target) => {
  const { rows } = await ctx.db.pools.meta.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM point WHERE product_id = $1',
    [product.id],
  )
  return rows[0]?.n
}

test('a refused point is kept with its key, its reason and its text, and can be mended', async () => {
  const target = await createTarget()
  const bad = { metric: 'orders', value: '12,5', tags: { shop: 'a\u0000b' } }
  await push(target, { points: [{ metric: 'orders', value: 1 }, bad] })
  const { productId, keyId } = target
  const { rows, counts, nextCursor } = await inbox().listRejected({ productId })
  expect(rows).toHaveLength(1)
  expect(rows[0]).toMatchObject({
    keyId,
    keyName: 'Test key',
    format: 'json',
    code: 'invalid_type',
    pointer: '/points/1/value',
    raw: JSON.stringify(bad),
    point: { metric: 'orders', value: null, tags: { shop: 'a\u0000b' } },
  })
  expect(counts).toEqual([{ code: 'invalid_type', count: 1 }])
  expect(nextCursor).toBeNull()
  expect(await inbox().countRejected({ productId })).toEqual({ count: 1 })

  const id = rows[0]?.id ?? ''
  const point = { metric: 'orders', value: 12.5, tags: { shop: 'ab' } }
  const tooLate = { ...point, timestamp: '2030-01-01T00:00:00Z' }
  const refused = await inbox().fixRejected({ productId, id, point: tooLate })
  expect(refused).toMatchObject({ id, isStored: false, code: 'timestamp_out_of_window' })
  expect(await inbox().fixRejected({ productId, id, point })).toEqual({ id, isStored: true, code: null, detail: null })
  expect(await countPoints(target)).toBe(2)
  // Somebody else had the same row open.
  expect((await refusalOf(inbox().fixRejected({ productId, id, point }))).code).toBe('not_found')
  expect(await countPoints(target)).toBe(2)
})

test('rows are sent again as they are, once; those that are refused again stay with their reason', async () => {
  const target = await createTarget()
  const { productId, product } = target
  // As the writer hands them over when the product has as many series as it may.
  const columns = new ColumnBuilder(2, 0, (index) => `/${index}`)
  columns.add(0, 'orders', '{"shop":"a"}', 1_773_000_000_000.25, 7, undefined)
  columns.add(1, 'orders', '{"shop":"b"}', 1_773_000_000_000, 8, 'mine')
  const detail = 'too many series'
  const rejected = [0, 1].map((index) => ({ index, pointer: `/${index}`, code: 'cardinality_limit' as const, detail }))
  keepRejected(ctx, product, { format: 'application/json; charset=utf-8', parsed: columns.finish(), rejected })
  await push(target, [{ metric: 'orders' }])
  const [, second, first] = (await inbox().listRejected({ productId })).rows
  expect(second?.point).toMatchObject({ value: 8, tags: { shop: 'b' }, id: 'mine' })
  expect(first?.point).toMatchObject({ timestamp: '2026-03-08T20:00:00.000250Z', id: null })

  const replayed = await inbox().replayRejected({ productId, rows: { code: null, keyId: null } })
  expect(replayed).toMatchObject({ stored: 2, failedCount: 1, failed: [{ code: 'missing_field' }] })
  expect(await countPoints(target)).toBe(2)
  const left = await inbox().listRejected({ productId })
  expect(left.rows.map(({ code }) => code)).toEqual(['missing_field'])
  const ids = left.rows.map(({ id }) => id)
  expect(await inbox().dismissRejected({ productId, rows: { ids } })).toEqual({ dismissed: 1 })
  expect(await inbox().countRejected({ productId })).toEqual({ count: 0 })
})

test('what counts since a start, or is a distribution, is not sent again as something else', async () => {
  const target = await createTarget()
  const columns = new ColumnBuilder(1, 0, (index) => `/${index}`, 'cumulative')
  columns.add(0, 'requests_total', '{}', 1_773_000_000_000, 5_000, undefined)
  const rejected = [{ index: 0, pointer: '/0', code: 'cardinality_limit' as const, detail: 'too many' }]
  keepRejected(ctx, target.product, { format: 'prometheus', parsed: columns.finish(), rejected })
  await flushRejected(ctx)
  const { productId } = target
  const replayed = await inbox().replayRejected({ productId, rows: { code: 'cardinality_limit', keyId: null } })
  expect(replayed).toMatchObject({ stored: 0, failedCount: 1 })
  expect(await countPoints(target)).toBe(0)
})

test('the newest win: a key keeps a thousand rows, and a flood at once is let go and counted', async () => {
  const target = await createTarget()
  const { productId, product } = target
  const bad = (count: number) => Array.from({ length: count }, (_, i) => ({ metric: `m${i}` }))
  await push(target, bad(INBOX_LIMITS.rowsPerKeyMax - 1))
  await push(target, [{ metric: 'newer' }, { metric: 'newest' }])
  expect(await inbox().countRejected({ productId })).toEqual({ count: INBOX_LIMITS.rowsPerKeyMax })
  const { rows, nextCursor } = await inbox().listRejected({ productId })
  expect(rows.slice(0, 2).map(({ point }) => point?.metric)).toEqual(['newest', 'newer'])
  const next = await inbox().listRejected({ productId, cursor: nextCursor })
  expect(next.rows[0]?.point?.metric).toBe(`m${INBOX_LIMITS.rowsPerKeyMax - 2 - (INBOX_LIMITS.pageSize - 2)}`)
  expect(countDropped(ctx, product)).toBe(0)
  await push(target, bad(INBOX_LIMITS.rowsPerKeyMax + 5))
  expect(countDropped(ctx, product)).toBe(5)
  expect((await inbox().listRejected({ productId })).dropped).toBe(5)
})

test('a text that is long or cannot be stored is cut and does not keep the others away', async () => {
  const target = await createTarget()
  const columns = new ColumnBuilder(2, 0, String)
  columns.refuse(0, { path: '', code: 'invalid_line', detail: 'broken\0' }, () => `\0${'ü'.repeat(9_000)}`)
  columns.refuse(1, { path: '', code: 'invalid_line', detail: 'broken' }, () => 'x')
  const parsed = columns.finish()
  keepRejected(ctx, target.product, { format: 'influx-v2', parsed, rejected: parsed.rejected })
  await flushRejected(ctx)
  const { rows } = await inbox().listRejected({ productId: target.productId })
  expect(rows.map(({ format, detail }) => [format, detail])).toEqual([
    ['influx-v2', 'broken'],
    ['influx-v2', 'broken\ufffd'],
  ])
  expect(Buffer.byteLength(rows[1]?.raw ?? '')).toBeLessThanOrEqual(INBOX_LIMITS.rawBytesMax)
  expect(rows[1]?.point).toBeNull()
})

test('rows go away after a week', async () => {
  const target = await createTarget()
  await push(target, [{ metric: 'a' }])
  ctx.clock.advance(INBOX_LIMITS.keptDays * 86_400_000 - 1)
  await deleteExpired(ctx)
  expect(await inbox().countRejected({ productId: target.productId })).toEqual({ count: 1 })
  ctx.clock.advance(2)
  await deleteExpired(ctx)
  expect(await inbox().countRejected({ productId: target.productId })).toEqual({ count: 0 })
})
