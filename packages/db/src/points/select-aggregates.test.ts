import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing'
import type { AggregateQuery, AggregateRow, TagFilter } from './aggregate-query'
import { ensurePartitionsFor } from './ensure-partitions'
import { createProduct, hashTags, type TestPoint, toColumns } from './fixture'
import { insertPoints } from './insert-points'
import { resolveMetrics } from './resolve-metrics'
import { resolveSeries } from './resolve-series'
import { selectAggregates } from './select-aggregates'

const DAY = 86_400_000
const START = Date.parse('2026-10-24T22:00:00Z')
/** Two days of Europe/Berlin around the end of summer time: the first has 25 hours. */
const EDGES = [START, START + 25 * 3_600_000, START + 49 * 3_600_000]

let db: TestDatabase
let product: number
beforeAll(async () => {
  db = await createTestDatabase()
  product = await createProduct(db.database)
})
afterAll(() => db.drop())

type Tags = Record<string, string>

/** Writes a metric with the points of each tag combination, and returns its id. */
async function write(
  name: string,
  series: [Tags, Omit<TestPoint, 'seriesId'>[]][],
  productId = product,
): Promise<number> {
  const { writer } = db.database.pools
  const [metric] = await resolveMetrics(writer, productId, [{ name }])
  const metricId = metric?.id ?? 0
  let id = 1n
  for (const [tags, points] of series) {
    const [row] = await resolveSeries(writer, productId, [{ metricId, tags, tagsHash: hashTags(tags) }])
    const numbered = points.map((point) => ({ id: id++, ...point, seriesId: row?.id ?? 0 }))
    const columns = toColumns(productId, numbered)
    await ensurePartitionsFor(writer, columns)
    await insertPoints(writer, columns)
  }
  return metricId
}

const ALL: AggregateQuery['measures'] = ['sum', 'min', 'max', 'first', 'last', 'unique']

function select(metricId: number, query: Partial<AggregateQuery> = {}): Promise<AggregateRow[]> {
  const all: AggregateQuery = {
    productId: product,
    metricId,
    edges: EDGES,
    groupBy: [],
    filters: [],
    measures: ALL,
    ...query,
  }
  return selectAggregates(db.database.pools.query, all)
}

const at = (offset: number, value: number) => ({ ts: START + offset, value })
const total = (rows: AggregateRow[]) => rows.find((row) => row.level === 'total')
/** By group and bucket; JSON happens to put the missing tag behind the others and the rest last. */
const sums = (rows: AggregateRow[], level: AggregateRow['level']) =>
  rows
    .filter((row) => row.level === level)
    .map((row) => [row.group, row.is_other, row.bucket, Number(row.sum)])
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

test('IN-05: ten times 0.1 is exactly 1, and 1e16, 1, -1e16 is 1 in every order', async () => {
  const tenths = await write('tenths', [[{}, Array.from({ length: 10 }, (_, i) => at(i, 0.1))]])
  expect(total(await select(tenths))?.sum).toBe('1')
  const orders = [
    [1e16, 1, -1e16],
    [1e16, -1e16, 1],
    [1, 1e16, -1e16],
    [1, -1e16, 1e16],
    [-1e16, 1, 1e16],
    [-1e16, 1e16, 1],
  ]
  for (const [i, order] of orders.entries()) {
    const metric = await write(`order_${i}`, [[{}, order.map((value, j) => at(j, value))]])
    expect(Number(total(await select(metric))?.sum)).toBe(1)
  }
})

test('IN-05: ten thousand cents in random order add up to the decimal truth', async () => {
  const cents = Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 100_003)
  const metric = await write('cents', [[{}, cents.map((cent, i) => at(i, cent / 100))]])
  const truth = cents.reduce((sum, cent) => sum + cent, 0)
  expect(Math.round(Number(total(await select(metric))?.sum) * 100)).toBe(truth)
})

test('IN-04: twice 1e308 is a sum, not an error', async () => {
  const metric = await write('huge', [[{}, [at(0, 1e308), at(1, 1e308), at(2, 5e-324)]]])
  const row = total(await select(metric))
  expect(row?.sum?.startsWith(`2${'0'.repeat(308)}.`)).toBe(true)
  expect(row).toMatchObject({ count: 3, min: 5e-324, max: 1e308 })
})

test('IN-26: points fall into the bucket whose edges enclose them, a day of 25 hours included, and the buckets make the total', async () => {
  const [, second = 0, end = 0] = EDGES
  const metric = await write('edges', [
    [
      {},
      [
        at(-1, 1000),
        at(0, 1),
        { ts: second - 0.001, value: 2 },
        { ts: second, value: 4 },
        { ts: end - 0.001, value: 8 },
        { ts: end, value: 1000 },
      ],
    ],
  ])
  const rows = await select(metric)
  expect(sums(rows, 'bucket')).toEqual([
    [null, false, 0, 3],
    [null, false, 1, 12],
  ])
  expect(total(rows)).toMatchObject({ count: 4, sum: '15', min: 1, max: 8, last: 8 })
})

test('groups, buckets and totals come from the same points, and points without the tag are a group of their own', async () => {
  const metric = await write('plans', [
    [{ plan: 'free', region: 'eu' }, [at(0, 1), at(DAY * 1.5, 2)]],
    [{ plan: 'free', region: 'us' }, [at(1, 4)]],
    [{ plan: 'pro' }, [at(0, 8)]],
    [{ region: 'eu' }, [at(0, 16)]],
  ])
  const rows = await select(metric, { groupBy: ['plan'] })
  expect(sums(rows, 'group_bucket')).toEqual([
    [['free'], false, 0, 5],
    [['free'], false, 1, 2],
    [['pro'], false, 0, 8],
    [[null], false, 0, 16],
  ])
  expect(sums(rows, 'group')).toEqual([
    [['free'], false, null, 7],
    [['pro'], false, null, 8],
    [[null], false, null, 16],
  ])
  expect(sums(rows, 'bucket')).toEqual([
    [null, false, 0, 29],
    [null, false, 1, 2],
  ])
  expect(sums(rows, 'total')).toEqual([[null, false, null, 31]])
})

test('IN-25: groups that are not named are added up exactly into one "other"; no tag can be a named group', async () => {
  const metric = await write('top', [
    [{ plan: 'a' }, [at(0, 1)]],
    [{ plan: 'b' }, [at(0, 2)]],
    [{ plan: 'c' }, [at(0, 4)]],
    [{}, [at(0, 8)]],
  ])
  const top = await select(metric, { groupBy: ['plan'], groups: [['b']] })
  expect(sums(top, 'group')).toEqual([
    [['b'], false, null, 2],
    [null, true, null, 13],
  ])
  const withNone = await select(metric, { groupBy: ['plan'], groups: [['b'], [null]] })
  expect(sums(withNone, 'group')).toEqual([
    [['b'], false, null, 2],
    [[null], false, null, 8],
    [null, true, null, 5],
  ])
  expect(sums(withNone, 'total')).toEqual([[null, false, null, 15]])
})

test('"is" takes series whose tag has one of the values; "is_not" all others, those without the tag included', async () => {
  const metric = await write('filtered', [
    [{ plan: 'a', region: 'eu' }, [at(0, 1)]],
    [{ plan: 'b', region: 'eu' }, [at(0, 2)]],
    [{ plan: 'a', region: 'us' }, [at(0, 4)]],
    [{}, [at(0, 8)]],
  ])
  const sumOf = async (...filters: TagFilter[]) =>
    Number(total(await select(metric, { filters: filters.map((filter) => [filter]) }))?.sum)
  expect(await sumOf({ tag: 'plan', op: 'is', values: ['a', 'x'] })).toBe(5)
  expect(await sumOf({ tag: 'plan', op: 'is_not', values: ['a'] })).toBe(10)
  expect(await sumOf({ tag: 'plan', op: 'is', values: ['a'] }, { tag: 'region', op: 'is_not', values: ['us'] })).toBe(1)
  expect(await select(metric, { filters: [[{ tag: 'plan', op: 'is', values: ['"]\'; --'] }]] })).toEqual([])
})

test('"last" is the value with the latest timestamp, and at the same instant the greatest', async () => {
  const metric = await write('last', [
    [{ plan: 'a' }, [at(5, 100), at(9, 3), at(7, 200)]],
    [{ plan: 'b' }, [at(9, 2)]],
  ])
  expect(total(await select(metric))).toMatchObject({ first: 100, last: 3 })
})

test('AZ-07: the same metric name of another product does not leak into the answer', async () => {
  const other = await createProduct(db.database, 'other')
  const mine = await write('same', [[{}, [at(0, 1)]]])
  const theirs = await write('same', [[{}, [at(0, 50)]]], other)
  expect(total(await select(mine))?.sum).toBe('1')
  expect(await select(theirs)).toEqual([])
})

test('measures that were not asked for are null, and a metric without points has no rows', async () => {
  const metric = await write('measures', [[{}, [at(0, 1)]]])
  expect(total(await select(metric, { measures: [] }))).toMatchObject({ count: 1, sum: null, last: null, max: null })
  expect(await select(metric, { edges: [0, 1] })).toEqual([])
  expect(await select(metric, { edges: [0] })).toEqual([])
})

test('MT-3: filters are all true, and of each clause one is; contains has no case, exists asks for the tag alone', async () => {
  const metric = await write('clauses', [
    [{ plan: 'Pro_Yearly', region: 'eu' }, [at(0, 1)]],
    [{ plan: 'pro%', region: 'us' }, [at(0, 2)]],
    [{ plan: 'free' }, [at(0, 4)]],
    [{}, [at(0, 8)]],
  ])
  const sumOf = async (...filters: TagFilter[][]) => Number(total(await select(metric, { filters }))?.sum)
  const filter = (tag: string, op: TagFilter['op'], ...values: string[]): TagFilter => ({ tag, op, values })
  expect(await sumOf([filter('plan', 'contains', 'PRO')])).toBe(3)
  expect(await sumOf([filter('plan', 'contains', '%')])).toBe(2)
  expect(await sumOf([filter('plan', 'not_contains', 'pro')])).toBe(12)
  expect(await sumOf([filter('region', 'exists')])).toBe(3)
  expect(await sumOf([filter('region', 'not_exists')])).toBe(12)
  expect(await sumOf([filter('region', 'is', 'us'), filter('plan', 'is', 'free')])).toBe(6)
  expect(
    await sumOf([filter('region', 'is', 'us'), filter('plan', 'is', 'free')], [filter('plan', 'contains', 'fr')]),
  ).toBe(4)
  expect(await select(metric, { filters: [[]] })).toEqual([])
})

test('MT-3: several tags make one group, of which any may be missing; "unique" counts its series', async () => {
  const metric = await write('pairs', [
    [{ plan: 'a', region: 'eu', host: '1' }, [at(0, 1)]],
    [{ plan: 'a', region: 'eu', host: '2' }, [at(0, 2), at(1, 2)]],
    [{ plan: 'a' }, [at(0, 4)]],
    [{ region: 'eu' }, [at(0, 8)]],
  ])
  const rows = await select(metric, {
    groupBy: ['plan', 'region'],
    groups: [
      ['a', 'eu'],
      ['a', null],
    ],
  })
  expect(sums(rows, 'group')).toEqual([
    [['a', 'eu'], false, null, 5],
    [['a', null], false, null, 4],
    [null, true, null, 8],
  ])
  const uniques = rows.filter((row) => row.level === 'group').map((row) => [row.group, row.unique])
  expect(uniques).toHaveLength(3)
  expect(uniques).toEqual(
    expect.arrayContaining([
      [['a', 'eu'], 2],
      [['a', null], 1],
      [null, 1],
    ]),
  )
  expect(total(rows)).toMatchObject({ unique: 4, first: 1, last: 2 })
})

test('quantiles are those of all values of a cell, between two of them by a straight line', async () => {
  const metric = await write('quantiles', [
    [{ plan: 'a' }, [at(0, 1), at(1, 2)]],
    [{ plan: 'b' }, [at(2, 3), at(DAY * 1.5, 100)]],
  ])
  const asked = { measures: ['quantiles' as const], quantiles: [0.5, 1], groupBy: ['plan'] }
  const rows = await select(metric, asked)
  expect(total(rows)).toMatchObject({ quantiles: [2.5, 100], isApproximate: false, count: 4, sum: null })
  const of = (level: AggregateRow['level']) =>
    rows
      .filter((row) => row.level === level)
      .map((row) => row.quantiles ?? [])
      .sort(([a = 0], [b = 0]) => a - b)
  expect(of('bucket')).toEqual([
    [2, 3],
    [100, 100],
  ])
  expect(of('group')).toEqual([
    [1.5, 2],
    [51.5, 100],
  ])
})
