import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryBus } from '../kernel/bus-memory'
import { newApiKey } from '../kernel/secrets'
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
import { KEY_TTL_MS, UNKNOWN_KEY_TTL_MS } from './api-key'
import { resolveApiKey } from './procedure'

let ctx: TestContext
let owner: Owner
let fixture: ProductFixture

beforeAll(async () => {
  ctx = await createTestContext()
  owner = await registerOwner(ctx)
})
beforeEach(async () => {
  fixture = await createProductFixture(ctx, owner)
})
afterAll(() => ctx.close())

const bearer = () => `Bearer ${fixture.keyText}`
const revoke = () => callerFor(ctx, owner).product.revokeKey({ productId: fixture.product.id, keyId: fixture.key.id })
/** As another process sees it: same database, caches of its own, and a bus that hears nothing. */
const otherProcess = () => ({ ...ctx, bus: createMemoryBus({ log: pino({ level: 'silent' }) }) })

/** The same process, with something around each look-up of a key in the database. */
function watchingLookUps(around: (read: () => Promise<unknown>) => Promise<unknown>) {
  const { prisma } = ctx.db
  const extended = prisma.$extends({
    query: { apiKey: { findUnique: ({ args, query }) => around(() => query(args)) as ReturnType<typeof query> } },
  })
  return { ...ctx, db: { ...ctx.db, prisma: extended as unknown as typeof prisma } }
}

describe('which headers open a product', () => {
  test.each([
    ['Bearer', (key: string) => `Bearer ${key}`],
    ['bearer in lower case, with blanks', (key: string) => `  bearer   ${key} `],
    ['Token', (key: string) => `Token ${key}`],
    ['Basic with any user', (key: string) => `Basic ${Buffer.from(`metrics:${key}`).toString('base64')}`],
    ['Basic without a user', (key: string) => `Basic ${Buffer.from(`:${key}`).toString('base64')}`],
  ])('%s', async (_name, header) => {
    const scope = await resolveApiKey(ctx, header(fixture.keyText), 'ingest')
    expect(scope).toMatchObject({ publicId: fixture.product.id, teamId: owner.team.id, grant: 'api_key', userId: null })
  })

  test.each([
    ['none', null, 'carries no API key'],
    ['an empty one', '', 'carries no API key'],
    ['a scheme alone', 'Bearer', 'not of the form'],
    ['another scheme', 'Digest abc', 'not one of Bearer, Token and Basic'],
    ['another service’s key', 'Bearer sk_live_abcdef', 'keys begin with trk_live_'],
    ['a key that was cut off', `Bearer ${newApiKey().slice(0, -3)}`, 'mistyped or cut off'],
    ['a key of another server', `Bearer ${newApiKey()}`, 'unknown'],
    ['a megabyte', `Bearer ${'a'.repeat(1_000_000)}`, 'too long'],
    ['Basic that is no base64 of ours', 'Basic ????', 'keys begin with trk_live_'],
  ])('%s is refused with a sentence that says what to do', async (_name, header, reason) => {
    const refusal = await refusalOf(resolveApiKey(ctx, header, 'ingest'))
    expect(refusal.code).toBe('invalid_api_key')
    expect(refusal.detail).toContain(reason)
    expect(refusal.detail).toContain('Authorization: Bearer trk_live_')
  })

  test('AU-25: one wrong character is refused and never repeated in the answer', async () => {
    const typo = `${fixture.keyText.slice(0, -1)}${fixture.keyText.endsWith('a') ? 'b' : 'a'}`
    const refusal = await refusalOf(resolveApiKey(ctx, `Bearer ${typo}`, 'ingest'))
    expect(refusal).toMatchObject({ code: 'invalid_api_key', detail: expect.stringContaining('mistyped') })
    expect(refusal.detail).not.toContain(typo)
  })

  test('AZ-12: an ingest key does not read, a read key does not write, and the answer names the scope', async () => {
    const { createKey } = callerFor(ctx, owner).product
    const productId = fixture.product.id
    const writer = await createKey({ productId, name: 'W', scopes: ['ingest'] })
    const reader = await createKey({ productId, name: 'R', scopes: ['read'] })
    await resolveApiKey(ctx, `Bearer ${writer.key}`, 'ingest')
    await resolveApiKey(ctx, `Bearer ${reader.key}`, 'read')
    const cases = [
      [writer.key, 'read'],
      [reader.key, 'ingest'],
    ] as const
    for (const [key, scope] of cases) {
      const refusal = await refusalOf(resolveApiKey(ctx, `Bearer ${key}`, scope))
      expect(refusal).toMatchObject({ code: 'forbidden', detail: expect.stringContaining(`"${scope}"`) })
    }
  })
})

describe('AU-25: what is remembered of a key', () => {
  test('a revoked key is refused by the very next request, and the answer says so', async () => {
    await resolveApiKey(ctx, bearer(), 'ingest')
    await revoke()
    const refusal = await refusalOf(resolveApiKey(ctx, bearer(), 'ingest'))
    expect(refusal).toMatchObject({ code: 'invalid_api_key', detail: expect.stringContaining('revoked on 2026-03-10') })
  })

  test('a process that hears of the revocation forgets the key at once', async () => {
    const other = otherProcess()
    await resolveApiKey(other, bearer(), 'ingest')
    await revoke()
    const heard = new Promise<void>((resolve) => other.bus.subscribe('keys', () => resolve()))
    await other.bus.publish('keys', JSON.stringify({ keyId: fixture.key.id, productId: null }))
    await heard
    expect((await refusalOf(resolveApiKey(other, bearer(), 'ingest'))).code).toBe('invalid_api_key')
  })

  test('a process that hears nothing refuses it after five seconds, and not before asking again', async () => {
    const other = otherProcess()
    await resolveApiKey(other, bearer(), 'ingest')
    await revoke()
    ctx.clock.advance(KEY_TTL_MS - 1)
    await resolveApiKey(other, bearer(), 'ingest')
    ctx.clock.advance(1)
    expect((await refusalOf(resolveApiKey(other, bearer(), 'ingest'))).code).toBe('invalid_api_key')
    expect(KEY_TTL_MS).toBeLessThanOrEqual(5_000)
  })

  test('after a gap of the bus nothing is remembered', async () => {
    const other = otherProcess()
    await resolveApiKey(other, bearer(), 'ingest')
    await revoke()
    other.bus.breakOnce()
    expect((await refusalOf(resolveApiKey(other, bearer(), 'ingest'))).code).toBe('invalid_api_key')
  })

  test('a look-up that read the key before its revocation does not bring it back afterwards', async () => {
    let release = () => {}
    const isReleased = new Promise<void>((resolve) => {
      release = resolve
    })
    let tellRead = () => {}
    const hasRead = new Promise<void>((resolve) => {
      tellRead = resolve
    })
    const slow = watchingLookUps(async (read) => {
      const row = await read()
      tellRead()
      await isReleased
      return row
    })
    const early = resolveApiKey(slow, bearer(), 'ingest')
    await hasRead
    await revoke()
    release()
    await early
    expect((await refusalOf(resolveApiKey(ctx, bearer(), 'ingest'))).code).toBe('invalid_api_key')
  })

  test('an unknown key is asked for again after a second', async () => {
    const { id } = fixture.key
    const { tokenHash } = await ctx.db.prisma.apiKey.findUniqueOrThrow({ where: { id } })
    await ctx.db.prisma.apiKey.update({ where: { id }, data: { tokenHash: new Uint8Array(32) } })
    await refusalOf(resolveApiKey(ctx, bearer(), 'ingest'))
    await ctx.db.prisma.apiKey.update({ where: { id }, data: { tokenHash } })
    ctx.clock.advance(UNKNOWN_KEY_TTL_MS)
    await resolveApiKey(ctx, bearer(), 'ingest')
    expect(UNKNOWN_KEY_TTL_MS).toBeLessThanOrEqual(1_000)
  })

  test('a changed zone reaches the scopes of keys at once', async () => {
    await resolveApiKey(ctx, bearer(), 'ingest')
    const heard = new Promise<void>((resolve) => ctx.bus.subscribe('keys', () => resolve()))
    await callerFor(ctx, owner).product.update({ productId: fixture.product.id, zone: 'Asia/Tokyo' })
    await heard
    expect((await resolveApiKey(ctx, bearer(), 'ingest')).zone).toBe('Asia/Tokyo')
  })

  test('a hundred requests at the same moment ask the database once', async () => {
    let lookUps = 0
    const other = watchingLookUps((read) => {
      lookUps++
      return read()
    })
    await Promise.all(Array.from({ length: 100 }, () => resolveApiKey(other, bearer(), 'ingest')))
    expect(lookUps).toBe(1)
  })
})

test('when a key was last used is noted once a minute, without any request waiting', async () => {
  const lastUsed = async () =>
    (await ctx.db.prisma.apiKey.findUniqueOrThrow({ where: { id: fixture.key.id } })).lastUsedAt
  const untilNoted = async (at: Date) => {
    while ((await lastUsed())?.getTime() !== at.getTime()) await new Promise((resolve) => setImmediate(resolve))
  }
  const first = ctx.clock.now()
  await resolveApiKey(ctx, bearer(), 'ingest')
  await untilNoted(first)
  ctx.clock.advance(KEY_TTL_MS)
  await resolveApiKey(ctx, bearer(), 'ingest')
  ctx.clock.advance(60_000)
  await resolveApiKey(ctx, bearer(), 'ingest')
  await untilNoted(ctx.clock.now())
})
