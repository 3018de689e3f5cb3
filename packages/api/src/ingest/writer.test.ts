import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProductScope } from '../kernel/scope'
import type { Histogram } from './columns'
import { FairQueue } from './queue'
import { AT, createWorld, parsed, type TestRow, type World } from './testing'
import { createPointWriter } from './writer'

let world: World
let ctx: World['ctx']
let writer: World['writer']

beforeAll(async () => {
  world = await createWorld()
  ctx = world.ctx
  writer = world.writer
})
afterAll(() => world.close())

describe('the rollups are told exactly what was stored', () => {
  test('of new points, of several products in one flush, to the microsecond', async () => {
    const products = [await world.createScope(), await world.createScope(), await world.createScope()]
    const rows = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ value: i / 8, ts: AT + i + 0.125, tags: `{"k":"${i % 3}"}` }))
    // Known series, so that all of them share the flush.
    for (const product of products) await writer.write(product, parsed(rows(3)))
    await Promise.all(products.flatMap((product) => [40, 1, 7].map((n) => writer.write(product, parsed(rows(n))))))
    for (const product of products) {
      const points = await world.pointsAsTold(product)
      expect(points).toHaveLength(51)
      expect(await world.told(product)).toEqual(points)
    }
  })

  test('of points with ids only those that were new', async () => {
    const product = await world.createScope()
    await writer.write(product, parsed([{ value: 1, id: 'a' }, { value: 2, id: 'b' }, { value: 3 }]))
    await writer.write(
      product,
      parsed([
        { value: 1, id: 'a' },
        { value: 4, id: 'c' },
        { value: 4, id: 'c' },
      ]),
    )
    const points = await world.pointsAsTold(product)
    expect(points.map(({ value }) => value)).toEqual([1, 2, 3, 4])
    expect(await world.told(product)).toEqual(points)
  })

  test('a flush that fails leaves nothing behind in either table', async () => {
    const product = await world.createScope()
    const result = await writer.write(product, parsed([{ value: 1 }, { value: Number.NaN }]))
    expect(result.rejected.map(({ code }) => code)).toEqual(['storage_error', 'storage_error'])
    expect(await world.storedValues(product)).toEqual([])
    expect(await world.told(product)).toEqual([])
  })
})

describe('a point that overwrites', () => {
  test('takes the place of the earlier one, which makes its quarter of an hour dirty, and is told once', async () => {
    const product = await world.createScope()
    const write = (rows: TestRow[]) => writer.write(product, parsed(rows, 'overwrite'))
    expect(await write([{ value: 1 }, { value: 5, ts: AT + 1 }])).toMatchObject({ accepted: 2, duplicates: 0 })
    expect(await world.dirtyQuarters(product)).toEqual([])
    // The same again, as a client does whose answer was lost.
    expect(await write([{ value: 1 }, { value: 5, ts: AT + 1 }])).toMatchObject({ accepted: 0, duplicates: 2 })
    expect(await world.dirtyQuarters(product)).toEqual([])
    expect(await write([{ value: 2 }, { value: 5, ts: AT + 1 }])).toMatchObject({ accepted: 1, duplicates: 1 })
    expect(await world.storedValues(product)).toEqual([2, 5])
    expect(await world.dirtyQuarters(product)).toEqual([AT / 900_000])
    expect((await world.told(product)).map(({ value }) => value)).toEqual([1, 5])
  })

  test('of several of one instant in one flush the last one stays', async () => {
    const product = await world.createScope()
    const result = await writer.write(product, parsed([{ value: 1 }, { value: 3 }, { value: 2 }], 'overwrite'))
    expect(result).toMatchObject({ accepted: 3, duplicates: 0 })
    expect(await world.storedValues(product)).toEqual([2])
    expect((await world.told(product)).map(({ value }) => value)).toEqual([2])
  })

  test('F23: two replicas that overwrite the same series in opposite order never surface a deadlock', async () => {
    const product = await world.createScope()
    const other = createPointWriter(ctx)
    const rows = (round: number) =>
      Array.from({ length: 200 }, (_, i) => ({ value: round, tags: `{"n":"${i}"}`, ts: AT + (i % 5) * 900_000 }))
    await writer.write(product, parsed(rows(0), 'overwrite'))
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, i) => {
        const round = rows(i + 1)
        return i % 2 === 0
          ? writer.write(product, parsed(round, 'overwrite'))
          : other.write(product, parsed(round.toReversed(), 'overwrite'))
      }),
    )
    await other.close()
    for (const { accepted, duplicates, rejected } of results)
      expect([accepted + duplicates, rejected]).toEqual([200, []])
    expect(await world.storedValues(product)).toHaveLength(200)
    expect((await world.told(product)).every(({ value }) => value === 0)).toBe(true)
  })
})

describe('a distribution', () => {
  const histogram = (count: number): Histogram => ({ count, min: 1, max: 9, bins: [0, 110], counts: [1, count - 1] })
  const rowsOf = (product: ProductScope) =>
    world.query('SELECT count::int4, sum, min, max, bins, counts::int4[] FROM histogram WHERE product_id = $1', product)
  const toldOf = (product: ProductScope) =>
    world.query('SELECT value, weight::int4[], low, high FROM point_delta WHERE product_id = $1 ORDER BY id', product)

  test('is stored and told with its weight and extremes; sent again it adds nothing, changed it makes its quarter dirty', async () => {
    const product = await world.createScope()
    const write = (count: number) =>
      writer.write(product, parsed([{ value: 12, histogram: histogram(count) }], 'overwrite'))
    expect(await write(4)).toMatchObject({ accepted: 1, duplicates: 0 })
    expect(await write(4)).toMatchObject({ accepted: 0, duplicates: 1 })
    expect(await toldOf(product)).toEqual([{ value: [12], weight: [4], low: [1], high: [9] }])
    expect(await world.dirtyQuarters(product)).toEqual([])
    expect(await write(6)).toMatchObject({ accepted: 1, duplicates: 0 })
    expect(await rowsOf(product)).toEqual([{ count: 6, sum: 12, min: 1, max: 9, bins: [0, 110], counts: [1, 5] }])
    expect(await world.dirtyQuarters(product)).toEqual([AT / 900_000])
  })

  test('with an id is stored once, without one as often as it is sent', async () => {
    const product = await world.createScope()
    const one = { value: 12, histogram: histogram(4) }
    const rows = [one, one, { ...one, id: 'x' }, { ...one, id: 'x' }, { value: 3 }]
    expect(await writer.write(product, parsed(rows))).toMatchObject({ accepted: 4, duplicates: 1 })
    expect(await rowsOf(product)).toHaveLength(3)
    expect(await world.storedValues(product)).toEqual([3])
  })
})

describe('values that count since a start', () => {
  const count = (value: number, ts: number): TestRow => ({ value, ts, startTs: AT - 60_000 })

  test('are stored as differences; what is sent again adds nothing', async () => {
    const product = await world.createScope()
    const write = (rows: TestRow[]) => writer.write(product, parsed(rows, 'cumulative'))
    expect(await write([count(5, AT), count(8, AT + 1000)])).toMatchObject({ accepted: 2, duplicates: 0 })
    expect(await write([count(8, AT + 1000), count(15, AT + 2000)])).toMatchObject({ accepted: 1, duplicates: 1 })
    expect(await world.storedValues(product)).toEqual([5, 3, 7])
    expect(await world.told(product)).toEqual(await world.pointsAsTold(product))
  })

  test('two replicas that are sent the same series at once count every value once', async () => {
    const product = await world.createScope()
    const other = createPointWriter(ctx)
    const scrapes = Array.from({ length: 30 }, (_, i) =>
      Array.from({ length: 20 }, (_, s) => ({ ...count((i + 1) * (s + 1), AT + i * 1000), tags: `{"s":"${s}"}` })),
    )
    for (const scrape of scrapes) {
      await Promise.all([
        writer.write(product, parsed(scrape, 'cumulative')),
        other.write(product, parsed(scrape.toReversed(), 'cumulative')),
      ])
    }
    await other.close()
    const sums = await world.query<{ sum: number }>(
      'SELECT sum(value) AS sum FROM point WHERE product_id = $1 GROUP BY series_id ORDER BY 1',
      product,
    )
    expect(sums.map(({ sum }) => sum)).toEqual(Array.from({ length: 20 }, (_, s) => 30 * (s + 1)))
  })
})

test('what a protocol says of a metric fills what nobody has said, and changes nothing else', async () => {
  const product = await world.createScope()
  const hinted = (hint: object) => {
    const points = parsed([{ metric: 'latency', value: 1 }])
    points.hints = new Map([['latency', hint]])
    return points
  }
  const read = () =>
    world.query('SELECT kind, unit, description, default_aggregation FROM metric WHERE product_id = $1', product)
  await writer.write(product, hinted({ kind: 'gauge', unit: 'ms' }))
  expect(await read()).toEqual([{ kind: 'gauge', unit: 'ms', description: null, default_aggregation: 'avg' }])
  const other = createPointWriter(ctx)
  await other.write(product, hinted({ kind: 'count', unit: 's', description: 'How long it takes' }))
  await other.close()
  expect(await read()).toEqual([
    { kind: 'gauge', unit: 'ms', description: 'How long it takes', default_aggregation: 'avg' },
  ])
})

describe('OV-05: who sends most does not make the others wait', () => {
  const request = (productId: number, length: number) => ({ productId, length })

  test('a flush takes a share from each product in turn, at least one request', () => {
    const queue = new FairQueue<{ productId: number; length: number }>()
    for (let i = 0; i < 40; i++) queue.push(request(1, 1000))
    queue.push(request(2, 10))
    queue.push(request(3, 9000))
    queue.push(request(3, 9000))
    const first = queue.take(20_000)
    const pointsOf = (taken: typeof first, id: number) =>
      taken.filter(({ productId }) => productId === id).reduce((sum, { length }) => sum + length, 0)
    expect([1, 2, 3].map((id) => pointsOf(first, id))).toEqual(
      [7000, 10, 9000].map((n, i) => (i === 0 ? expect.any(Number) : n)),
    )
    expect(pointsOf(first, 1)).toBeLessThanOrEqual(14_000)
    let left = 0
    while (!queue.isEmpty) left += queue.take(20_000).reduce((sum, { length }) => sum + length, 0)
    expect(left + first.reduce((sum, { length }) => sum + length, 0)).toBe(40_000 + 10 + 18_000)
  })

  test('a lone product is taken in the order in which it came', () => {
    const queue = new FairQueue<{ productId: number; length: number }>()
    const requests = Array.from({ length: 30 }, () => request(1, 1000))
    for (const one of requests) queue.push(one)
    expect(queue.take(20_000)).toEqual(requests.slice(0, 20))
    expect(queue.take(20_000)).toEqual(requests.slice(20))
  })

  test('a product that fills its part of the queue is told to wait, and another one is served before its backlog', async () => {
    const [loud, quiet] = [await world.createScope(), await world.createScope()]
    const own = createPointWriter(ctx, { queuePointsMax: 100_000 })
    const rows = Array.from({ length: 5000 }, (_, i) => ({ value: 1, ts: AT + i }))
    await own.write(loud, parsed(rows.slice(0, 1)))
    await own.write(quiet, parsed(rows.slice(0, 1)))
    let isLoudDone = false
    const backlog = Promise.allSettled(Array.from({ length: 20 }, () => own.write(loud, parsed(rows))))
    void backlog.then(() => {
      isLoudDone = true
    })
    await own.write(quiet, parsed(rows.slice(0, 1)))
    expect(isLoudDone).toBe(false)
    const answers = await backlog
    await own.close()
    const refused = answers.filter(({ status }) => status === 'rejected')
    // 60,000 of 100,000: twelve requests are in, the next one is not.
    expect(refused).toHaveLength(8)
    expect(await world.storedValues(loud)).toHaveLength(60_001)
    expect(await world.storedValues(quiet)).toHaveLength(2)
  })
})

describe('IN-19, F22: a product that invents series', () => {
  test('fills its limit and no more of the memory, while known series and other products are served', async () => {
    const [inventor, other] = [await world.createScope(), await world.createScope()]
    const limited = createPointWriter(ctx, { seriesPerProductMax: 500 })
    await limited.write(other, parsed([{ value: 1 }]))
    const invented = (from: number) =>
      parsed(Array.from({ length: 5000 }, (_, i) => ({ value: 1, tags: `{"user":"u${from + i}"}` })))
    const codes = new Map<string, number>()
    let accepted = 0
    const settle = async () => {
      global.gc?.()
      return process.memoryUsage().heapUsed
    }
    const before = await settle()
    for (let from = 0; from < 50_000; from += 5000) {
      const result = await limited.write(inventor, invented(from))
      accepted += result.accepted
      for (const { code } of result.rejected) codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    expect(accepted).toBe(500)
    expect([...codes]).toEqual([['cardinality_limit', 49_500]])
    expect((await settle()) - before).toBeLessThan(150 * 1024 * 1024)
    expect(await limited.write(inventor, parsed([{ value: 1, tags: '{"user":"u7"}' }]))).toMatchObject({ accepted: 1 })
    expect(await limited.write(other, parsed([{ value: 1, tags: '{"new":"1"}' }]))).toMatchObject({ accepted: 1 })
    await limited.close()
    const [counted] = await world.query<{ n: number }>(
      'SELECT count(*)::int4 AS n FROM series WHERE product_id = $1',
      inventor,
    )
    expect(counted).toEqual({ n: 500 })
  })
})
