import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { resolveApiKey } from '../product/procedure'
import { createCaller } from '../router'
import {
  callerFor,
  createOtherTenant,
  createTestContext,
  type Owner,
  requestContextFor,
  TEST_NOW,
  type TestContext,
} from '../testing'
import type { IngestResult } from './schema'
import { ingest } from './service'
import { createPointWriter, type PointWriter } from './writer'

let ctx: TestContext
let writer: PointWriter

beforeAll(async () => {
  ctx = await createTestContext()
  writer = createPointWriter(ctx)
})

afterAll(async () => {
  await writer.close()
  await ctx.close()
})

interface Tenant {
  owner: Owner
  scope: ProductScope
  caller: ReturnType<typeof callerFor>
  productId: string
}

async function createTenant(): Promise<Tenant> {
  const { owner, product, keyText } = await createOtherTenant(ctx)
  const scope = await resolveApiKey(ctx, `Bearer ${keyText}`, 'ingest')
  return { owner, scope, caller: callerFor(ctx, owner), productId: product.id }
}

const send = (tenant: Tenant, body: unknown, options: { isAtomic?: boolean; by?: PointWriter } = {}) =>
  ingest(ctx, options.by ?? writer, tenant.scope, {
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    contentType: 'application/json',
    isAtomic: options.isAtomic,
  })

/** Read on another connection than the writer's. */
async function stored({ scope }: Tenant): Promise<{ name: string; tags: unknown; value: number; ts: Date }[]> {
  const { rows } = await ctx.db.pools.query.query(
    `SELECT metric.name, series.tags, point.value, point.ts FROM point
     JOIN series ON series.product_id = $1 AND series.id = point.series_id
     JOIN metric ON metric.product_id = $1 AND metric.id = series.metric_id
     WHERE point.product_id = $1 ORDER BY point.ts, point.value`,
    [scope.id],
  )
  return rows
}

async function thrown(run: Promise<unknown>): Promise<DomainError> {
  try {
    await run
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('IN-01: a point is visible to the next reader as soon as it is acknowledged', async () => {
  const tenant = await createTenant()
  const { status, result } = await send(tenant, { metric: 'signups', value: 1.5, tags: { plan: 'solo' } })
  expect(status).toBe(200)
  expect(result).toEqual({ accepted: 1, duplicates: 0, rejected: [] })
  expect(await stored(tenant)).toEqual([{ name: 'signups', tags: { plan: 'solo' }, value: 1.5, ts: TEST_NOW }])
})

describe('IN-02: a hundred points, one of them bad', () => {
  const points = Array.from({ length: 100 }, (_, i) => ({ metric: 'm', value: i === 37 ? null : i }))

  test('the others are stored, 207 says which was not', async () => {
    const tenant = await createTenant()
    const { status, result } = await send(tenant, points)
    expect(status).toBe(207)
    expect(result.accepted).toBe(99)
    expect(result.rejected).toEqual([
      expect.objectContaining({ index: 37, pointer: '/37/value', code: 'invalid_type' }),
    ])
    expect(await stored(tenant)).toHaveLength(99)
  })

  test('none is stored when all or none is asked for', async () => {
    const tenant = await createTenant()
    const { status, result } = await send(tenant, points, { isAtomic: true })
    expect(status).toBe(422)
    expect(result).toMatchObject({ accepted: 0, rejected: [{ index: 37 }] })
    expect(await stored(tenant)).toEqual([])
  })

  test('422 when not one can be stored', async () => {
    expect((await send(await createTenant(), [{ metric: 'm' }, 1])).status).toBe(422)
  })
})

describe('IN-05: sums are exact', () => {
  const sumOf = async (values: number[]) => {
    const tenant = await createTenant()
    await send(
      tenant,
      values.map((value) => ({ metric: 'm', value })),
    )
    const { total } = await tenant.caller.metric.query({
      productId: tenant.productId,
      spec: { metric: 'm', aggregation: 'sum', range: { preset: 'today' } },
    })
    return total
  }

  test('0.1 ten times is 1', async () => {
    expect(await sumOf(Array(10).fill(0.1))).toBe(1)
  })

  test('large numbers that cancel out leave the small one', async () => {
    for (const values of [
      [1e16, 1, -1e16],
      [1, 1e16, -1e16],
      [1e16, -1e16, 1],
    ])
      expect(await sumOf(values)).toBe(1)
  })

  test('ten thousand cents in any order add up to the decimal truth', async () => {
    const cents = fc.sample(fc.integer({ min: -99_999, max: 99_999 }), 10_000)
    expect(await sumOf(cents.map((cent) => cent / 100))).toBe(cents.reduce((sum, cent) => sum + cent, 0) / 100)
  })

  test('IN-04: a sum beyond a float is null and no error, its average is still known', async () => {
    const tenant = await createTenant()
    await send(
      tenant,
      [1e308, 1e308, 5e-324].map((value, i) => ({ metric: 'm', value: i === 2 ? 1e308 : value })),
    )
    const ask = async (aggregation: 'sum' | 'avg' | 'max') =>
      (
        await tenant.caller.metric.query({
          productId: tenant.productId,
          spec: { metric: 'm', aggregation, range: { preset: 'today' } },
        })
      ).total
    expect(await ask('sum')).toBeNull()
    expect(await ask('avg')).toBe(1e308)
    expect(await ask('max')).toBe(1e308)
  })
})

describe('IN-18: an id is stored once', () => {
  const point = (id: string | undefined, value = 1) => ({ metric: 'm', value, timestamp: '2026-03-10T10:00:00Z', id })

  test('twice in a batch and again in the next', async () => {
    const tenant = await createTenant()
    const first = await send(tenant, [point('a'), point('b'), point('a'), point(undefined)])
    expect(first).toMatchObject({ status: 200, result: { accepted: 3, duplicates: 1 } })
    const second = await send(tenant, [point('a'), point('c')])
    expect(second).toMatchObject({ status: 200, result: { accepted: 1, duplicates: 1 } })
    expect(await send(tenant, point('a'))).toMatchObject({ status: 200, result: { accepted: 0, duplicates: 1 } })
    expect(await stored(tenant)).toHaveLength(4)
  })

  test('in requests that share a flush: one of them stored it, the others were too late', async () => {
    const tenant = await createTenant()
    await send(tenant, { metric: 'm', value: 0 })
    const results = await Promise.all(Array.from({ length: 20 }, () => send(tenant, [point('x'), point(undefined)])))
    expect(results.map(({ result }) => result.duplicates).sort()).toEqual([0, ...Array(19).fill(1)])
    expect(await stored(tenant)).toHaveLength(1 + 1 + 20)
  })

  test('by two processes at once', async () => {
    const tenant = await createTenant()
    const other = createPointWriter(ctx)
    const ids = Array.from({ length: 300 }, (_, i) => point(`id ${i}`, i))
    const results = await Promise.all([send(tenant, ids), send(tenant, [...ids].reverse(), { by: other })])
    await other.close()
    expect(results.reduce((sum, { result }) => sum + result.accepted, 0)).toBe(300)
    expect(await stored(tenant)).toHaveLength(300)
  })

  test('the same id of another metric, tag or time is another point', async () => {
    const tenant = await createTenant()
    const same = point('same')
    const { result } = await send(tenant, [
      same,
      { ...same, metric: 'other' },
      { ...same, tags: { a: 'b' } },
      { ...same, timestamp: '2026-03-10T10:00:00.000001Z' },
    ])
    expect(result.accepted).toBe(4)
  })
})

describe('IN-19: the limit of series', () => {
  const tagged = (i: number) => ({ metric: 'm', value: i, tags: { user: `u${i}` } })

  test('new series are refused one by one, known ones go on being accepted', async () => {
    const tenant = await createTenant()
    const limited = createPointWriter(ctx, { seriesPerProductMax: 3 })
    const { status, result } = await send(tenant, [0, 1, 2, 3, 4].map(tagged), { by: limited })
    expect(status).toBe(207)
    expect(result.rejected.map(({ index, code }) => [index, code])).toEqual([
      [3, 'cardinality_limit'],
      [4, 'cardinality_limit'],
    ])
    expect(await send(tenant, [tagged(1), { metric: 'brand new', value: 1 }], { by: limited })).toMatchObject({
      status: 207,
      result: { accepted: 1 },
    })
    expect(await send(tenant, [tagged(0), tagged(9)], { by: limited, isAtomic: true })).toMatchObject({ status: 422 })
    await limited.close()
    // A process that starts afresh knows no series, and still tells old ones from new ones.
    const fresh = createPointWriter(ctx, { seriesPerProductMax: 3 })
    expect((await send(tenant, [tagged(2), tagged(7)], { by: fresh })).result.accepted).toBe(1)
    await fresh.close()
    expect(await stored(tenant)).toHaveLength(5)
    expect(await ctx.db.prisma.metric.count({ where: { productId: tenant.scope.id } })).toBe(1)
  })
})

describe('IN-20: requests that share a flush', () => {
  test('a request that the database refuses fails alone', async () => {
    await ctx.db.pools.meta.query('ALTER TABLE point ADD CONSTRAINT unlucky CHECK (value <> 131313) NOT VALID')
    const tenants = await Promise.all(Array.from({ length: 8 }, createTenant))
    // Known series, so that all of them reach the queue in the same turn.
    await Promise.all(tenants.map((tenant) => send(tenant, { metric: 'm', value: 0 })))
    const results = await Promise.all(
      tenants.map((tenant, i) =>
        send(tenant, [
          { metric: 'm', value: i === 3 ? 131313 : 1 },
          { metric: 'm', value: 2 },
        ]),
      ),
    )
    await ctx.db.pools.meta.query('ALTER TABLE point DROP CONSTRAINT unlucky')
    expect(results.map(({ status }) => status)).toEqual([200, 200, 200, 422, 200, 200, 200, 200])
    expect(results[3]?.result.rejected.map(({ code }) => code)).toEqual(['storage_error', 'storage_error'])
    for (const [i, tenant] of tenants.entries()) expect(await stored(tenant)).toHaveLength(i === 3 ? 1 : 3)
  })
})

test('IN-23: naughty strings come back byte for byte, as metric and as tag', async () => {
  const tenant = await createTenant()
  const texts = [
    "Robert'); DROP TABLE point;--",
    '\u0001\u001f\u007f',
    '田中さんにあげて下さい',
    '👩‍👩‍👧‍👦 \u202etest\u202c',
    'Ω≈ç√∫˜µ≤≥÷',
    '<script>alert(1)</script>',
    '$1 :name %s \\ " \' `',
    '{"a":[1]}',
    'null',
    '__proto__',
    'NaN',
    '\ufeffbom',
    ' spaces ',
    'e\u0301',
    'é',
    '1/0',
    '../../etc/passwd',
  ]
  const { result } = await send(
    tenant,
    texts.map((text, i) => ({ metric: text, value: i, tags: { [text]: text } })),
  )
  expect(result.rejected).toEqual([])
  const rows = await stored(tenant)
  expect(rows.map((row) => row.name)).toEqual(texts)
  expect(rows.map((row) => Object.entries(row.tags as object))).toEqual(texts.map((text) => [[text, text]]))
  for (const text of texts) {
    const answer = await tenant.caller.metric.query({
      productId: tenant.productId,
      spec: { metric: text, aggregation: 'count', groupBy: text.slice(0, 64), range: { preset: 'today' } },
    })
    expect(answer.series.map(({ label, total }) => [label, total])).toEqual([[text, 1]])
  }
})

test('a whole flush goes through COPY and through unnest alike', async () => {
  const tenant = await createTenant()
  const points = Array.from({ length: 2500 }, (_, i) => ({
    metric: 'm',
    value: i,
    timestamp: Date.UTC(2026, i % 3, 1, 0, 0, i) + 0.123,
    tags: { channel: `c${i % 7}` },
  }))
  const results = await Promise.all([send(tenant, points.slice(0, 2400)), send(tenant, points.slice(2400))])
  expect(results.map(({ result }) => result.accepted)).toEqual([2400, 100])
  const rows = await stored(tenant)
  expect(rows.map((row) => row.value).sort((a, b) => a - b)).toEqual(points.map((point) => point.value))
})

describe('the queue', () => {
  test('a full one refuses before it takes more, and says when to come back', async () => {
    const tenant = await createTenant()
    const small = createPointWriter(ctx, { queuePointsMax: 2 })
    const first = send(
      tenant,
      [
        { metric: 'm', value: 1 },
        { metric: 'm', value: 2 },
      ],
      { by: small },
    )
    expect(small.isFull()).toBe(true)
    expect(await thrown(send(tenant, { metric: 'm', value: 3 }, { by: small }))).toMatchObject({
      code: 'overloaded',
      retryAfterS: 1,
    })
    await first
    expect(small.isFull()).toBe(false)
    expect(small.depth).toBe(0)
    await small.close()
  })

  test('closing writes what is there, answers it, and refuses what comes later', async () => {
    const tenant = await createTenant()
    const own = createPointWriter(ctx)
    const before = Array.from({ length: 50 }, (_, i) => send(tenant, { metric: 'm', value: i }, { by: own }))
    await own.close()
    expect((await Promise.all(before)).every(({ status }) => status === 200)).toBe(true)
    expect((await thrown(send(tenant, { metric: 'm', value: 1 }, { by: own }))).code).toBe('unavailable')
    expect(await stored(tenant)).toHaveLength(50)
  })

  test('CR-02: while the database is away nothing is acknowledged, and afterwards all goes on', async () => {
    const tenant = await createTenant()
    await send(tenant, { metric: 'm', value: 0 })
    const kill = () =>
      ctx.db.pools.query.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'trackable-writer' AND datname = current_database()`,
      )
    const acknowledged: number[] = []
    const sends = Array.from({ length: 30 }, async (_, i) => {
      const outcome = await send(tenant, { metric: 'm', value: i + 1 }).catch((error: DomainError) => error)
      if (!(outcome instanceof DomainError)) acknowledged.push(i + 1)
      else expect(outcome).toMatchObject({ code: 'unavailable', retryAfterS: 1 })
    })
    await kill()
    await Promise.all(sends)
    const values = new Set((await stored(tenant)).map((row) => row.value))
    for (const value of acknowledged) expect(values.has(value)).toBe(true)
    expect((await send(tenant, { metric: 'm', value: 99 })).status).toBe(200)
  })
})

test('IN-19, IN-18 and the rest hold for any mix of requests: the database holds what the answers say', async () => {
  const tenant = await createTenant()
  const point = fc.record(
    {
      metric: fc.constantFrom('a', 'b'),
      value: fc.oneof(
        { weight: 5, arbitrary: fc.integer() as fc.Arbitrary<unknown> },
        { weight: 1, arbitrary: fc.constant('x') },
      ),
      timestamp: fc.constantFrom('2026-01-31T23:59:59Z', '2026-02-01T00:00:00Z'),
      tags: fc.dictionary(fc.constantFrom('k', 'l'), fc.constantFrom('1', '2')),
      id: fc.constantFrom('1', '2', '3'),
    },
    { requiredKeys: ['metric', 'value', 'timestamp'] },
  )
  const requests = fc.sample(fc.array(point, { minLength: 1, maxLength: 20 }), 100)
  const results: IngestResult[] = (await Promise.all(requests.map((body) => send(tenant, body)))).map(
    ({ result }) => result,
  )
  results.forEach(({ accepted, duplicates, rejected }, i) => {
    expect(accepted + duplicates + rejected.length).toBe(requests[i]?.length)
  })
  expect(await stored(tenant)).toHaveLength(results.reduce((sum, { accepted }) => sum + accepted, 0))
})

/** What `tracked()` makes: a tuple, though its type shows an object. */
const dataOf = ({ value }: { value?: unknown }) => (value as [string, unknown])[1]

test('whoever waits for the first point hears of attempts, good and bad, of his product only', async () => {
  const [tenant, other] = [await createTenant(), await createTenant()]
  const abort = new AbortController()
  const watched = await createCaller(requestContextFor(ctx, tenant.owner), { signal: abort.signal }).ingest.onAttempt({
    productId: tenant.productId,
  })
  const attempts = watched[Symbol.asyncIterator]()
  const first = attempts.next()
  await send(other, { metric: 'm', value: 1 })
  await thrown(send(tenant, '{"metric"'))
  expect(dataOf(await first)).toMatchObject({ status: 400, accepted: 0, detail: expect.stringMatching(/JSON/) })
  const second = attempts.next()
  await send(tenant, { metric: 'm', value: 1 })
  expect(dataOf(await second)).toMatchObject({ status: 200, accepted: 1, detail: null })
  const last = attempts.next()
  abort.abort()
  expect((await last).done).toBe(true)
})

test('AZ-01: nobody hears of the attempts of another team', async () => {
  const [tenant, other] = [await createTenant(), await createTenant()]
  await expect(tenant.caller.ingest.onAttempt({ productId: other.productId })).rejects.toThrow(
    'There is no such product.',
  )
})

test('the limits in the docs are those of the code', async () => {
  const api = await readFile(new URL('../../../../docs/api.md', import.meta.url), 'utf8')
  for (const text of [
    '5 MiB',
    '10,000',
    '200 characters',
    '| tags per point | 16 |',
    '64, 256',
    '255',
    '24 hours',
    '100,000',
  ]) {
    expect(api).toContain(text)
  }
})
