import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '../kernel/context'
import { readInTime } from '../kernel/deadline'
import type { ParsedPoints } from './columns'
import { AT, type Cable, createWorld, layCable, parsed, type World } from './testing'
import { createPointWriter, type PointWriter } from './writer'

let world: World
let ctx: World['ctx']

beforeAll(async () => {
  world = await createWorld()
  ctx = world.ctx
})
afterAll(() => world.close())

describe('a connection that is lost', () => {
  let cable: Cable
  let cabled: PointWriter

  beforeAll(async () => {
    cable = await layCable(ctx.db.url)
    const through: Context = {
      ...ctx,
      db: { ...ctx.db, pools: { ...ctx.db.pools, writer: cable.database.pools.writer } },
    }
    cabled = createPointWriter(through, { flushTimeoutMs: 400, settleMs: 600 })
  })
  afterAll(async () => {
    cable.thaw()
    await cabled.close()
    await cable.close()
  })

  /** Each kind of request goes another way through the transaction. */
  const KINDS: [string, (value: number) => ParsedPoints][] = [
    ['new points', (value) => parsed([{ value, ts: AT + value }])],
    ['points with ids', (value) => parsed([{ value, ts: AT + value, id: `id ${value}` }])],
    ['points that overwrite', (value) => parsed([{ value, ts: AT + value }], 'overwrite')],
    ['values that count', (value) => parsed([{ value, ts: AT + value, startTs: AT - 1000 }], 'cumulative')],
  ]

  test.each(KINDS)(
    'CR-03: cut during the COMMIT of %s: every one is acknowledged and stored exactly once',
    async (_, of) => {
      const product = await world.createScope()
      await cabled.write(product, of(1))
      const before = cable.cuts
      for (const [i, kind] of (['answer', 'request', 'answer', 'request'] as const).entries()) {
        cable.cut(kind, kind === 'answer' ? 1 : 2)
        expect(await cabled.write(product, of(i + 2))).toMatchObject({ accepted: 1, duplicates: 0, rejected: [] })
      }
      expect(cable.cuts - before).toBe(6)
      expect(await world.storedValues(product)).toHaveLength(5)
      expect((await world.told(product)).length).toBe(5)
    },
  )

  test('F06: a frozen database ends in 503 and not in a hang, and afterwards all goes on', async () => {
    const product = await world.createScope()
    await cabled.write(product, parsed([{ value: 1 }]))
    cable.freeze()
    const error = await cabled.write(product, parsed([{ value: 2 }])).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'unavailable', retryAfterS: 1 })
    cable.thaw()
    expect(await cabled.write(product, parsed([{ value: 3 }]))).toMatchObject({ accepted: 1 })
    expect(await world.storedValues(product)).toEqual(expect.arrayContaining([1, 3]))
  })
})

test('F06: a read on the way of a request ends in 503 when the database does not answer', async () => {
  const never = new Promise<never>(() => undefined)
  await expect(readInTime(never, 10)).rejects.toMatchObject({ code: 'unavailable', retryAfterS: 5 })
  expect(await readInTime(Promise.resolve('there'), 10)).toBe('there')
  await expect(readInTime(Promise.reject(new Error('its own')), 10)).rejects.toThrow('its own')
})
