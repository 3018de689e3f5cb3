import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing'
import { createProduct, hashTags } from './fixture'
import { type NewMetric, resolveMetrics } from './resolve-metrics'
import { countSeries, type NewSeries, resolveSeries } from './resolve-series'

let db: TestDatabase
let product: number
beforeAll(async () => {
  db = await createTestDatabase()
  product = await createProduct(db.database)
})
afterAll(() => db.drop())

const named = (...names: string[]): NewMetric[] => names.map((name) => ({ name }))
const tagged = (metricId: number, ...values: string[]): NewSeries[] =>
  values.map((value) => ({ metricId, tags: { plan: value }, tagsHash: hashTags({ plan: value }) }))

test('a name is created once, with what is known about it, and resolved ever after', async () => {
  const { writer } = db.database.pools
  const created = await resolveMetrics(writer, product, [
    { name: 'signups', kind: 'count', unit: '1' },
    ...named('mrr', 'mrr'),
  ])
  expect(created.map((row) => row.name).sort()).toEqual(['mrr', 'signups'])
  const again = await resolveMetrics(writer, product, [{ name: 'signups', kind: 'gauge', defaultAggregation: 'avg' }])
  expect(again).toEqual(created.filter((row) => row.name === 'signups'))
  expect(again[0]).toMatchObject({ kind: 'count', unit: '1', default_aggregation: 'sum' })
})

test('the same name of another product is another metric', async () => {
  const other = await createProduct(db.database, 'other')
  const [mine] = await resolveMetrics(db.database.pools.writer, product, named('shared'))
  const [theirs] = await resolveMetrics(db.database.pools.writer, other, named('shared'))
  expect(theirs?.id).not.toBe(mine?.id)
})

test('processes that create the same names at once, in any order, agree on their ids', async () => {
  const names = Array.from({ length: 200 }, (_, i) => `race_${i}`)
  const { meta } = db.database.pools
  const answers = await Promise.all(
    [names, names.toReversed(), names, names.toReversed()].map((some) => resolveMetrics(meta, product, named(...some))),
  )
  const asMap = (rows: { name: string; id: number }[]) => new Map(rows.map((row) => [row.name, row.id]))
  for (const answer of answers) expect(asMap(answer)).toEqual(asMap(answers[0] ?? []))
  expect(answers[0]).toHaveLength(200)
})

test('processes that create the same series at once, in any order, agree on their ids', async () => {
  const [metric] = await resolveMetrics(db.database.pools.writer, product, named('series_race'))
  const before = await countSeries(db.database.pools.meta, product)
  const series = tagged(metric?.id ?? 0, ...Array.from({ length: 200 }, (_, i) => `plan_${i}`))
  const { meta } = db.database.pools
  const answers = await Promise.all(
    [series, series.toReversed(), series].map((some) => resolveSeries(meta, product, some)),
  )
  const asMap = (rows: { tags_hash: Buffer; id: number }[]) =>
    new Map(rows.map((row) => [row.tags_hash.toString('hex'), row.id]))
  for (const answer of answers) expect(asMap(answer)).toEqual(asMap(answers[0] ?? []))
  expect(await countSeries(meta, product)).toBe(before + 200)
})

test('resolving what exists takes no number from the int4 sequences', async () => {
  const { writer } = db.database.pools
  const [metric] = await resolveMetrics(writer, product, named('frugal'))
  const [first] = await resolveSeries(writer, product, tagged(metric?.id ?? 0, 'a'))
  for (let i = 0; i < 20; i++) {
    await resolveMetrics(writer, product, named('frugal'))
    await resolveSeries(writer, product, tagged(metric?.id ?? 0, 'a', 'a'))
  }
  const [nextMetric] = await resolveMetrics(writer, product, named('frugal_next'))
  const [nextSeries] = await resolveSeries(writer, product, tagged(metric?.id ?? 0, 'b'))
  expect(nextMetric?.id).toBe((metric?.id ?? 0) + 1)
  expect(nextSeries?.id).toBe((first?.id ?? 0) + 1)
})

test('IN-08: tag names that mean something to JavaScript are stored as data', async () => {
  const { writer, query } = db.database.pools
  const [metric] = await resolveMetrics(writer, product, named('odd_tags'))
  const tags: Record<string, string> = JSON.parse('{"__proto__":"a","constructor":"b","quote\\"\\\\":"c, {d}"}')
  await resolveSeries(writer, product, [{ metricId: metric?.id ?? 0, tags, tagsHash: hashTags(tags) }])
  const { rows } = await query.query('SELECT tags::text FROM series WHERE product_id = $1 AND metric_id = $2', [
    product,
    metric?.id,
  ])
  expect(JSON.parse(rows[0].tags)).toEqual(tags)
})
