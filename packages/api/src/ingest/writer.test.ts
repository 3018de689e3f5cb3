import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '../kernel/context'
import type { ProductScope } from '../kernel/scope'
import { resolveApiKey } from '../product/procedure'
import { createProductFixture, createTestContext, type Owner, registerOwner, type TestContext } from '../testing'
import { ColumnBuilder, type Histogram, type ParsedPoints, type PointIdentity } from './columns'
import { deleteReceiptsTick } from './jobs'
import { FairQueue } from './queue'
import { RECEIPT_KEPT_MS } from './receipt'
import { ingest } from './service'
import { type Cable, layCable } from './testing'
import { createPointWriter, type PointWriter } from './writer'

const AT = Date.parse('2026-03-10T10:00:00Z')

let ctx: TestContext
let owner: Owner
let writer: PointWriter

beforeAll(async () => {
  ctx = await createTestContext()
  owner = await registerOwner(ctx)
  writer = createPointWriter(ctx)
})

afterAll(async () => {
  await writer.close()
  await ctx.close()
})

async function createScope(): Promise<ProductScope> {
  const { keyText } = await createProductFixture(ctx, owner)
  return resolveApiKey(ctx, `Bearer ${keyText}`, 'ingest')
}

interface TestRow {
  metric?: string
  tags?: string
  ts?: number
  value: number
  id?: string
  histogram?: Histogram
  startTs?: number
}

function parsed(rows: readonly TestRow[], identity: PointIdentity = 'additive'): ParsedPoints {
  const builder = new ColumnBuilder(rows.length, rows.length * 50, (i) => `/${i}`, identity)
  rows.forEach(({ metric = 'm', tags = '{}', ts = AT, value, id, histogram, startTs }, i) => {
    builder.add(i, metric, tags, ts, value, id)
    if (histogram) builder.addHistogram(histogram)
    if (identity === 'cumulative') builder.addStart(startTs ?? null)
  })
  return builder.finish()
}

const query = async <T extends object>(text: string, product: ProductScope): Promise<T[]> =>
  (await ctx.db.pools.query.query<T>(text, [product.id])).rows

const storedValues = async (product: ProductScope): Promise<number[]> =>
  (await query<{ value: number }>('SELECT value FROM point WHERE product_id = $1 ORDER BY ts, value', product)).map(
    ({ value }) => value,
  )

/** What the rollups were told: one line for each element, in no order. */
const told = (product: ProductScope) =>
  query<{ series: number; ts: number; value: number }>(
    `SELECT element.* FROM point_delta AS delta,
       LATERAL unnest(delta.series, delta.ts, delta.value) AS element (series, ts, value)
     WHERE product_id = $1 ORDER BY 1, 2, 3`,
    product,
  )

const pointsAsTold = (product: ProductScope) =>
  query<{ series: number; ts: number; value: number }>(
    `SELECT series_id AS series, date_part('epoch', ts) * 1000 AS ts, value FROM point WHERE product_id = $1 ORDER BY 1, 2, 3`,
    product,
  )

const dirtyQuarters = async (product: ProductScope) =>
  (await query<{ quarter: number }>('SELECT quarter FROM dirty_quarter WHERE product_id = $1', product)).map(
    ({ quarter }) => quarter,
  )

describe('the rollups are told exactly what was stored', () => {
  test('of new points, of several products in one flush, to the microsecond', async () => {
    const products = [await createScope(), await createScope(), await createScope()]
    const rows = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ value: i / 8, ts: AT + i + 0.125, tags: `{"k":"${i % 3}"}` }))
    // Known series, so that all of them share the flush.
    for (const product of products) await writer.write(product, parsed(rows(3)))
    await Promise.all(products.flatMap((product) => [40, 1, 7].map((n) => writer.write(product, parsed(rows(n))))))
    for (const product of products) {
      const points = await pointsAsTold(product)
      expect(points).toHaveLength(51)
      expect(await told(product)).toEqual(points)
    }
  })

  test('of points with ids only those that were new', async () => {
    const product = await createScope()
    await writer.write(product, parsed([{ value: 1, id: 'a' }, { value: 2, id: 'b' }, { value: 3 }]))
    await writer.write(
      product,
      parsed([
        { value: 1, id: 'a' },
        { value: 4, id: 'c' },
        { value: 4, id: 'c' },
      ]),
    )
    const points = await pointsAsTold(product)
    expect(points.map(({ value }) => value)).toEqual([1, 2, 3, 4])
    expect(await told(product)).toEqual(points)
  })

  test('a flush that fails leaves nothing behind in either table', async () => {
    const product = await createScope()
    const result = await writer.write(product, parsed([{ value: 1 }, { value: Number.NaN }]))
    expect(result.rejected.map(({ code }) => code)).toEqual(['storage_error', 'storage_error'])
    expect(await storedValues(product)).toEqual([])
    expect(await told(product)).toEqual([])
  })
})

describe('a point that overwrites', () => {
  test('takes the place of the earlier one, which makes its quarter of an hour dirty, and is told once', async () => {
    const product = await createScope()
    const write = (rows: TestRow[]) => writer.write(product, parsed(rows, 'overwrite'))
    expect(await write([{ value: 1 }, { value: 5, ts: AT + 1 }])).toMatchObject({ accepted: 2, duplicates: 0 })
    expect(await dirtyQuarters(product)).toEqual([])
    // The same again, as a client does whose answer was lost.
    expect(await write([{ value: 1 }, { value: 5, ts: AT + 1 }])).toMatchObject({ accepted: 0, duplicates: 2 })
    expect(await dirtyQuarters(product)).toEqual([])
    expect(await write([{ value: 2 }, { value: 5, ts: AT + 1 }])).toMatchObject({ accepted: 1, duplicates: 1 })
    expect(await storedValues(product)).toEqual([2, 5])
    expect(await dirtyQuarters(product)).toEqual([AT / 900_000])
    expect((await told(product)).map(({ value }) => value)).toEqual([1, 5])
  })

  test('of several of one instant in one flush the last one stays', async () => {
    const product = await createScope()
    const result = await writer.write(product, parsed([{ value: 1 }, { value: 3 }, { value: 2 }], 'overwrite'))
    expect(result).toMatchObject({ accepted: 3, duplicates: 0 })
    expect(await storedValues(product)).toEqual([2])
    expect((await told(product)).map(({ value }) => value)).toEqual([2])
  })

  test('F23: two replicas that overwrite the same series in opposite order never surface a deadlock', async () => {
    const product = await createScope()
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
    expect(await storedValues(product)).toHaveLength(200)
    expect((await told(product)).every(({ value }) => value === 0)).toBe(true)
  })
})

describe('a distribution', () => {
  const histogram = (count: number): Histogram => ({ count, min: 1, max: 9, bins: [0, 110], counts: [1, count - 1] })
  const rowsOf = (product: ProductScope) =>
    query('SELECT count::int4, sum, min, max, bins, counts::int4[] FROM histogram WHERE product_id = $1', product)
  const toldOf = (product: ProductScope) =>
    query('SELECT value, weight::int4[], low, high FROM point_delta WHERE product_id = $1 ORDER BY id', product)

  test('is stored and told with its weight and extremes; sent again it adds nothing, changed it makes its quarter dirty', async () => {
    const product = await createScope()
    const write = (count: number) =>
      writer.write(product, parsed([{ value: 12, histogram: histogram(count) }], 'overwrite'))
    expect(await write(4)).toMatchObject({ accepted: 1, duplicates: 0 })
    expect(await write(4)).toMatchObject({ accepted: 0, duplicates: 1 })
    expect(await toldOf(product)).toEqual([{ value: [12], weight: [4], low: [1], high: [9] }])
    expect(await dirtyQuarters(product)).toEqual([])
    expect(await write(6)).toMatchObject({ accepted: 1, duplicates: 0 })
    expect(await rowsOf(product)).toEqual([{ count: 6, sum: 12, min: 1, max: 9, bins: [0, 110], counts: [1, 5] }])
    expect(await dirtyQuarters(product)).toEqual([AT / 900_000])
  })

  test('with an id is stored once, without one as often as it is sent', async () => {
    const product = await createScope()
    const one = { value: 12, histogram: histogram(4) }
    const rows = [one, one, { ...one, id: 'x' }, { ...one, id: 'x' }, { value: 3 }]
    expect(await writer.write(product, parsed(rows))).toMatchObject({ accepted: 4, duplicates: 1 })
    expect(await rowsOf(product)).toHaveLength(3)
    expect(await storedValues(product)).toEqual([3])
  })
})

describe('values that count since a start', () => {
  const count = (value: number, ts: number): TestRow => ({ value, ts, startTs: AT - 60_000 })

  test('are stored as differences; what is sent again adds nothing', async () => {
    const product = await createScope()
    const write = (rows: TestRow[]) => writer.write(product, parsed(rows, 'cumulative'))
    expect(await write([count(5, AT), count(8, AT + 1000)])).toMatchObject({ accepted: 2, duplicates: 0 })
    expect(await write([count(8, AT + 1000), count(15, AT + 2000)])).toMatchObject({ accepted: 1, duplicates: 1 })
    expect(await storedValues(product)).toEqual([5, 3, 7])
    expect(await told(product)).toEqual(await pointsAsTold(product))
  })

  test('two replicas that are sent the same series at once count every value once', async () => {
    const product = await createScope()
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
    const sums = await query<{ sum: number }>(
      'SELECT sum(value) AS sum FROM point WHERE product_id = $1 GROUP BY series_id ORDER BY 1',
      product,
    )
    expect(sums.map(({ sum }) => sum)).toEqual(Array.from({ length: 20 }, (_, s) => 30 * (s + 1)))
  })
})

test('what a protocol says of a metric fills what nobody has said, and changes nothing else', async () => {
  const product = await createScope()
  const hinted = (hint: object) => {
    const points = parsed([{ metric: 'latency', value: 1 }])
    points.hints = new Map([['latency', hint]])
    return points
  }
  const read = () =>
    query('SELECT kind, unit, description, default_aggregation FROM metric WHERE product_id = $1', product)
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
    const [loud, quiet] = [await createScope(), await createScope()]
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
    expect(await storedValues(loud)).toHaveLength(60_001)
    expect(await storedValues(quiet)).toHaveLength(2)
  })
})

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
      const product = await createScope()
      await cabled.write(product, of(1))
      const before = cable.cuts
      for (const [i, kind] of (['answer', 'request', 'answer', 'request'] as const).entries()) {
        cable.cut(kind, kind === 'answer' ? 1 : 2)
        expect(await cabled.write(product, of(i + 2))).toMatchObject({ accepted: 1, duplicates: 0, rejected: [] })
      }
      expect(cable.cuts - before).toBe(6)
      expect(await storedValues(product)).toHaveLength(5)
      expect((await told(product)).length).toBe(5)
    },
  )

  test('F06: a frozen database ends in 503 and not in a hang, and afterwards all goes on', async () => {
    const product = await createScope()
    await cabled.write(product, parsed([{ value: 1 }]))
    cable.freeze()
    const error = await cabled.write(product, parsed([{ value: 2 }])).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'unavailable', retryAfterS: 1 })
    cable.thaw()
    expect(await cabled.write(product, parsed([{ value: 3 }]))).toMatchObject({ accepted: 1 })
    expect(await storedValues(product)).toEqual(expect.arrayContaining([1, 3]))
  })
})

describe('IN-19: a product that invents series', () => {
  test('fills its limit and no more of the memory, while known series and other products are served', async () => {
    const [inventor, other] = [await createScope(), await createScope()]
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
    const [counted] = await query<{ n: number }>(
      'SELECT count(*)::int4 AS n FROM series WHERE product_id = $1',
      inventor,
    )
    expect(counted).toEqual({ n: 500 })
  })
})

test('an answer is remembered for a day and not for longer', async () => {
  const product = await createScope()
  const send = (value: number) =>
    ingest(ctx, writer, product, {
      body: Buffer.from(JSON.stringify({ metric: 'm', value })),
      contentType: 'application/json',
      idempotencyKey: 'daily',
    })
  await send(1)
  ctx.clock.advance(RECEIPT_KEPT_MS - 1000)
  await deleteReceiptsTick.run(ctx)
  expect(await send(1)).toMatchObject({ isReplayed: true })
  ctx.clock.advance(2000)
  await deleteReceiptsTick.run(ctx)
  expect(await send(2)).toMatchObject({ status: 200, result: { accepted: 1 } })
  expect(await storedValues(product)).toEqual([1, 2])
})

test('IN-17: the answer that a killed process never gave is given by the next one, because it was stored with the points', async () => {
  const product = await createScope()
  const request = {
    body: Buffer.from(JSON.stringify([{ metric: 'm', value: 1 }, { metric: 'm' }])),
    contentType: 'application/json',
    idempotencyKey: 'killed',
  }
  // Between COMMIT and answer: what it would have said is in the database, and nowhere else.
  const silenced = createPointWriter(ctx)
  await ingest(ctx, silenced, product, request)
  const restarted = createPointWriter(ctx)
  const answer = await ingest(ctx, restarted, product, request)
  expect(answer).toMatchObject({ status: 207, isReplayed: true, result: { accepted: 1, rejected: [{ index: 1 }] } })
  expect(await storedValues(product)).toEqual([1])
  await Promise.all([silenced.close(), restarted.close()])
})
