import { createTestDatabase, type TestDatabase } from '@trackable/db/testing'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { BUS_TEXT_BYTES_MAX, type Bus } from './bus'
import { createMemoryBus } from './bus-memory'
import { createPostgresBus, type PostgresBus } from './bus-postgres'

const log = pino({ level: 'silent' })
let db: TestDatabase
const open: Bus[] = []

beforeAll(async () => {
  db = await createTestDatabase()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((bus) => bus.close()))
})
afterAll(() => db.drop())

const keep = <B extends Bus>(bus: B): B => {
  open.push(bus)
  return bus
}
const connect = async (): Promise<PostgresBus> => keep(await createPostgresBus({ url: db.url, log }))

/** Collects what a topic says; `until(n)` waits for the n-th message and never for a time. */
function listen(bus: Bus, topic: string) {
  const seen: string[] = []
  let wake = () => {}
  const end = bus.subscribe(topic, (text) => {
    seen.push(text)
    wake()
  })
  const until = async (count: number) => {
    while (seen.length < count) await new Promise<void>((resolve) => (wake = resolve))
    return seen
  }
  return { seen, until, end }
}

const gapOf = (bus: Bus) => new Promise<void>((resolve) => bus.onGap(resolve))

const transports: Record<string, () => Promise<Bus>> = {
  memory: async () => keep(createMemoryBus({ log })),
  postgres: connect,
}

describe.each(Object.entries(transports))('the %s bus', (_name, create) => {
  test('RT: a message reaches every subscriber of its topic, and nobody else', async () => {
    const bus = await create()
    const [one, two, other] = [listen(bus, 'a'), listen(bus, 'a'), listen(bus, 'b')]
    await bus.publish('a', 'to a')
    await bus.publish('b', 'to b')
    expect(await one.until(1)).toEqual(['to a'])
    expect(await two.until(1)).toEqual(['to a'])
    expect(await other.until(1)).toEqual(['to b'])
  })

  test('messages of one publisher arrive in order, blanks, line breaks and Unicode unharmed', async () => {
    const bus = await create()
    const topic = listen(bus, 'points.prd_1')
    const texts = Array.from({ length: 1200 }, (_, i) => `${i} a\tb\n"ü" 🦦`)
    await Promise.all(texts.map((text) => bus.publish('points.prd_1', text)))
    expect(await topic.until(texts.length)).toEqual(texts)
  })

  test('a handler does not run inside publish', async () => {
    const bus = await create()
    const topic = listen(bus, 'a')
    const published = bus.publish('a', 'later')
    expect(topic.seen).toEqual([])
    await published
    await topic.until(1)
  })

  test('an ended subscription hears nothing more, and ending it twice is harmless', async () => {
    const bus = await create()
    const [ended, kept] = [listen(bus, 'a'), listen(bus, 'a')]
    ended.end()
    ended.end()
    await bus.publish('a', 'x')
    await kept.until(1)
    expect(ended.seen).toEqual([])
  })

  test('a handler that throws costs the others nothing', async () => {
    const bus = await create()
    bus.subscribe('a', () => {
      throw new Error('a bug')
    })
    const topic = listen(bus, 'a')
    await bus.publish('a', 'x')
    expect(await topic.until(1)).toEqual(['x'])
  })

  test('a text of the greatest size passes, one byte more is refused, and so is a topic with a blank', async () => {
    const bus = await create()
    const topic = listen(bus, 'a')
    const greatest = `${'ü'.repeat(BUS_TEXT_BYTES_MAX / 2)}`
    await bus.publish('a', greatest)
    expect(await topic.until(1)).toEqual([greatest])
    await expect(bus.publish('a', `${greatest}x`)).rejects.toThrow('7001 bytes')
    await expect(bus.publish('a b', 'x')).rejects.toThrow('not a bus topic')
  })

  test('after close, publishing does nothing and closing again is harmless', async () => {
    const bus = await create()
    const topic = listen(bus, 'a')
    await bus.close()
    await bus.publish('a', 'x')
    await bus.close()
    expect(topic.seen).toEqual([])
  })
})

const terminate = (bus: PostgresBus) =>
  db.database.pools.meta.query('SELECT pg_terminate_backend($1)', [bus.backendPid()])

describe('the postgres bus between processes', () => {
  test('what one process publishes, another hears', async () => {
    const [one, two] = [await connect(), await connect()]
    const topic = listen(two, 'a')
    await one.publish('a', 'hello')
    expect(await topic.until(1)).toEqual(['hello'])
  })

  test('a lost connection is made again by itself, reported as a gap, and carries messages as before', async () => {
    const bus = await connect()
    const topic = listen(bus, 'a')
    const gap = gapOf(bus)
    await terminate(bus)
    await gap
    await bus.publish('a', 'after')
    expect(await topic.until(1)).toEqual(['after'])
  })

  test('a hint that could not be sent becomes a gap for the others', async () => {
    const [one, two] = [await connect(), await connect()]
    const gapOfTwo = gapOf(two)
    const gapOfOne = gapOf(one)
    await terminate(one)
    await one.publish('a', 'into the void')
    await gapOfOne
    await gapOfTwo
  })

  test('a wrong address fails at once, at boot', async () => {
    await expect(createPostgresBus({ url: 'postgres://127.0.0.1:1/none', log })).rejects.toThrow()
  })
})

test('the memory bus can report a gap, for the tests of its subscribers', async () => {
  const bus = keep(createMemoryBus({ log }))
  const gap = gapOf(bus)
  bus.breakOnce()
  await gap
})
