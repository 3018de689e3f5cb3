import { createPointWriter } from '@trackable/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../app'
import { createEdge } from '../edge'
import { createLiveConnections } from '../live'
import { createLogTo } from '../log'
import { call, type Owner, push, raw, signUp, startTestServer, type TestServer } from '../testing/server'
import { Problem } from './problem'

const LIMIT = 5 * 1024 * 1024

let server: TestServer
let owner: Owner
beforeAll(async () => {
  server = await startTestServer()
  owner = await signUp(server)
})
afterAll(() => server.stop())

const countPoints = async () => {
  const { rows } = await server.database.database.pools.meta.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM point',
  )
  return rows[0]?.n
}

const head = (extra: string) =>
  `POST /api/v1/ingest HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${owner.keyText}\r\nContent-Type: application/json\r\n${extra}\r\n\r\n`

describe('answers', () => {
  test('200 after the COMMIT: the point is there when the answer is', async () => {
    const before = (await countPoints()) ?? 0
    const response = await push(server, owner.keyText, { metric: 'signups', value: 1, tags: { plan: 'solo' } })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({ accepted: 1, duplicates: 0, rejected: [] })
    expect(await countPoints()).toBe(before + 1)
  })

  test('207 when some are stored, and each of the others is pointed at', async () => {
    const body = {
      points: [
        { metric: 'a', value: 1 },
        { metric: 'a', value: '2' },
        { metric: '', value: 3 },
      ],
    }
    const response = await push(server, owner.keyText, body)
    expect(response.status).toBe(207)
    expect(await response.json()).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 1, pointer: '/points/1/value' },
        { index: 2, pointer: '/points/2/metric' },
      ],
    })
  })

  test('IN-22: 422 when none is stored is a problem that says what became of each point', async () => {
    const response = await push(server, owner.keyText, [{ metric: 'a', value: null }])
    expect(response.status).toBe(422)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const body: unknown = await response.json()
    const rejected = [{ index: 0, pointer: '/0/value', code: 'invalid_type' }]
    expect(Problem.parse(body)).toMatchObject({ status: 422, code: 'invalid_points', errors: rejected })
    expect(body).toMatchObject({ accepted: 0, duplicates: 0, rejected })
  })

  test('atomic=true stores all or none', async () => {
    const before = await countPoints()
    const response = await fetch(`${server.base}/api/v1/ingest?atomic=true`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.keyText}`, 'content-type': 'application/json' },
      body: JSON.stringify([{ metric: 'a', value: 1 }, { metric: 'a' }]),
    })
    expect(response.status).toBe(422)
    expect(await countPoints()).toBe(before)
  })

  test('a body that is no JSON is a problem and stores nothing', async () => {
    const response = await push(server, owner.keyText, '{"metric":')
    expect(response.status).toBe(400)
    expect(Problem.parse(await response.json()).code).toBe('invalid_json')
  })

  test('the three spellings of a key work alike', async () => {
    const basic = Buffer.from(`anybody:${owner.keyText}`).toString('base64')
    for (const authorization of [`Bearer ${owner.keyText}`, `Token ${owner.keyText}`, `Basic ${basic}`]) {
      expect((await push(server, '', { metric: 'a', value: 1 }, { authorization })).status).toBe(200)
    }
  })
})

describe('keys', () => {
  test.each([
    ['none', {}],
    ['another scheme', { authorization: 'Digest abc' }],
    ['an invented key', { authorization: `Bearer trk_live_${'a'.repeat(32)}` }],
  ])('%s: 401 and nothing stored', async (_name, headers) => {
    const response = await fetch(`${server.base}/api/v1/ingest`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
      body: JSON.stringify({ metric: 'a', value: 1 }),
    })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain('Bearer')
    expect(Problem.parse(await response.json()).code).toBe('invalid_api_key')
  })

  test('a revoked key is refused at once', async () => {
    const made = await call<{ id: string; key: string }>(
      server,
      'product.createKey',
      { productId: owner.productId, name: 'short-lived' },
      { cookie: owner.cookie },
    )
    const { id: keyId, key } = made.data
    expect((await push(server, key, { metric: 'a', value: 1 })).status).toBe(200)
    await call(server, 'product.revokeKey', { productId: owner.productId, keyId }, { cookie: owner.cookie })
    expect((await push(server, key, { metric: 'a', value: 1 })).status).toBe(401)
  })
})

describe('IN-13, F15: bodies beyond the limit', () => {
  test('an announced length is refused before the body is sent', async () => {
    const { text, isClosed } = await raw(server.port, head(`Content-Length: ${LIMIT + 1}`))
    expect(text).toMatch(/^HTTP\/1\.1 413 /)
    expect(text).toContain('payload_too_large')
    expect(isClosed).toBe(true)
  })

  test('whoever asks first is told no, and never yes', async () => {
    const { text } = await raw(server.port, head(`Content-Length: ${LIMIT + 1}\r\nExpect: 100-continue`))
    expect(text).toMatch(/^HTTP\/1\.1 413 /)
  })

  test('whoever asks first with a body that fits is told to go on', async () => {
    const { text } = await raw(server.port, head('Content-Length: 2\r\nExpect: 100-continue'), {
      until: /100 Continue/,
    })
    expect(text).toMatch(/^HTTP\/1\.1 100 Continue/)
  })

  test('an endless chunked body is cut off at the limit, and little of it is kept', async () => {
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, ' '), Buffer.from('\r\n')])
    let sent = 0
    async function* endless() {
      yield Buffer.from(head('Transfer-Encoding: chunked'))
      for (; sent < 50 * LIMIT; sent += 0x10000) yield chunk
    }
    const before = process.memoryUsage.rss()
    const { text, isClosed } = await raw(server.port, endless(), { timeoutMs: 10_000 })
    expect(text).toMatch(/^HTTP\/1\.1 413 /)
    expect(isClosed).toBe(true)
    expect(sent).toBeLessThan(50 * LIMIT)
    expect(process.memoryUsage.rss() - before).toBeLessThan(20 * LIMIT)
  })

  test('the largest body that is allowed is read', async () => {
    const response = await push(server, owner.keyText, JSON.stringify({ metric: 'a', value: 1 }).padEnd(LIMIT, ' '))
    expect(response.status).toBe(200)
  })
})

describe('IN-15: content types', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/xml',
    '',
  ])('"%s" is refused', async (type) => {
    const { text } = await raw(
      server.port,
      `POST /api/v1/ingest HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${owner.keyText}\r\n${type && `Content-Type: ${type}\r\n`}Content-Length: 2\r\n\r\n[]`,
      { until: /\r\n\r\n\{.*\}/ },
    )
    expect(text).toMatch(/^HTTP\/1\.1 415 /)
    expect(text).toContain('unsupported_media_type')
  })
  test('a charset that is UTF-8 is read', async () => {
    const type = { 'content-type': 'application/json; charset=UTF-8' }
    expect((await push(server, owner.keyText, { metric: 'a', value: 1 }, type)).status).toBe(200)
  })
})

test('a full writer answers 503 with Retry-After before reading the body or asking for the key', async () => {
  const { ctx } = server
  const writer = { ...createPointWriter(ctx), depth: 0, isFull: () => true }
  const live = createLiveConnections(ctx)
  const health = { isServing: () => true, isQueueRunning: () => true }
  const app = createApp({ ctx, writer, live, health, webDir: '/nonexistent', trustedProxies: 0 })
  const edge = createEdge({
    publicUrlOf: (port) => `http://localhost:${port}`,
    log: createLogTo('silent', { write: () => undefined }),
    fetch: (request, bindings) => app.fetch(request, bindings),
    isQuiet: () => true,
    bodyBytesMax: LIMIT,
  })
  const port = await edge.listen(0, '127.0.0.1')
  const bytes = 'POST /api/v1/ingest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n'
  const { text } = await raw(port, bytes, { until: /\r\n\r\n\{.*\}/ })
  expect(text).toMatch(/^HTTP\/1\.1 503 /)
  expect(text).toMatch(/\r\nretry-after: 1\r\n/i)
  expect(text).toContain('overloaded')
  const ready = await fetch(`http://127.0.0.1:${port}/ready`)
  expect(await ready.json()).toMatchObject({ checks: { writer: false, database: true } })
  live.close()
  edge.server.closeAllConnections()
  edge.server.close()
})
