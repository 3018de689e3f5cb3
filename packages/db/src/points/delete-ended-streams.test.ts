import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing'
import { lockCumulativeStates, saveCumulativeStates } from './cumulative-states'
import { deleteEndedStreams } from './delete-ended-streams'
import { createProduct } from './fixture'

let world: TestDatabase
beforeAll(async () => {
  world = await createTestDatabase()
})
afterAll(() => world.drop())

test('what a sender stood at is forgotten when a later start has followed it, and never the last of a series', async () => {
  const { database } = world
  const productId = await createProduct(database)
  const day = 86_400_000
  const state = (seriesId: number, startMs: number, tsMs: number) => ({
    productId,
    seriesId,
    startMs,
    tsMs,
    value: 1,
    bounds: null,
    counts: null,
  })
  const states = [
    state(1, 10, 100),
    state(1, 20, 100 + 2 * day),
    state(2, 10, 100),
    state(2, 20, 200),
    state(3, 10, 100),
    state(4, 10, 40 * day),
    state(4, 20, 50 * day),
  ]
  const client = await database.pools.meta.connect()
  try {
    await lockCumulativeStates(client, states)
    await saveCumulativeStates(client, states)
    expect(await deleteEndedStreams(client, 30 * day)).toBe(1)
    const left = await lockCumulativeStates(client, states)
    // The second of series 2 began while the first was still heard of; series 4 moved on not long ago.
    expect(left.map((one) => one !== null)).toEqual([false, true, true, true, true, true, true])
  } finally {
    client.release()
  }
})
