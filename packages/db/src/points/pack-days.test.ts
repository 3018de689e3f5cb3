import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing'
import { deletePoints } from './delete-points'
import { ensurePartitionsFor } from './ensure-partitions'
import { createProduct, type TestPoint, toColumns } from './fixture'
import { inTransaction } from './in-transaction'
import { insertPoints } from './insert-points'
import { choosePacks, type PackCursor, packDays } from './pack-days'
import { DAY_MS, toDay, UNPACK } from './packs'
import { ensurePartitionsForUnpack, unpackFor } from './unpack-days'

/** A day that begins a block of 16. */
const START = Math.floor(Date.UTC(2026, 2, 1) / DAY_MS / 16) * 16 * DAY_MS
const NOW = START + 40 * DAY_MS
const HOUR_MS = 3_600_000

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())

async function store(productId: number, points: TestPoint[]): Promise<void> {
  const columns = toColumns(productId, points)
  await ensurePartitionsFor(db.database.pools.writer, columns)
  await insertPoints(db.database.pools.writer, columns)
}

async function packAll(productId: number, beforeDay = toDay(NOW), pointsMax?: number): Promise<number> {
  let after: PackCursor | null = null
  let points = 0
  do {
    const piece: Awaited<ReturnType<typeof packDays>> = await packDays(db.database.pools.meta, {
      productId,
      beforeDay,
      after,
      ...(pointsMax ? { pointsMax } : {}),
    })
    points += piece.points
    after = piece.next
  } while (after)
  return points
}

/** Every point, wherever it is: series, microseconds, and the value to the bit; ids where they mean something. */
async function readAll(productId: number): Promise<string[]> {
  const { rows } = await db.database.pools.query.query<{ point: string }>(
    `SELECT series_id || ' ' || (extract(epoch FROM ts) * 1000000)::int8 || ' ' || encode(float8send(value), 'hex')
       || ' ' || CASE WHEN id > 0 THEN '+' ELSE id::text END AS point
     FROM (
       SELECT series_id, ts, id, value FROM point WHERE product_id = $1
       UNION ALL
       SELECT pack.series_id, packed.ts, packed.id, packed.value FROM point_pack AS pack ${UNPACK} WHERE pack.product_id = $1
     ) AS every ORDER BY 1`,
    [productId],
  )
  return rows.map((row) => row.point)
}

async function countRows(productId: number) {
  const { rows } = await db.database.pools.query.query<{ rows: number; packs: number; days: number[] }>(
    `SELECT (SELECT count(*)::int4 FROM point WHERE product_id = $1) AS rows, count(*)::int4 AS packs,
       coalesce(array_agg(days ORDER BY series_id, day), '{}') AS days
     FROM point_pack WHERE product_id = $1`,
    [productId],
  )
  return rows[0]
}

const hourly = (seriesId: number, days: number, perDay: number): TestPoint[] =>
  Array.from({ length: days * perDay }, (_, i) => ({
    seriesId,
    ts: START + i * Math.floor(DAY_MS / perDay),
    id: BigInt(seriesId * 1_000_000 + i + 1),
    value: (i % 977) / 100,
  }))

test('P10: what is packed is what was stored: microseconds, ids and values to the bit', async () => {
  const productId = await createProduct(db.database, 'bits')
  const values = [0, -0, 0.1, 1e308, 5e-324, -2_147_483_646, 2_147_483_648, 2 ** 53 + 2, 1 / 3, 12.34, 0.000001, -99.5]
  await store(productId, [
    ...values.map((value, i) => ({ seriesId: 1, ts: START + i, value })),
    // A series for each value: alone, each may be scaled.
    ...values.map((value, i) => ({ seriesId: 10 + i, ts: START + HOUR_MS + 0.001 * i, value })),
    ...values.map((value, i) => ({ seriesId: 30 + i, ts: START + HOUR_MS, id: 0n, value })),
    { seriesId: 50, ts: START, id: -7n, value: 1 },
    { seriesId: 50, ts: START, id: 0n, value: 2 },
    { seriesId: 50, ts: START, id: 9n, value: 3 },
    { seriesId: 50, ts: START + DAY_MS - 0.001, id: -9_223_372_036_854_775_808n, value: 4 },
  ])
  const before = await readAll(productId)
  expect(await packAll(productId)).toBe(before.length)
  expect((await countRows(productId))?.rows).toBe(0)
  expect(await readAll(productId)).toEqual(before)
})

test('days with many points have packs of their own, sparse ones share one of 16 days, and what is not over stays', async () => {
  const productId = await createProduct(db.database, 'shapes')
  await store(productId, [...hourly(1, 20, 24), ...hourly(2, 20, 2)])
  const before = await readAll(productId)
  // In pieces that cut days and blocks.
  await packAll(productId, toDay(START) + 18, 50)
  expect(await countRows(productId)).toEqual({ rows: 2 * 24 + 4 * 2, packs: 19, days: [...Array(18).fill(1), 16] })
  expect(await readAll(productId)).toEqual(before)
  await packAll(productId)
  expect(await countRows(productId)).toEqual({ rows: 0, packs: 22, days: [...Array(20).fill(1), 16, 16] })
  expect(await readAll(productId)).toEqual(before)
})

test('what comes late lives beside its pack, and the next sealing merges it', async () => {
  const productId = await createProduct(db.database, 'late')
  await store(productId, [...hourly(1, 2, 24), ...hourly(2, 2, 1)])
  await packAll(productId)
  await store(productId, [
    { seriesId: 1, ts: START + 5, id: 1n, value: 0.5 },
    { seriesId: 2, ts: START + 5 * DAY_MS, id: 2n, value: 1e12 },
  ])
  const before = await readAll(productId)
  expect(before).toHaveLength(52)
  expect((await countRows(productId))?.rows).toBe(2)
  await packAll(productId)
  expect(await countRows(productId)).toMatchObject({ rows: 0, packs: 3 })
  expect(await readAll(productId)).toEqual(before)
})

test('a point with an identity meets its packed copy: the day becomes rows again and the second one is a duplicate', async () => {
  const productId = await createProduct(db.database, 'named')
  const named = { seriesId: 1, ts: START + HOUR_MS, id: -5n, value: 1 }
  await store(productId, [named, ...hourly(1, 1, 3), ...hourly(2, 1, 24)])
  await packAll(productId)
  const before = await readAll(productId)
  const columns = toColumns(productId, [named, { seriesId: 3, ts: START, id: -5n, value: 1 }])
  await ensurePartitionsForUnpack(db.database.pools.writer, [columns], NOW)
  const inserted = await inTransaction(db.database.pools.writer, async (client) => {
    expect(await unpackFor(client, [columns], NOW)).toBe(4)
    return (await insertPoints(client, columns)).inserted
  })
  expect(inserted).toBe(1)
  expect(await readAll(productId)).toHaveLength(before.length + 1)
  expect(await countRows(productId)).toMatchObject({ rows: 5, packs: 1 })
})

test('IN-27: packing, late points and repeated points at the same time lose nothing and double nothing', async () => {
  const productId = await createProduct(db.database, 'races')
  const points = [1, 2, 3].flatMap((seriesId) =>
    Array.from({ length: 90 }, (_, i) => ({
      seriesId,
      ts: START + i * 4 * HOUR_MS,
      id: -BigInt(seriesId * 1000 + i + 1),
      value: i,
    })),
  )
  await ensurePartitionsForUnpack(db.database.pools.writer, [toColumns(productId, points)], NOW)
  let inserted = 0
  let fresh = 0n
  const write = async (share: TestPoint[]) => {
    const columns = toColumns(productId, share)
    await inTransaction(db.database.pools.writer, async (client) => {
      await unpackFor(client, [columns], NOW)
      const { inserted: count } = await insertPoints(client, columns)
      inserted += count
    })
  }
  const sendAll = async (step: number) => {
    for (let i = 0; i < points.length; i += step) await write(points.slice(i, i + step))
  }
  const sendFresh = async () => {
    for (let i = 0; i < 20; i++) await store(productId, [{ seriesId: 1, ts: START + i, id: ++fresh, value: 1 }])
  }
  const pack = async () => {
    for (let i = 0; i < 12; i++) await packAll(productId, toDay(NOW), 40)
  }
  await Promise.all([sendAll(7), sendAll(20), sendAll(45), pack(), sendFresh()])
  await packAll(productId)
  expect(inserted).toBe(points.length)
  const all = await readAll(productId)
  expect(all).toHaveLength(points.length + 20)
  expect(new Set(all.filter((one) => !one.endsWith('+'))).size).toBe(points.length)
})

test('DL-03: of a product that goes nothing stays, packed or not', async () => {
  const productId = await createProduct(db.database, 'gone')
  await store(productId, [...hourly(1, 2, 24), { seriesId: 1, ts: NOW, id: 99n, value: 1 }])
  await packAll(productId)
  expect(await countRows(productId)).toMatchObject({ rows: 1, packs: 2 })
  expect(await deletePoints(db.database.pools.meta, productId)).toBe(1)
  expect(await countRows(productId)).toEqual({ rows: 0, packs: 0, days: [] })
  const { rows } = await db.database.pools.meta.query('SELECT FROM point_delta WHERE product_id = $1', [productId])
  expect(rows).toEqual([])
})

test('the shape of a pack: what is there wins, then the number of points a day', () => {
  const day = (d: number, count: number) => ({ series_id: 1, day: d, count })
  expect(choosePacks([day(0, 30), day(1, 10)], [], 16)).toEqual([
    { series_id: 1, day: 0, days: 1 },
    { series_id: 1, day: 1, days: 1 },
  ])
  expect(choosePacks([day(17, 30)], [{ series_id: 1, day: 16, days: 16 }], 32)).toEqual([
    { series_id: 1, day: 16, days: 16 },
  ])
  expect(choosePacks([day(17, 3)], [{ series_id: 1, day: 20, days: 1 }], 32)).toEqual([
    { series_id: 1, day: 17, days: 1 },
  ])
  expect(choosePacks([day(-3, 3)], [], 16)).toEqual([{ series_id: 1, day: -16, days: 16 }])
  expect(choosePacks([day(17, 3)], [], 31)).toEqual([])
})
