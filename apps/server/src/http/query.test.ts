import { readFile } from 'node:fs/promises'
import type { QueryResult } from '@trackable/api/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, type Owner, push, signUp, startTestServer, type TestServer } from '../testing/server'

let server: TestServer
let owner: Owner
let readKey: string

/** Finished days: what a test says stays true whatever the time of day. */
const RANGE = { from: '2026-03-28', to: '2026-03-30' }

beforeAll(async () => {
  server = await startTestServer({ QUERY_POOL: '6' })
  owner = await signUp(server)
  readKey = await createKey(owner.productId, ['read'])
  const point = (metric: string, value: number, at: string, tags: Record<string, string>) => ({
    metric,
    value,
    timestamp: at,
    tags,
  })
  const stored = await push(server, owner.keyText, [
    point('requests', 200, '2026-03-28T10:00:00Z', { route: '/a', plan: 'solo' }),
    point('requests', 100, '2026-03-29T10:00:00Z', { route: '/b', plan: 'team' }),
    point('errors', 10, '2026-03-28T10:00:00Z', { route: '/a' }),
    point('errors', 20, '2026-03-29T10:00:00Z', { route: '/b' }),
    point('odd', 1, '2026-03-28T10:00:00Z', { name: '=cmd()' }),
    point('odd', -2.5, '2026-03-28T10:00:00Z', { name: 'a "b", c' }),
  ])
  expect(stored.status).toBe(200)
})
afterAll(() => server.stop())

async function createKey(productId: string, scopes: string[]): Promise<string> {
  const input = { productId, name: scopes.join(), scopes }
  const { data } = await call<{ key: string }>(server, 'product.createKey', input, { cookie: owner.cookie })
  return data.key
}

const get = (query: string, key = readKey, headers: Record<string, string> = {}) =>
  fetch(`${server.base}/api/v1/query?${query}`, { headers: { authorization: `Bearer ${key}`, ...headers } })

const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.base}/api/v1/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${readKey}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

const DAYS = 'from=2026-03-28&to=2026-03-30'

describe('GET /api/v1/query', () => {
  test('answers what the dashboard is answered, to the digit', async () => {
    const response = await get(`metric=requests&aggregation=sum&${DAYS}&granularity=day&groupBy=route`)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const result = (await response.json()) as QueryResult
    const spec = { metric: 'requests', aggregation: 'sum', range: RANGE, granularity: 'day', groupBy: 'route' }
    const input = { productId: owner.productId, spec }
    const page = await call<QueryResult>(server, 'metric.query', input, { cookie: owner.cookie, isQuery: true })
    expect({ ...result, asOf: 0, freshness: 0 }).toEqual({ ...page.data, asOf: 0, freshness: 0 })
    expect(result.series.map(({ label, total }) => [label, total])).toEqual([
      ['/a', 200],
      ['/b', 100],
    ])
  })

  test('filters: is, is not, contains, exists and their opposites', async () => {
    const total = async (filter: string) => {
      const response = await get(`metric=requests&aggregation=sum&${DAYS}&filter=${encodeURIComponent(filter)}`)
      return ((await response.json()) as QueryResult).total
    }
    expect(await total('route=/a')).toBe(200)
    expect(await total('route=/a,/b')).toBe(300)
    expect(await total('route!=/a')).toBe(100)
    expect(await total('plan~=SOL')).toBe(200)
    expect(await total('plan!~=sol')).toBe(100)
    expect(await total('plan')).toBe(300)
    expect(await total('!plan')).toBe(0)
  })

  test('the aggregation is the metric’s own, and the range thirty days, when nothing is said', async () => {
    const result = (await (await get('metric=requests')).json()) as QueryResult
    expect(result).toMatchObject({ aggregation: 'sum', granularity: 'day', zone: 'UTC' })
    expect(result.edges).toHaveLength(31)
  })

  test.each([
    ['metric=requests&colour=red', '/colour', 'There is no parameter "colour"'],
    ['metric=a&metric=b', '/metric', 'stands there 2 times'],
    ['aggregation=sum', '/metric', 'either a metric or a formula'],
    ['metric=requests&range=9d', '/range', 'A range is'],
    ['metric=requests&from=2026-02-01&to=2026-01-01', '/range/to', 'must not be after'],
    ['metric=requests&zone=Mars/Olympus', '/zone', 'IANA'],
    ['metric=requests&groupBy=a,b,c,d,e,f', '/groupBy', 'at most 5'],
    ['metric=requests&seriesMax=51', '/seriesMax', '50'],
    ['metric=%00', '/metric', 'U+0000'],
  ])('IN-25: %s is refused, and told where and why', async (query, pointer, words) => {
    const response = await get(query)
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const problem = (await response.json()) as { code: string; errors: { pointer: string; detail: string }[] }
    expect(problem.code).toBe('invalid_request')
    expect(problem.errors[0]?.pointer).toBe(pointer)
    expect(problem.errors[0]?.detail).toContain(words)
  })

  test('IN-25: 11,000 points a series are answered, and one more is refused with what would fit', async () => {
    const hours = await get('metric=requests&from=2025-01-01&to=2026-03-31&granularity=hour')
    expect(((await hours.json()) as QueryResult).edges).toHaveLength(24 * 455 + 1)
    const minutes = await get('metric=requests&from=2026-03-01&to=2026-03-31&granularity=minute')
    expect(minutes.status).toBe(400)
    const many = 'The range has 44,640 buckets of one minute, and at most 11,000 are answered. Use "quarter_hour"'
    expect(await minutes.json()).toMatchObject({ code: 'query_too_large', detail: expect.stringContaining(many) })
    const cells = await get('metric=requests&from=2025-01-01&to=2026-03-31&granularity=hour&groupBy=route&seriesMax=50')
    expect(await cells.json()).toMatchObject({ code: 'query_too_large', detail: expect.stringContaining('51 series') })
  })

  test('IN-25: an unknown metric is 404 and told the closest name', async () => {
    const response = await get('metric=request')
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({
      code: 'unknown_metric',
      detail: expect.stringContaining('"requests"'),
    })
  })
})

describe('who may ask', () => {
  test('AZ-12: a key that may only push is refused, and one that may only read cannot push', async () => {
    expect((await get('metric=requests', owner.keyText)).status).toBe(403)
    expect((await push(server, readKey, { metric: 'requests', value: 1 })).status).toBe(403)
  })

  test('no key, or an unknown one, is 401', async () => {
    expect((await fetch(`${server.base}/api/v1/query?metric=requests`)).status).toBe(401)
    expect((await get('metric=requests', 'trk_live_nonsense')).status).toBe(401)
  })

  test('AZ-07: the same question by two products has two answers, from the cache too', async () => {
    const team = await call<{ id: string }[]>(server, 'team.list', undefined, { cookie: owner.cookie, isQuery: true })
    const input = { teamId: team.data[0]?.id, name: 'Other' }
    const other = await call<{ id: string }>(server, 'product.create', input, { cookie: owner.cookie })
    const key = await createKey(other.data.id, ['ingest', 'read'])
    await push(server, key, { metric: 'requests', value: 7, timestamp: '2026-03-28T10:00:00Z' })
    const total = async (of: string) =>
      ((await (await get(`metric=requests&aggregation=sum&${DAYS}`, of)).json()) as QueryResult).total
    for (let i = 0; i < 2; i++) expect([await total(readKey), await total(key)]).toEqual([300, 7])
  })
})

describe('POST /api/v1/query', () => {
  const formula = {
    expression: 'errors / requests * 100',
    terms: {
      errors: { metric: 'errors', aggregation: 'sum' },
      requests: { metric: 'requests', aggregation: 'sum' },
    },
  }

  test('a formula is a ratio of sums: in each bucket, for each group and over the range', async () => {
    const response = await post({ formula, range: RANGE, granularity: 'day', groupBy: ['route'] })
    const result = (await response.json()) as QueryResult
    expect(result).toMatchObject({ metric: formula.expression, aggregation: null, total: 10 })
    expect(result.series.map(({ label, total }) => [label, total])).toEqual([
      ['/b', 20],
      ['/a', 5],
    ])
  })

  test('several at once are answered in their order', async () => {
    const queries = ['requests', 'errors'].map((metric) => ({ metric, aggregation: 'sum', range: RANGE }))
    const { results } = (await (await post({ queries })).json()) as { results: QueryResult[] }
    expect(results.map(({ metric, total }) => [metric, total])).toEqual([
      ['requests', 300],
      ['errors', 30],
    ])
  })

  test('the example of docs/api.md is answered as it stands there', async () => {
    const docs = await readFile(new URL('../../../../docs/api.md', import.meta.url), 'utf8')
    const example = /-d '(\{\n {4}"queries".*?)'\n```/s.exec(docs)?.[1]
    const { results } = (await (await post(example)).json()) as { results: QueryResult[] }
    expect(results.map(({ metric, granularity }) => [metric, granularity])).toEqual([
      ['requests', 'quarter_hour'],
      ['errors / requests * 100', 'day'],
    ])
  })

  test('the document of the API knows both methods, and what may be sent', async () => {
    const document = await (await fetch(`${server.base}/api/openapi.json`)).json()
    const { get, post } = document.paths['/api/v1/query']
    expect(get.parameters.map(({ name }: { name: string }) => name)).toContain('groupBy')
    expect(JSON.stringify(post.requestBody)).toContain('seriesMax')
    expect(Object.keys(post.responses['200'].content)).toEqual(['application/json', 'text/csv'])
  })

  test('of several the one that fails is named', async () => {
    const queries = ['requests', 'nope'].map((metric) => ({ metric, aggregation: 'sum', range: RANGE }))
    const response = await post({ queries })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({
      code: 'unknown_metric',
      errors: [{ index: 1, pointer: '/queries/1', code: 'unknown_metric' }],
    })
    const hours = {
      metric: 'requests',
      range: { from: '2025-01-01', to: '2026-03-31' },
      granularity: 'hour',
      groupBy: 'route',
    }
    const large = await post({ queries: Array.from({ length: 10 }, () => hours) })
    expect(await large.json()).toMatchObject({ code: 'query_too_large', detail: expect.stringContaining('200,000') })
    const tooMany = await post({ queries: Array.from({ length: 21 }, () => queries[0]) })
    expect(await tooMany.json()).toMatchObject({ status: 400, errors: [{ pointer: '/queries' }] })
  })

  test.each([
    ['a / (b', 'lacks a closing parenthesis'],
    ['a / b', 'names "a"'],
    ['errors / requests; 1', 'cannot be read from character 18'],
    ['errors', 'The term "requests" does not occur'],
    [`${'('.repeat(40)}errors / requests${')'.repeat(40)}`, 'nested more than 32'],
  ])('IN-25: the formula %s is refused with the place of the mistake', async (expression, words) => {
    const response = await post({ formula: { ...formula, expression }, range: RANGE })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      detail: expect.stringContaining(words),
      errors: [{ pointer: '/formula/expression' }],
    })
  })

  test('a body that is no JSON, no UTF-8 or of another type is refused', async () => {
    expect(await (await post('{')).json()).toMatchObject({ status: 400, code: 'invalid_json' })
    const bytes = await fetch(`${server.base}/api/v1/query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${readKey}`, 'content-type': 'application/json' },
      body: new Uint8Array([0x22, 0xff, 0x22]),
    })
    expect(await bytes.json()).toMatchObject({ status: 400, code: 'invalid_encoding' })
    expect((await post({}, { 'content-type': 'text/plain' })).status).toBe(415)
  })
})

describe('CSV', () => {
  test('has a row for each bucket of each series, with the instants of the zone', async () => {
    const query = `metric=requests&aggregation=sum&${DAYS}&granularity=day&zone=Europe/Berlin&compare=previous_period`
    const response = await get(query, readKey, { accept: 'text/csv' })
    expect(response.headers.get('content-type')).toContain('text/csv')
    const lines = (await response.text()).split('\r\n')
    expect(lines[0]).toBe('query,metric,aggregation,period,series,from,to,value')
    expect(lines[1]).toBe('0,requests,sum,current,requests,2026-03-28T00:00:00+01:00,2026-03-29T00:00:00+01:00,200')
    expect(lines[2]).toBe('0,requests,sum,current,requests,2026-03-29T00:00:00+01:00,2026-03-30T00:00:00+02:00,100')
    expect(lines[4]).toMatch(/^0,requests,sum,compared,requests,2026-03-25T/)
    expect(lines.at(-1)).toBe('')
  })

  test('DL-09: text that a spreadsheet would run is prefixed, and numbers stay numbers', async () => {
    const response = await get(`metric=odd&aggregation=sum&${DAYS}&granularity=day&groupBy=name&format=csv`)
    const text = await response.text()
    expect(text).toContain(`0,odd,sum,current,'=cmd(),'=cmd(),2026-03-28T00:00:00+00:00,`)
    expect(text).toContain(`"a ""b"", c","a ""b"", c",2026-03-28T00:00:00+00:00,2026-03-29T00:00:00+00:00,-2.5\r\n`)
  })
})

test('OV-13: while every query connection is held, points are stored and the server is ready', async () => {
  const pool = server.ctx.db.pools.query
  const held = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()))
  try {
    expect((await push(server, owner.keyText, { metric: 'other', value: 1 })).status).toBe(200)
    expect((await fetch(`${server.base}/ready`)).status).toBe(200)
  } finally {
    for (const client of held) client.release()
  }
})
