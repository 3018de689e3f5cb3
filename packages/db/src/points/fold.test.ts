import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Pool, PoolClient } from '../client'
import { createTestDatabase, type TestDatabase } from '../testing'
import type { LocalDays } from './aggregate-query'
import { auditRollups } from './audit'
import { foldPoints } from './fold'
import { packDays } from './pack-days'
import { daysOf, HOUR_MS, type Known, RollupWorld, START, ZONE_NAMES } from './rollup-fixture'
import { selectAggregates } from './select-aggregates'

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
    measures: ['sum', 'first', 'last'],
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
          expect((await audit(world)).differences).toEqual([])
        }
        await world.foldAll()
        await check(world, zone)
        expect((await audit(world)).differences).toEqual([])
      }),
      { numRuns: Number(process.env.FOLD_RUNS ?? 6) },
    )
  }, 120_000)
})
