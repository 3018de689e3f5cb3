import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLogTo } from '../log'
import { type RunningServer, startServer } from '../start'
import { call, type Owner, signUp, startTestServer, type TestServer, testEnv } from '../testing/server'
import { Problem } from './problem'

let server: TestServer
let owner: Owner
/** Another process on the same database, in all but its memory. */
let replica: RunningServer
let bases: string[]

beforeAll(async () => {
  server = await startTestServer()
  owner = await signUp(server)
  replica = await startServer(testEnv(server.database), createLogTo('silent', { write: () => undefined }))
  await replica.ready
  bases = [server.base, `http://127.0.0.1:${replica.port}`]
})
afterAll(async () => {
  await replica.stop()
  await server.stop()
})

interface Sent {
  key?: string
  query?: string
  headers?: Record<string, string>
  by?: string
  base?: string
}

const send = (body: unknown, { key, query = '', headers, by = owner.keyText, base = server.base }: Sent = {}) =>
  fetch(`${base}/api/v1/ingest${query}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${by}`,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

const askFor = (receipt: string, by = owner.keyText) =>
  fetch(`${server.base}/api/v1/receipts/${encodeURIComponent(receipt)}`, { headers: { authorization: `Bearer ${by}` } })

async function countOf(metric: string): Promise<number> {
  const { rows } = await server.database.database.pools.meta.query<{ n: number }>(
    `SELECT count(*)::int4 AS n FROM point JOIN series ON series.id = point.series_id
     JOIN metric ON metric.id = series.metric_id WHERE metric.name = $1`,
    [metric],
  )
  return rows[0]?.n ?? 0
}

async function createKey(scopes: string[], productId = owner.productId): Promise<string> {
  const { data } = await call<{ key: string }>(
    server,
    'product.createKey',
    { productId, name: 'another', scopes },
    { cookie: owner.cookie },
  )
  return data.key
}

let others = 0

async function createOtherProduct(): Promise<string> {
  const teams = await call<{ id: string }[]>(server, 'team.list', undefined, { cookie: owner.cookie, isQuery: true })
  const input = { teamId: teams.data[0]?.id, name: `Warehouse ${++others}` }
  const { data } = await call<{ id: string }>(server, 'product.create', input, { cookie: owner.cookie })
  return createKey(['ingest', 'read'], data.id)
}

describe('IN-17: an Idempotency-Key', () => {
  test('answers the same request with the same status and the same bytes, and stores nothing', async () => {
    const body = [{ metric: 'again', value: 1 }, { metric: 'again' }]
    const first = await send(body, { key: 'again-1' })
    expect(first.status).toBe(207)
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    const text = await first.text()
    for (const base of bases) {
      const second = await send(body, { key: 'again-1', base })
      expect(second.status).toBe(207)
      expect(second.headers.get('content-type')).toBe('application/json')
      expect(second.headers.get('idempotency-replayed')).toBe('true')
      expect(await second.text()).toBe(text)
    }
    expect(await countOf('again')).toBe(1)
  })

  test('remembers a request of which nothing was stored, problem and all', async () => {
    const body = [{ metric: 'never', value: null }]
    const [first, second] = [await send(body, { key: 'never' }), await send(body, { key: 'never' })]
    expect([first.status, second.status]).toEqual([422, 422])
    expect(second.headers.get('content-type')).toBe('application/problem+json')
    expect(await second.text()).toBe(await first.text())
  })

  test.each([
    ['another body', { metric: 'kept', value: 2 }, {}],
    ['another option', { metric: 'kept', value: 1 }, { query: '?atomic=true' }],
    [
      'another content type',
      { metric: 'kept', value: 1 },
      { headers: { 'content-type': 'application/json;charset=utf-8' } },
    ],
  ])('is refused with %s', async (_, body, options: Sent) => {
    expect([200, 422]).toContain((await send({ metric: 'kept', value: 1 }, { key: 'kept' })).status)
    const response = await send(body, { key: 'kept', ...options })
    expect(response.status).toBe(422)
    expect(Problem.parse(await response.json()).code).toBe('idempotency_mismatch')
    expect(await countOf('kept')).toBe(1)
  })

  test.each([
    ['256 characters', 'k'.repeat(256)],
    ['none', ''],
    ['a space', 'a b'],
    ['an umlaut', 'ä'],
  ])('of %s is 400, and nothing is stored', async (_, key) => {
    const response = await send({ metric: 'misnamed', value: 1 }, { key })
    expect(response.status).toBe(400)
    expect(Problem.parse(await response.json()).code).toBe('invalid_request')
    expect(await countOf('misnamed')).toBe(0)
  })

  test('of 255 characters is taken', async () => {
    expect((await send({ metric: 'long', value: 1 }, { key: '~'.repeat(255) })).status).toBe(200)
  })

  test('belongs to its product', async () => {
    const by = await createOtherProduct()
    const body = { metric: 'shared key', value: 1 }
    expect((await send(body, { key: 'shared' })).status).toBe(200)
    const other = await send(body, { key: 'shared', by })
    expect(other.status).toBe(200)
    expect(other.headers.get('idempotency-replayed')).toBeNull()
    expect(await countOf('shared key')).toBe(2)
  })

  test('is free again after a request that was refused as a whole', async () => {
    expect((await send('{"metric":', { key: 'freed' })).status).toBe(400)
    expect((await send({ metric: 'freed', value: 1 }, { key: 'freed' })).status).toBe(200)
  })

  test('F21: fifty at once on two replicas are stored once; each is answered alike or told to come back', async () => {
    const body = { metric: 'fifty', value: 1 }
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => send(body, { key: 'fifty', base: bases[i % 2] as string })),
    )
    const bodies = new Set<string>()
    for (const answer of answers) {
      if (answer.status === 200) bodies.add(await answer.text())
      else {
        expect(answer.status).toBe(409)
        expect(answer.headers.get('retry-after')).toBe('1')
        expect(Problem.parse(await answer.json()).code).toBe('idempotency_in_flight')
      }
    }
    expect([...bodies]).toEqual(['{"accepted":1,"duplicates":0,"rejected":[]}'])
    expect(await countOf('fifty')).toBe(1)
  })
})

describe('a receipt', () => {
  test('is named in the answer and tells later what became of the request', async () => {
    const first = await send([{ metric: 'kept', value: 1 }, {}], { query: '?receipt=true' })
    const answer = (await first.json()) as { receipt: string; accepted: number }
    expect(answer.receipt).toMatch(/^rcp_/)
    expect(first.headers.get('trackable-receipt')).toBe(answer.receipt)
    const response = await askFor(answer.receipt)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      receipt: answer.receipt,
      status: 207,
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      result: answer,
    })
  })

  test('is shown to every key of its product, and is not there for others', async () => {
    await send({ metric: 'mine', value: 1 }, { key: 'order/17?x=1' })
    expect((await askFor('order/17?x=1', await createKey(['read']))).status).toBe(200)
    expect((await askFor('order/17?x=1', await createOtherProduct())).status).toBe(404)
    expect((await askFor('order/18')).status).toBe(404)
    expect((await askFor('order/17?x=1', 'trk_live_nobody')).status).toBe(401)
  })
})

test('a dry run answers with the points as they would be stored, and stores nothing', async () => {
  const body = [
    { metric: 'rehearsed', value: 1.5, timestamp: 1_700_000_000.25, tags: { b: '2', a: '1' }, id: 'x' },
    { metric: 'rehearsed', value: 'one' },
  ]
  const response = await send(body, { query: '?dry_run=true', key: 'unused' })
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({
    points: [
      {
        index: 0,
        metric: 'rehearsed',
        tags: { a: '1', b: '2' },
        timestamp: '2023-11-14T22:13:20.250Z',
        value: 1.5,
        id: 'x',
      },
    ],
    rejected: [expect.objectContaining({ index: 1, pointer: '/1/value', code: 'invalid_type' })],
  })
  expect(await countOf('rehearsed')).toBe(0)
  expect((await send(body, { key: 'unused' })).status).toBe(207)
})

test('a dry run reads the other content types, too', async () => {
  const csv = 'metric,value,timestamp\nrehearsed csv,1,2026-01-01T00:00:00Z\nrehearsed csv,one,2026-01-01T00:00:00Z\n'
  const response = await send(csv, { query: '?dry_run=true', headers: { 'content-type': 'text/csv' } })
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({
    points: [{ metric: 'rehearsed csv', value: 1, timestamp: '2026-01-01T00:00:00.000Z' }],
    rejected: [{ code: 'invalid_type' }],
  })
  expect(await countOf('rehearsed csv')).toBe(0)
})
