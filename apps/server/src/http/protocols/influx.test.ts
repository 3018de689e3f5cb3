import { gzipSync } from 'node:zlib'
import {
  type HttpError,
  InfluxDB,
  Point,
  setLogger,
  type WriteOptions,
  type WritePrecisionType,
} from '@influxdata/influxdb-client'
import { createPointWriter, INGEST_LIMITS } from '@trackable/api'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../../app'
import { createLiveConnections } from '../../live'
import { type Owner, signUp, startTestServer, type TestServer } from '../../testing/server'

// What it is told, the tests look at.
setLogger({ error: () => undefined, warn: () => undefined })

let server: TestServer
let owner: Owner
beforeAll(async () => {
  server = await startTestServer()
  owner = await signUp(server)
})
afterAll(() => server.stop())
beforeEach(async () => {
  await query('DELETE FROM point')
})

const query = async <T extends object>(sql: string) => (await server.database.database.pools.meta.query<T>(sql)).rows

interface StoredPoint {
  metric: string
  tags: Record<string, string>
  value: number
  ts: string
}

/** What is stored, by metric and time. */
const stored = () =>
  query<StoredPoint>(`
    SELECT m.name AS metric, s.tags, p.value, to_char(p.ts AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS ts
    FROM point p
    JOIN series s ON s.product_id = p.product_id AND s.id = p.series_id
    JOIN metric m ON m.product_id = s.product_id AND m.id = s.metric_id
    ORDER BY m.name COLLATE "C", p.ts, s.tags::text`)

const AT = 1_700_000_000
const ISO = '2023-11-14T22:13:20.000000'

const send = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(`${server.base}${path}`, {
    method: 'POST',
    headers: { authorization: `Token ${owner.keyText}`, ...headers },
    body: body as BodyInit,
  })

describe('the client library of InfluxDB 2', () => {
  const client = (options: Partial<WriteOptions> = {}, precision: WritePrecisionType = 'ns', token = owner.keyText) =>
    new InfluxDB({ url: server.base, token }).getWriteApi('any org', 'any bucket', precision, {
      flushInterval: 0,
      maxRetries: 0,
      ...options,
    })

  test.each([
    ['plain', 1e9],
    ['gzip', 0],
  ])('writes points with tags, %s, and they are there when it says so', async (_name, gzipThreshold) => {
    const api = client({ gzipThreshold, defaultTags: { region: 'eu, west = 1' } })
    for (let i = 0; i < 2500; i++) {
      const point = new Point('cpu load')
        .tag('host', `h${i % 5}`)
        .floatField('value', i / 4)
        .intField('runs', i)
      point.stringField('note', 'a "b", c\\d').booleanField('up', i % 2 === 0)
      api.writePoint(point.timestamp(`${AT + i}000000000`))
      // Its close() does not wait for batches that are under way.
      if (i % 500 === 499) await api.flush()
    }
    await api.close()
    const points = await stored()
    expect(points).toHaveLength(7500)
    expect(points[4]).toEqual({
      metric: 'cpu load',
      tags: { host: 'h4', region: 'eu, west = 1' },
      value: 1,
      ts: '2023-11-14T22:13:24.000000',
    })
    expect(points.filter(({ metric }) => metric === 'cpu load.up').reduce((sum, { value }) => sum + value, 0)).toBe(
      1250,
    )
  })

  test('a batch that is sent again is there once, and a later value takes the place of an earlier one', async () => {
    const api = client({}, 's')
    for (const value of [1, 1, 2]) {
      api.writePoint(new Point('a').tag('k', 'v').floatField('value', value).timestamp(AT))
      await api.flush()
    }
    await api.close()
    expect(await stored()).toEqual([{ metric: 'a', tags: { k: 'v' }, value: 2, ts: ISO }])
  })

  test.each(['ns', 'us', 'ms', 's'] as const)('says times in %s', async (precision) => {
    const api = client({}, precision)
    api.writePoint(new Point('a').floatField('value', 1).timestamp(new Date(AT * 1000)))
    await api.close()
    expect(await stored()).toMatchObject([{ ts: ISO }])
  })

  const failure = async (lines: string[], token?: string) => {
    const failed: unknown[] = []
    const api = client({ writeFailed: (error) => void failed.push(error) }, 's', token)
    api.writeRecords(lines)
    await api.close().catch(() => undefined)
    return failed[0] as HttpError
  }

  test('is told with 422 that a part was dropped, and the rest is stored', async () => {
    const { statusCode, json } = await failure(['a value=1', 'broken', 'b value=2'])
    expect(statusCode).toBe(422)
    expect(json).toMatchObject({
      code: 'unprocessable entity',
      line: 2,
      message: /unable to parse 'broken'.* dropped=1$/,
    })
    expect((await stored()).map(({ metric }) => metric)).toEqual(['a', 'b'])
  })

  test('is told with 400 which line is the first that is wrong, when all are', async () => {
    const { statusCode, json } = await failure(['a', 'b value=', 'c value=x'])
    expect(statusCode).toBe(400)
    expect(json).toMatchObject({ code: 'invalid', line: 1, message: /^unable to parse 'a': line 1: / })
  })

  test('is told with 401 that its token is none', async () => {
    const { statusCode, json } = await failure(['a value=1'], `trk_live_${'a'.repeat(32)}`)
    expect(statusCode).toBe(401)
    expect(json).toMatchObject({ code: 'unauthorized' })
  })
})

describe('version 1', () => {
  const base = '/write?db=any'

  test.each([
    ['n', '1700000000000000000'],
    ['u', '1700000000000000'],
    ['ms', '1700000000000'],
    ['s', '1700000000'],
    ['m', '28333333'],
    ['h', '472222'],
  ])('a time in %s', async (precision, ts) => {
    const response = await send(`${base}&precision=${precision}&rp=any`, `a value=1 ${ts}`)
    expect(response.status).toBe(204)
    expect(response.headers.get('x-influxdb-version')).toBe('1.8.10')
    expect((await stored())[0]?.ts.slice(0, 14)).toBe(ISO.slice(0, 14))
  })

  test('a part that is dropped is counted', async () => {
    const response = await send(base, 'a value=1\nbroken\nb value=2\nc value=x,d=1\n')
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error: expect.stringMatching(/^partial write: unable to parse 'broken': line 2: .* dropped=2$/),
    })
    expect(response.headers.get('x-influxdb-error')).toMatch(/^partial write/)
    expect(await stored()).toHaveLength(2)
  })

  test('nothing but comments is nothing to complain of', async () => {
    expect((await send(base, '# a comment\n\n')).status).toBe(204)
    expect((await send(base, '')).status).toBe(204)
  })

  test('the key comes as u and p, where nothing else can be said, and is in no log (AU-26)', async () => {
    const post = (path: string, headers = {}) =>
      fetch(`${server.base}${path}`, { method: 'POST', body: 'a value=1', headers })
    expect((await post(`${base}&u=any&p=${owner.keyText}`)).status).toBe(204)
    const basic = Buffer.from(`any:${owner.keyText}`).toString('base64')
    expect((await post(base, { authorization: `Basic ${basic}` })).status).toBe(204)
    expect((await post(base)).status).toBe(401)
    const wrong = await post(`${base}&p=wrong`)
    expect(wrong.status).toBe(401)
    expect(await wrong.json()).toEqual({ error: expect.stringContaining('not an API key') })
    // Nowhere else.
    for (const path of ['/api/v2/write?org=a&bucket=b', '/api/v3/write_lp?db=a', '/api/v1/ingest?x=1'])
      expect((await post(`${path}&u=any&p=${owner.keyText}`)).status).toBe(401)
    expect(server.logs.join('')).not.toContain(owner.keyText)
  })

  test.each(['GET', 'HEAD'])('%s /ping says which version it is', async (method) => {
    const response = await fetch(`${server.base}/ping`, { method })
    expect(response.status).toBe(204)
    expect(response.headers.get('x-influxdb-version')).toBe('1.8.10')
    expect(await response.text()).toBe('')
  })

  test('GET /ping?verbose=true says it in the body', async () => {
    expect(await (await fetch(`${server.base}/ping?verbose=true`)).json()).toEqual({ version: '1.8.10' })
  })
})

describe('version 3', () => {
  const base = '/api/v3/write_lp?db=any'
  const bearer = () => ({ authorization: `Bearer ${owner.keyText}` })

  test('the unit of a time is told by its size, line by line', async () => {
    const times = ['1700000000', '1700000000000', '1700000000000000', '1700000000000000000']
    const lines = times.map((ts, i) => `a,n=${i} value=${i} ${ts}`)
    const response = await send(`${base}&no_sync=true`, lines.join('\n'), bearer())
    expect(response.status).toBe(204)
    expect((await stored()).map(({ ts }) => ts)).toEqual([ISO, ISO, ISO, ISO])
  })

  test('lines that are refused are told one by one, and the others are stored', async () => {
    const response = await send(base, 'a value=1\r\nbroken\r\nb x=y,z=x\nc value=3', bearer())
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error: 'partial write of line protocol occurred',
      data: [
        { original_line: 'broken', line_number: 2, error_message: expect.stringMatching(/fields are missing/) },
        { original_line: 'b x=y,z=x', line_number: 3, error_message: expect.stringMatching(/"y" is none/) },
      ],
    })
    expect((await stored()).map(({ metric }) => metric)).toEqual(['a', 'c'])
  })

  test('accept_partial=false stores all lines or none', async () => {
    const path = `${base}&accept_partial=false`
    const refused = await send(path, 'a value=1\nbroken\n', bearer())
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ data: [{ line_number: 2 }] })
    expect(await stored()).toEqual([])
    expect((await send(path, 'a value=1\nb value=2\n', bearer())).status).toBe(204)
    expect(await stored()).toHaveLength(2)
    const many = Array.from({ length: 10_001 }, (_, i) => `a value=${i} ${AT + i}`).join('\n')
    expect((await send(path, many, bearer())).status).toBe(413)
  })

  test('a unit that nobody knows is refused', async () => {
    const response = await send(`${base}&precision=fortnight`, 'a value=1', bearer())
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: expect.stringContaining('nanosecond'), data: null })
  })
})

describe('bodies', () => {
  test('a long one is written in slices, whole and in order', async () => {
    const line = (i: number) => `a,n=${i % 3} value=${i} ${AT + (i % 30_000)}`
    const body = Array.from({ length: 40_000 }, (_, i) => line(i)).join('\n')
    expect((await send('/api/v2/write?precision=s', gzipSync(body), { 'content-encoding': 'gzip' })).status).toBe(204)
    const [row] = await query<{ n: number; sum: number }>(
      'SELECT count(*)::int AS n, sum(value)::float8 AS sum FROM point',
    )
    // The last 10,000 took the place of the first, of the same series and time.
    expect(row).toEqual({ n: 30_000, sum: ((10_000 + 39_999) * 30_000) / 2 })
  })

  test('IN-14: 25 kB that unpack to more than is taken are refused at once', async () => {
    const bomb = gzipSync(Buffer.alloc(INGEST_LIMITS.lineProtocolBytesMax + 1, 'a value=1\n'))
    const startedAt = performance.now()
    const response = await send('/api/v2/write', bomb, { 'content-encoding': 'gzip' })
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ code: 'request too large' })
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })

  test.each(['/write', '/api/v2/write', '/api/v3/write_lp'])(
    'IN-15: %s takes any content type in UTF-8',
    async (path) => {
      for (const type of ['text/plain; charset=utf-8', 'application/x-www-form-urlencoded', 'application/octet-stream'])
        expect((await send(path, 'a value=1', { 'content-type': type })).status).toBe(204)
      expect((await send(path, 'a value=1', { 'content-type': 'text/plain; charset=latin1' })).status).toBe(415)
      expect((await send(path, 'a value=1', { 'content-encoding': 'br' })).status).toBe(415)
      expect((await send(path, Buffer.from([97, 255, 32]))).status).toBe(400)
    },
  )

  test('a path of theirs with another method is told what works', async () => {
    for (const path of ['/write', '/api/v2/write']) {
      const response = await fetch(`${server.base}${path}`)
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('POST')
    }
  })

  test('a full writer answers 503 with Retry-After in their words, before it asks for the key', async () => {
    const { ctx } = server
    const writer = { ...createPointWriter(ctx), depth: 0, isFull: () => true }
    const live = createLiveConnections(ctx)
    const health = { isServing: () => true, isQueueRunning: () => true }
    const app = createApp({ ctx, writer, live, health, webDir: '/nonexistent', trustedProxies: 0 })
    const env = { incoming: { headers: {}, url: '/api/v2/write' }, outgoing: { getHeader: () => undefined } }
    const response = await app.request('/api/v2/write', { method: 'POST', body: 'a value=1' }, env)
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await response.json()).toMatchObject({ code: 'unavailable' })
    live.close()
  })
})
