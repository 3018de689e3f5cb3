import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Pool, PoolClient } from '../client'
import { createTestDatabase, type TestDatabase } from '../testing'
import type { LocalDays } from './aggregate-query'
import { auditRollups } from './audit'
import { binOf } from './bins'
import { foldPoints } from './fold'
import { packDays } from './pack-days'
import { daysOf, HOUR_MS, type Known, RollupWorld, START, ZONE_NAMES } from './rollup-fixture'
import { selectAggregates } from './select-aggregates'
import { selectSpans } from './select-spans'
import { sketchDays } from './sketch-days'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())

let count = 0
const createWorld = (series?: number) => RollupWorld.create(db.database, `rollup ${count++}`, series)

const DAY_MS = 24 * HOUR_MS
const BERLIN = daysOf('Europe/Berlin')
const FIRST_DAY = BERLIN.dayOf(START)
const dayEdges = (days: LocalDays) => Array.from({ length: 7 }, (_, i) => days.startOf(FIRST_DAY - 1 + i))

/** What the answer must be, from the list of what was written. Cents are whole, so that adding them up is exact. */
function expected(world: RollupWorld, edges: number[]) {
  const cells = new Map<string, { count: number; cents: bigint; min: number; max: number; at: [number, number][] }>()
  for (const { series, ms, cents, histogram } of world.known.values()) {
    const bucket = edges.findLastIndex((edge) => edge <= ms)
    if (bucket < 0 || bucket === edges.length - 1) continue
    const value = cents / 100
    const { count: weight, min, max } = histogram ?? { count: 1, min: value, max: value }
    for (const key of [`b${bucket}`, 'all', `s${series}`]) {
      const cell = cells.get(key) ?? { count: 0, cents: 0n, min: Infinity, max: -Infinity, at: [] }
      cells.set(key, cell)
      cell.count += weight
      cell.cents += BigInt(cents)
      cell.min = Math.min(cell.min, min)
      cell.max = Math.max(cell.max, max)
      cell.at.push([ms, value / weight])
    }
  }
  const sorted = (at: [number, number][]) => at.sort(([a, x], [b, y]) => a - b || x - y)
  return [...cells]
    .map(
      ([key, { at, ...cell }]) => [key, { ...cell, first: sorted(at)[0]?.[1], last: sorted(at).at(-1)?.[1] }] as const,
    )
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

async function answered(world: RollupWorld, edges: number[], days?: LocalDays) {
  const rows = await selectAggregates(db.database.pools.query, {
    productId: world.productId,
    metricId: world.metricId,
    edges,
    days,
    groupBy: ['host'],
    filters: [],
    measures: ['sum', 'min', 'max', 'first', 'last'],
  })
  return rows
    .filter((row) => row.level !== 'group_bucket')
    .map(({ level, group, bucket, count, sum, min, max, first, last }) => {
      const key =
        level === 'total' ? 'all' : level === 'group' ? `s${world.series[Number(group?.[0]?.slice(1))]}` : `b${bucket}`
      const cents = BigInt(Math.round(Number(sum) * 100))
      return [key, { count, cents, min, max, first, last }] as const
    })
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Every way to the same numbers: the days of the zone, those of another, hours, and odd pieces. */
async function check(world: RollupWorld, zone: string): Promise<void> {
  const days = daysOf(zone)
  const hours = Array.from({ length: 60 }, (_, i) => START + i * HOUR_MS)
  const cut = [START - 5 * HOUR_MS - 1, START + DAY_MS - 12_345, START + DAY_MS + 1, START + 4 * DAY_MS]
  for (const edges of [dayEdges(days), dayEdges(daysOf('Asia/Kathmandu')), hours, cut]) {
    expect(await answered(world, edges, days)).toEqual(expected(world, edges))
  }
}

async function checkSpan(world: RollupWorld): Promise<void> {
  const times = [...world.known.values()].map((point) => point.ms)
  const [span] = await selectSpans(db.database.pools.query, world.productId, [world.metricId])
  expect([span?.first_ts ?? null, span?.last_ts ?? null]).toEqual(
    times.length === 0 ? [null, null] : [Math.min(...times), Math.max(...times)],
  )
}

const audit = (world: RollupWorld) => auditRollups(db.database.pools.query, world.productId, daysOf)

/** A pool whose connections break off the transaction at its n-th statement. */
function failingAt(statement: number): Pool {
  const { writer } = db.database.pools
  const connect = async (): Promise<PoolClient> => {
    const client = await writer.connect()
    let n = 0
    const query = (text: string, values?: unknown[]) => {
      if (text !== 'ROLLBACK' && n++ === statement) return Promise.reject(new Error('broken off'))
      return client.query(text, values)
    }
    return { query, release: (error?: Error) => client.release(error) } as unknown as PoolClient
  }
  return { connect } as unknown as Pool
}

type Step =
  | { kind: 'write'; points: { series: number; ms: number; cents: number; weight: number }[] }
  | { kind: 'burst'; series: number; ms: number }
  | { kind: 'again' | 'correct' | 'remove'; pick: number; cents: number }
  | { kind: 'fold'; pointsMax: number; dirtyMax: number; seriesMax: number }
  | { kind: 'broken'; statement: number }
  | { kind: 'zone'; zone: string }
  | { kind: 'pack' }

const ms = fc.integer({ min: START - DAY_MS, max: START + 4 * DAY_MS })
const series = fc.nat(2)
const cents = fc.oneof(fc.integer({ min: -1e6, max: 1e6 }), fc.constantFrom(0, 1e14, -1e14))
const step = fc.oneof<fc.Arbitrary<Step>[]>(
  fc.record({
    kind: fc.constant('write' as const),
    points: fc.array(fc.record({ series, ms, cents, weight: fc.nat(3) }), { minLength: 1, maxLength: 12 }),
  }),
  fc.record({ kind: fc.constant('burst' as const), series, ms }),
  fc.record({ kind: fc.constantFrom('again' as const, 'correct' as const, 'remove' as const), pick: fc.nat(), cents }),
  fc.record({
    kind: fc.constant('fold' as const),
    pointsMax: fc.constantFrom(1, 10, 10_000),
    dirtyMax: fc.constantFrom(1, 100),
    seriesMax: fc.constantFrom(1, 5),
  }),
  fc.record({ kind: fc.constant('broken' as const), statement: fc.integer({ min: 1, max: 16 }) }),
  fc.record({ kind: fc.constant('zone' as const), zone: fc.constantFrom(...ZONE_NAMES) }),
  fc.record({ kind: fc.constant('pack' as const) }),
)

/** As of clients: those that were generated are not kept by packs, and nobody can send or correct such a point again. */
let pointId = 0
async function take(world: RollupWorld, next: Step): Promise<void> {
  const idOf = (i: number) => world.series[i] as number
  if (next.kind === 'write') {
    await world.write(
      next.points.map(({ weight, ...point }) => {
        const value = point.cents / 100
        const histogram = weight > 1 ? { count: weight, min: value - 1, max: value + 1 } : null
        return { ...point, series: idOf(point.series), id: --pointId, histogram }
      }),
    )
  } else if (next.kind === 'burst') {
    const at = (i: number): Known => ({
      series: idOf(next.series),
      ms: next.ms + i * 200_000,
      id: --pointId,
      cents: i,
      histogram: null,
    })
    await world.write(Array.from({ length: 250 }, (_, i) => at(i)))
  } else if (next.kind === 'fold') {
    await world.fold({ ...next, quarterPointsMax: 10 })
  } else if (next.kind === 'broken') {
    const folded = foldPoints(failingAt(next.statement), world.productId, daysOf)
    await folded.catch((error: Error) => expect(error.message).toBe('broken off'))
  } else if (next.kind === 'zone') {
    await world.setZone(next.zone)
  } else if (next.kind === 'pack') {
    await packDays(db.database.pools.writer, { productId: world.productId, beforeDay: 21_000, after: null })
  } else {
    const points = [...world.known.values()]
    const point = points[next.pick % Math.max(points.length, 1)]
    if (!point) return
    if (next.kind === 'again') await world.write([{ ...point, cents: next.cents }])
    if (next.kind === 'correct' && !point.histogram) await world.correct(point, next.cents)
    if (next.kind === 'remove') await world.remove(point)
  }
}

describe('whatever is written, changed, deleted, packed, folded and broken off, in any order', () => {
  test('IN-27, JB-08: every answer is what the points say, and so are the rollups', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        const world = await createWorld()
        let zone = 'UTC'
        for (const next of steps) {
          await take(world, next)
          if (next.kind === 'zone') zone = next.zone
          await check(world, zone)
          await checkSpan(world)
          expect((await audit(world)).differences).toEqual([])
        }
        await world.foldAll()
        await check(world, zone)
        expect((await audit(world)).differences).toEqual([])
      }),
      { numRuns: Number(process.env.FOLD_RUNS ?? 3) },
    )
  }, 120_000)
})

const at = (world: RollupWorld, ms: number, cents: number, series = 0): Known => ({
  series: world.series[series] as number,
  ms,
  id: --pointId,
  cents,
  histogram: null,
})

const rollups = async (table: 'rollup_day' | 'rollup_quarter', world: RollupWorld) => {
  const { rows } = await db.database.pools.query.query(
    `SELECT count::int, sum::float8, first, last FROM ${table} WHERE product_id = $1 ORDER BY 1, 2`,
    [world.productId],
  )
  return rows
}

test('F23: of two folds at once one does the work and the other none, and the deltas are folded once', async () => {
  const world = await createWorld()
  await world.foldAll()
  for (let i = 0; i < 20; i++) {
    await world.write(Array.from({ length: 30 }, (_, j) => at(world, START + j * HOUR_MS, i + j, j % 3)))
    await Promise.all([world.fold(), world.fold(), world.fold()])
  }
  await world.foldAll()
  expect((await audit(world)).differences).toEqual([])
  expect(await answered(world, dayEdges(BERLIN), BERLIN)).toEqual(expected(world, dayEdges(BERLIN)))
})

test('a correction that commits while a fold computes its quarter is not lost', async () => {
  const world = await createWorld()
  await world.setZone('Europe/Berlin')
  const point = at(world, START + HOUR_MS, 100)
  await world.write([point])
  await world.foldAll()
  await world.correct(point, 200)
  // The fold has its snapshot, and has read the mark and the point, when the second correction commits.
  let fold: (() => void) | undefined
  const held = new Promise<void>((resolve) => {
    fold = resolve
  })
  const { writer } = db.database.pools
  let isHeld = () => {}
  const reached = new Promise<void>((resolve) => {
    isHeld = resolve
  })
  const slow = {
    connect: async () => {
      const client = await writer.connect()
      const query = async (text: string, values?: unknown[]) => {
        if (text === 'COMMIT') {
          isHeld()
          await held
        }
        return client.query(text, values)
      }
      return { query, release: () => client.release() }
    },
  } as unknown as Pool
  const folding = foldPoints(slow, world.productId, daysOf)
  await reached
  await world.correct(point, 300)
  fold?.()
  await folding
  const sum = (await answered(world, dayEdges(BERLIN), BERLIN)).find(([key]) => key === 'all')?.[1].cents
  expect(sum).toBe(300n)
  await world.foldAll()
  expect(await rollups('rollup_day', world)).toEqual([{ count: 1, sum: 3, first: 3, last: 3 }])
})

test('a series with many points a day gets quarters of an hour from its points, and keeps them from deltas', async () => {
  const world = await createWorld()
  await world.setZone('Europe/Berlin')
  await world.foldAll()
  await world.write(Array.from({ length: 192 }, (_, i) => at(world, START + i * 1000, 100)))
  await world.foldAll()
  expect(await rollups('rollup_quarter', world)).toEqual([])
  await world.write([at(world, START + 500, 100), at(world, START, 100, 1)])
  await world.foldAll()
  expect(await rollups('rollup_quarter', world)).toEqual([{ count: 193, sum: 193, first: 1, last: 1 }])
  await world.write([at(world, START + HOUR_MS, 700)])
  await world.foldAll()
  expect(await rollups('rollup_quarter', world)).toEqual([
    { count: 1, sum: 7, first: 7, last: 7 },
    { count: 193, sum: 193, first: 1, last: 1 },
  ])
  await check(world, 'Europe/Berlin')
})

test('IN-04: a sum beyond a float, folded in parts, is a sum and no error', async () => {
  const world = await createWorld()
  await world.foldAll()
  for (const from of [0, 100]) {
    await world.write(Array.from({ length: 100 }, (_, i) => at(world, START + from + i, 1e308)))
    await world.fold()
  }
  const edges = dayEdges(daysOf('UTC'))
  const asked = { productId: world.productId, metricId: world.metricId, edges, groupBy: [], filters: [] }
  const rows = await selectAggregates(db.database.pools.query, { ...asked, days: daysOf('UTC'), measures: ['sum'] })
  expect(rows.find((row) => row.level === 'total')?.sum).toBe(`2${'0'.repeat(308)}`)
})

test('DL-04: where raw points were dropped, days stay: nothing computes them again, not even another zone', async () => {
  const world = await createWorld()
  await world.setZone('Europe/Berlin')
  await world.write([at(world, START + HOUR_MS, 100), at(world, START + 30 * HOUR_MS, 200)])
  await world.foldAll()
  const rawFrom = BERLIN.startOf(FIRST_DAY + 1)
  const { writer } = db.database.pools
  const series = world.series[0]
  await writer.query(`UPDATE metric SET raw_from = $3 WHERE product_id = $1 AND id = $2`, [
    world.productId,
    world.metricId,
    new Date(rawFrom),
  ])
  await writer.query('DELETE FROM point WHERE product_id = $1 AND ts < $2', [world.productId, new Date(rawFrom)])
  await writer.query('INSERT INTO dirty_quarter (product_id, series_id, quarter) VALUES ($1, $2, $3)', [
    world.productId,
    series,
    Math.floor((START + HOUR_MS) / 900_000),
  ])
  const edges = dayEdges(BERLIN)
  expect(await answered(world, edges, BERLIN)).toEqual(expected(world, edges))
  await world.foldAll()
  expect(await answered(world, edges, BERLIN)).toEqual(expected(world, edges))
  expect((await audit(world)).differences).toEqual([])
  await world.setZone('Asia/Kathmandu')
  await world.foldAll()
  expect((await rollups('rollup_day', world)).map((row) => row.sum)).toEqual([1, 2])
})

test('an audit tells what differs, and heals it', async () => {
  const world = await createWorld()
  await world.setZone('Europe/Berlin')
  await world.write(Array.from({ length: 300 }, (_, i) => at(world, START + i * 60_000, i)))
  await world.foldAll()
  const { writer, query } = db.database.pools
  await writer.query('UPDATE rollup_day SET sum = sum + 1 WHERE product_id = $1', [world.productId])
  await writer.query('DELETE FROM rollup_quarter WHERE product_id = $1 AND quarter % 2 = 0', [world.productId])
  const { differences } = await auditRollups(query, world.productId, daysOf, { heal: true })
  expect(differences.filter((one) => one.day !== null)).toHaveLength(1)
  expect(differences.filter((one) => one.quarter !== null && one.rolled === null)).toHaveLength(10)
  await world.foldAll()
  expect((await audit(world)).differences).toEqual([])
})

test('percentiles of more values than are sorted come from bins, within 1 %, whatever has a sketch', async () => {
  const world = await createWorld(2)
  await world.setZone('Europe/Berlin')
  await world.foldAll()
  const points = Array.from({ length: 52_000 }, (_, i) =>
    at(world, START + i * 5_000, ((i * 7919) % 99_991) + 1, i % 2),
  )
  await world.write(points)
  await world.foldAll()
  const { query, writer } = db.database.pools
  const edges = dayEdges(BERLIN)
  const ask = async () => {
    const asked = {
      productId: world.productId,
      metricId: world.metricId,
      edges,
      days: BERLIN,
      groupBy: [],
      filters: [],
    }
    return selectAggregates(query, { ...asked, measures: ['quantiles'], quantiles: [0, 0.5, 0.95] })
  }
  const compare = async () => {
    for (const row of await ask()) {
      const from = edges[row.bucket ?? 0] as number
      const to = edges[row.bucket === null ? edges.length - 1 : row.bucket + 1] as number
      const values = [...world.known.values()].filter(({ ms }) => ms >= from && ms < to).map(({ cents }) => cents / 100)
      values.sort((a, b) => a - b)
      for (const [i, q] of [0, 0.5, 0.95].entries()) {
        const truth = values[Math.round(q * (values.length - 1))] as number
        expect(Math.abs((row.quantiles?.[i] ?? 0) / truth - 1)).toBeLessThan(0.0102)
      }
      expect(row).toMatchObject({ count: values.length, isApproximate: true })
    }
  }
  await compare()
  const sketch = () => sketchDays(writer, { productId: world.productId, beforeDay: FIRST_DAY + 3, daysMax: 4 }, daysOf)
  expect([await sketch(), await sketch(), await sketch()]).toEqual([4, 2, 0])
  await compare()
  // A late point, a correction and a deletion in days that have sketches.
  await world.write([at(world, START + 1, 1)])
  await world.correct(points[3] as Known, 1)
  await world.remove(points[5] as Known)
  await compare()
  await world.foldAll()
  await compare()
  expect(await sketch()).toBe(2)
  await compare()
})

test('a percentile over counted distributions is one of their bins', async () => {
  const world = await createWorld()
  await world.write([{ ...at(world, START, 30_000), histogram: { count: 3, min: 99, max: 101 } }])
  await db.database.pools.writer.query('UPDATE histogram SET bins = $2, counts = $3 WHERE product_id = $1', [
    world.productId,
    [binOf(100)],
    [3],
  ])
  const edges = dayEdges(BERLIN)
  const asked = { productId: world.productId, metricId: world.metricId, edges, groupBy: [], filters: [] }
  const rows = await selectAggregates(db.database.pools.query, { ...asked, measures: ['quantiles'], quantiles: [0.5] })
  const total = rows.find((row) => row.level === 'total')
  expect(total).toMatchObject({ count: 3, isApproximate: true })
  expect(Math.abs((total?.quantiles?.[0] ?? 0) - 100)).toBeLessThanOrEqual(1)
})

test('a stray point of the year 1 is folded like any other', async () => {
  const world = await createWorld()
  await world.foldAll()
  const ms = Date.parse('0001-01-01T00:00:00Z')
  await db.database.pools.writer.query(
    `CREATE TABLE points.p_0001_01 PARTITION OF point FOR VALUES FROM ('0001-01-01') TO ('0001-02-01')`,
  )
  await world.write([at(world, ms, 100), at(world, START, 200)])
  await world.foldAll()
  expect((await rollups('rollup_day', world)).map((row) => row.sum)).toEqual([1, 2])
})
