import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing'
import { allocatePointIds, POINT_ID_BLOCK } from './allocate-point-ids'
import type { PointColumns } from './columns'
import { copyPoints } from './copy-points'
import { deletePoints } from './delete-points'
import {
  dropBefore,
  ensurePartition,
  ensurePartitionsFor,
  forgetPartitions,
  isMissingPartition,
} from './ensure-partitions'
import { createProduct, toColumns } from './fixture'
import { insertPoints } from './insert-points'

const MAY = Date.parse('2026-05-04T10:00:00Z')

/** What a float64 can hold at its ends, and instants on, before and between the microseconds that Postgres keeps. */
const EDGE_CASES = [
  { seriesId: 1, ts: MAY + 0.001, value: 0.1 },
  { seriesId: 1, ts: MAY + 0.999, value: -0 },
  { seriesId: 2, ts: MAY + 999.123, value: 5e-324 },
  { seriesId: 2, ts: Date.parse('1999-12-31T23:59:59.999Z') + 0.999, value: 1e308 },
  { seriesId: 3, ts: 0, value: -1.7976931348623157e308 },
  { seriesId: 2_147_483_647, ts: MAY, id: -9_223_372_036_854_775_808n, value: 2 ** 53 + 2 },
  { seriesId: 3, ts: MAY, id: 9_223_372_036_854_775_807n, value: 123456.789 },
]

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())

async function copy(points: PointColumns): Promise<number> {
  const client = await db.database.pools.writer.connect()
  try {
    return await copyPoints(client, points)
  } finally {
    client.release()
  }
}

async function read(productId: number) {
  const { rows } = await db.database.pools.query.query(
    `SELECT series_id, (extract(epoch FROM ts) * 1000000)::int8::text AS ts, id::text, value FROM point
     WHERE product_id = $1 ORDER BY series_id, point.ts, point.id`,
    [productId],
  )
  return rows
}

test('COPY and INSERT store the same points, and what is read back is what was written, to the microsecond and the bit', async () => {
  const { writer } = db.database.pools
  const [copied, inserted] = [await createProduct(db.database, 'copied'), await createProduct(db.database, 'inserted')]
  await ensurePartitionsFor(writer, toColumns(copied, EDGE_CASES))
  expect(await copy(toColumns(copied, EDGE_CASES))).toBe(EDGE_CASES.length)
  expect((await insertPoints(writer, toColumns(inserted, EDGE_CASES))).inserted).toBe(EDGE_CASES.length)

  const rows = await read(copied)
  expect(rows).toEqual(await read(inserted))
  const expected = EDGE_CASES.map((point, i) => ({
    series_id: point.seriesId,
    ts: String(Math.round(point.ts * 1000)),
    id: String(point.id ?? i + 1),
    value: point.value,
  }))
  const bySeriesAndTime = (a: (typeof expected)[0], b: (typeof expected)[0]) =>
    a.series_id - b.series_id || Number(a.ts) - Number(b.ts)
  // toEqual tells -0 from 0.
  expect(rows).toEqual(expected.sort(bySeriesAndTime))
})

test('a COPY of more rows than one statement takes stores every one of them', async () => {
  const product = await createProduct(db.database, 'large')
  const points = Array.from({ length: 70_000 }, (_, i) => ({ seriesId: i % 100, ts: MAY + i, value: i / 100 }))
  await ensurePartitionsFor(db.database.pools.writer, toColumns(product, points))
  expect(await copy(toColumns(product, points))).toBe(70_000)
  const { rows } = await db.database.pools.query.query(
    'SELECT count(*)::int4 AS count, sum(value::text::numeric)::text AS sum FROM point WHERE product_id = $1',
    [product],
  )
  expect(rows).toEqual([{ count: 70_000, sum: '24499650.00' }])
})

test('IN-18: a point whose key exists is stored once, and the answer says which ones were new', async () => {
  const { writer } = db.database.pools
  const product = await createProduct(db.database, 'twice')
  const first = toColumns(product, [{ seriesId: 1, ts: MAY, id: -7n, value: 1 }])
  const both = toColumns(product, [
    { seriesId: 1, ts: MAY, id: -7n, value: 1 },
    { seriesId: 1, ts: MAY + 0.5, id: -8n, value: 2 },
    { seriesId: 1, ts: MAY + 0.5, id: -8n, value: 2 },
  ])
  await ensurePartitionsFor(writer, both)
  expect(await insertPoints(writer, first)).toEqual({ inserted: 1, keys: null })
  expect(await insertPoints(writer, both)).toEqual({
    inserted: 1,
    keys: [`1:${MAY * 1000 + 500}:-8`],
  })
})

test('IN-18: two writers that insert the same points in opposite order cannot deadlock, because both take them in key order', async () => {
  const { writer } = db.database.pools
  const product = await createProduct(db.database, 'opposite')
  const points = Array.from({ length: 300 }, (_, i) => ({ seriesId: i, ts: MAY, id: -1n, value: i }))
  const [forth, back] = [toColumns(product, points), toColumns(product, points.toReversed())]
  await ensurePartitionsFor(writer, forth)
  const answers = await Promise.all([forth, back].map((some) => insertPoints(writer, some)))
  expect(answers.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(300)
  const fresh = points.toReversed().map((point) => ({ ...point, id: -2n }))
  expect((await insertPoints(writer, toColumns(product, fresh))).inserted).toBe(300)
  // Tuples lie in the order in which they were inserted.
  const { rows } = await writer.query<{ series_id: number }>(
    'SELECT series_id FROM point WHERE product_id = $1 AND id = -2 ORDER BY ctid',
    [product],
  )
  expect(rows.map((row) => row.series_id)).toEqual(points.map((point) => point.seriesId))
})

test.each([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])('IN-03: %s is refused by the table itself', async (_, value) => {
  const product = await createProduct(db.database, `not-finite-${value}`)
  const points = toColumns(product, [{ seriesId: 1, ts: MAY, value }])
  await ensurePartitionsFor(db.database.pools.writer, points)
  await expect(copy(points)).rejects.toThrow('point_value_finite')
  await expect(insertPoints(db.database.pools.writer, points)).rejects.toThrow('point_value_finite')
})

test('a refused COPY of many megabytes rejects, and its connection serves the next statement', async () => {
  const product = await createProduct(db.database, 'refused')
  const points = Array.from({ length: 65_536 }, (_, i) => ({ seriesId: 1, ts: Date.parse('1983-01-01') + i, value: i }))
  const client = await db.database.pools.writer.connect()
  try {
    const error = await copyPoints(client, toColumns(product, points)).catch((caught: unknown) => caught)
    expect(isMissingPartition(error)).toBe(true)
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  } finally {
    client.release()
  }
})

test('partitions are made for exactly the months that occur, and a month that exists costs no statement', async () => {
  const { writer } = db.database.pools
  await ensurePartitionsFor(writer, {
    length: 2,
    ts: Float64Array.of(Date.parse('2031-01-31T23:59:59.999Z'), Date.parse('2031-04-01')),
  })
  await ensurePartition(writer, { from: Date.parse('2032-11-15'), to: Date.parse('2033-02-01') })
  const { rows } = await writer.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'points'::regnamespace AND relkind = 'r' AND relname >= 'p_2030' ORDER BY 1`,
  )
  expect(rows.map((row) => row.name)).toEqual(['p_2031_01', 'p_2031_04', 'p_2032_11', 'p_2032_12', 'p_2033_01'])
  const client = await writer.connect()
  const others = await writer.connect() // With both connections taken, a statement would wait for ever.
  await ensurePartition(writer, { from: Date.parse('2032-11-15'), to: Date.parse('2033-02-01') })
  client.release()
  others.release()
})

test('replicas that create the same partitions at once all succeed, while a writer holds the table', async () => {
  const { pools } = db.database
  const product = await createProduct(db.database, 'replicas')
  const busy = await pools.query.connect()
  await ensurePartition(pools.writer, { from: MAY, to: MAY + 1 })
  await busy.query('BEGIN')
  await insertPoints(busy, toColumns(product, [{ seriesId: 1, ts: MAY, value: 1 }]))
  const range = { from: Date.parse('2040-01-01'), to: Date.parse('2041-01-01') }
  // Each pool has a memory of its own, as each process has.
  await Promise.all([pools.writer, pools.meta, pools.query, pools.health].map((pool) => ensurePartition(pool, range)))
  await busy.query('COMMIT')
  busy.release()
  const { rows } = await pools.query.query(
    `SELECT count(*)::int4 AS count FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE relkind = 'r' AND relname LIKE 'p_2040_%'`,
  )
  expect(rows).toEqual([{ count: 12 }])
})

test('dropBefore drops what lies wholly before the instant; a process that knew the partition makes it again', async () => {
  const { pools } = db.database
  const product = await createProduct(db.database, 'dropped')
  const [old, kept] = [Date.parse('1971-03-31T23:59:59Z'), Date.parse('1971-04-01T00:00:00Z')]
  const points = toColumns(
    product,
    [old, kept].map((ts) => ({ seriesId: 1, ts, value: 1 })),
  )
  await ensurePartitionsFor(pools.writer, points)
  await insertPoints(pools.writer, points)
  expect(await dropBefore(pools.meta, kept + 1000)).toContain('p_1971_03')
  expect(await read(product)).toHaveLength(1)

  await ensurePartitionsFor(pools.writer, points)
  const error = await insertPoints(pools.writer, points).catch((caught: unknown) => caught)
  expect(isMissingPartition(error)).toBe(true)
  forgetPartitions(pools.writer)
  await ensurePartitionsFor(pools.writer, points)
  expect((await insertPoints(pools.writer, points)).inserted).toBe(1)
})

test('blocks of ids never overlap, and none is zero or negative', async () => {
  const blocks = await Promise.all(Array.from({ length: 20 }, () => allocatePointIds(db.database.pools.writer)))
  const firsts = blocks.map((block) => block.first).sort((a, b) => Number(a - b))
  expect(firsts[0]).toBeGreaterThan(0n)
  firsts.forEach((first, i) => {
    if (i > 0) expect(first - (firsts[i - 1] ?? 0n)).toBeGreaterThanOrEqual(BigInt(POINT_ID_BLOCK))
  })
})

test('deletePoints takes the points of one product and no other', async () => {
  const { writer } = db.database.pools
  const [gone, stays] = [await createProduct(db.database, 'gone'), await createProduct(db.database, 'stays')]
  for (const product of [gone, stays]) {
    const points = toColumns(product, [{ seriesId: 1, ts: MAY, value: 1 }])
    await ensurePartitionsFor(writer, points)
    await insertPoints(writer, points)
  }
  expect(await deletePoints(writer, gone)).toBe(1)
  expect(await read(stays)).toHaveLength(1)
})
