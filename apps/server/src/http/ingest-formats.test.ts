/** NDJSON, CSV and packed bodies over real HTTP. What each format reads is in packages/api/src/ingest/formats. */
import { once } from 'node:events'
import { request } from 'node:http'
import { createGzip, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { NAUGHTY_STRINGS } from '@trackable/api/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Owner, raw, signUp, startTestServer, type TestServer } from '../testing/server'
import { inflateBody } from './inflate'
import { Problem } from './problem'

const MIB = 1024 * 1024

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
const countPoints = async () => (await query<{ n: number }>('SELECT count(*)::int AS n FROM point'))[0]?.n

const send = (body: string | Buffer, headers: Record<string, string>, search = '') =>
  fetch(`${server.base}/api/v1/ingest${search}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${owner.keyText}`, ...headers },
    body: body as BodyInit,
  })

const NDJSON = { 'content-type': 'application/x-ndjson' }
const CSV = { 'content-type': 'text/csv; charset=utf-8' }
const JSON_TYPE = { 'content-type': 'application/json' }

const rows = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => `m,${from + i},${1_700_000_000 + from + i},h${i % 7}`).join('\n')
const HEADER = 'metric,value,timestamp,host\n'

describe('packed bodies', () => {
  const body = '[{"metric":"m","value":1}]'
  const PACKED: [name: string, encoding: string, packed: Buffer][] = [
    ['gzip', 'gzip', gzipSync(body)],
    ['gzip by its old name', 'X-GZIP', gzipSync(body)],
    ['gzip of several members', 'gzip', Buffer.concat([gzipSync(body.slice(0, 9)), gzipSync(body.slice(9))])],
    ['deflate with its header', 'deflate', deflateSync(body)],
    ['deflate without', 'deflate', deflateRawSync(body)],
    ['identity', 'identity', Buffer.from(body)],
  ]

  test.each(PACKED)('%s is read, whole and as a stream', async (_name, encoding, packed) => {
    const coding = { 'content-encoding': encoding }
    expect(await (await send(packed, { ...JSON_TYPE, ...coding })).json()).toMatchObject({ accepted: 1 })
    const line =
      packed === PACKED[5]?.[2] ? Buffer.from(body.slice(1, -1)) : repack(packed, encoding, body.slice(1, -1))
    expect(await (await send(line, { ...NDJSON, ...coding })).json()).toMatchObject({ accepted: 1 })
  })

  test('gzip that arrives in pieces is read', async () => {
    const sending = request(`${server.base}/api/v1/ingest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.keyText}`, 'content-encoding': 'gzip', ...CSV },
    })
    const packer = createGzip()
    packer.pipe(sending)
    packer.write(HEADER)
    for (let i = 0; i < 10; i++) {
      packer.write(`${rows(300, i * 300)}\n`)
      await new Promise<void>((resolve) => packer.flush(resolve))
    }
    packer.end()
    const [response] = await once(sending, 'response')
    const chunks: Buffer[] = await response.toArray()
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual({ accepted: 3000, duplicates: 0, rejected: [] })
    expect(await countPoints()).toBe(3000)
  })

  test.each(['gzip, gzip', 'br', 'zstd', 'compress', 'gzip;q=1'])(
    'IN-14: the encoding "%s" is not read',
    async (encoding) => {
      for (const type of [JSON_TYPE, NDJSON]) {
        const response = await send(gzipSync(body), { ...type, 'content-encoding': encoding })
        expect(response.status).toBe(415)
        expect(Problem.parse(await response.json()).code).toBe('unsupported_media_type')
      }
    },
  )

  test.each([
    ['cut off', gzipSync(body).subarray(0, 30)],
    ['nothing', Buffer.alloc(0)],
    ['no gzip', Buffer.from(body)],
    ['with something behind it', Buffer.concat([gzipSync(body), Buffer.from('garbage')])],
  ])('IN-14: gzip that is damaged is refused: %s', async (_name, packed) => {
    for (const type of [JSON_TYPE, NDJSON]) {
      const response = await send(packed, { ...type, 'content-encoding': 'gzip' })
      expect(response.status).toBe(400)
      expect(Problem.parse(await response.json()).code).toBe('invalid_encoding')
    }
  })

  test.each([
    ['deflate', deflateSync(body)],
    ['deflate', deflateRawSync(body)],
  ])('IN-14: lines behind the end of a %s are no lines that were stored', async (encoding, packed) => {
    const twice = Buffer.concat([packed, packed])
    for (const type of [JSON_TYPE, NDJSON]) {
      const response = await send(twice, { ...type, 'content-encoding': encoding })
      expect(response.status).toBe(400)
      expect(Problem.parse(await response.json()).code).toBe('invalid_encoding')
    }
  })

  test('IN-14, F16: 50 kB that unpack to 50 MB are refused at the limit, and soon', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * MIB, ' '))
    expect(bomb.length).toBeLessThan(52_000)
    const startedAt = process.cpuUsage()
    await expect(inflateBody(bomb, 'gzip', 5 * MIB)).rejects.toMatchObject({ code: 'payload_too_large' })
    const { user, system } = process.cpuUsage(startedAt)
    expect(user + system).toBeLessThan(100_000)
    const response = await send(bomb, { ...JSON_TYPE, 'content-encoding': 'gzip' })
    expect(response.status).toBe(413)
    expect(await countPoints()).toBe(0)
  })
})

const repack = (packed: Buffer, encoding: string, text: string) =>
  encoding !== 'deflate' ? gzipSync(text) : (packed[0] ?? 0) === 0x78 ? deflateSync(text) : deflateRawSync(text)

describe('NDJSON and CSV', () => {
  test('200, 207 and 422, as for JSON', async () => {
    const good = '{"metric":"m","value":1,"tags":{"a":"b"}}\n'
    const all = await send(good, NDJSON)
    expect([all.status, await all.json()]).toEqual([200, { accepted: 1, duplicates: 0, rejected: [] }])
    const some = await send(`${good}{"metric":"m"}\n\n{`, NDJSON)
    expect(some.status).toBe(207)
    expect(await some.json()).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 1, pointer: '/1/value', code: 'missing_field' },
        { index: 3, pointer: '/3', code: 'invalid_line' },
      ],
    })
    const none = await send('metric,value\nm,"1,5"\n', CSV)
    expect(none.status).toBe(422)
    expect(none.headers.get('content-type')).toBe('application/problem+json')
    expect(Problem.parse(await none.json())).toMatchObject({
      code: 'invalid_points',
      errors: [{ index: 1, pointer: '/1/value', detail: expect.stringMatching(/^Line 2, column 2: .*12\.5/) }],
    })
  })

  test('IG-2: a body that is larger than a JSON may be is written while it arrives', async () => {
    const count = 200_000
    async function* pieces() {
      yield Buffer.from(HEADER)
      for (let i = 0; i < count; i += 10_000) yield Buffer.from(`${rows(10_000, i)}\n`)
    }
    const response = await fetch(`${server.base}/api/v1/ingest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.keyText}`, ...CSV },
      body: pieces() as unknown as BodyInit,
      duplex: 'half',
    } as RequestInit)
    expect(await response.json()).toEqual({ accepted: count, duplicates: 0, rejected: [] })
    const [row] = await query('SELECT count(*)::int AS n, sum(value)::float8 AS sum FROM point')
    expect(row).toEqual({ n: count, sum: (count * (count - 1)) / 2 })
  })

  test('with an Idempotency-Key the same body again adds nothing', async () => {
    const body = `${HEADER}${rows(6000)}`
    const first = await send(body, { ...CSV, 'idempotency-key': 'import-1' })
    expect(await first.json()).toMatchObject({ accepted: 6000, duplicates: 0 })
    const again = await send(body, { ...CSV, 'idempotency-key': 'import-1' })
    expect(await again.json()).toMatchObject({ accepted: 0, duplicates: 6000 })
    expect(again.status).toBe(200)
    const other = await send(body, { ...CSV, 'idempotency-key': 'import-2' })
    expect(await other.json()).toMatchObject({ accepted: 6000, duplicates: 0 })
    expect((await send(body, { ...CSV, 'idempotency-key': 'k'.repeat(256) })).status).toBe(400)
  })

  test('atomic=true stores all or none, and is refused beyond a slice', async () => {
    const bad = await send(`${HEADER}${rows(10)}\nm,x,,`, CSV, '?atomic=true')
    expect(bad.status).toBe(422)
    const long = await send(`${HEADER}${rows(5001)}`, CSV, '?atomic=true')
    expect(long.status).toBe(413)
    expect(Problem.parse(await long.json()).detail).toContain('5,000')
    expect(await countPoints()).toBe(0)
    expect((await send(`${HEADER}${rows(5000)}`, CSV, '?atomic=true')).status).toBe(200)
  })

  test('dry_run=true stores nothing and shows what would be', async () => {
    const response = await send('metric,value,timestamp,region\nm,1.5,1700000000,eu\nm,x,,', CSV, '?dry_run=true')
    expect(await response.json()).toMatchObject({
      points: [{ index: 1, metric: 'm', value: 1.5, tags: { region: 'eu' } }],
      rejected: [{ index: 2 }],
    })
    expect(await countPoints()).toBe(0)
  })

  test('a receipt is of a whole body, and refused here', async () => {
    const response = await send(`${HEADER}${rows(1)}`, CSV, '?receipt=true')
    expect(response.status).toBe(400)
    expect(await countPoints()).toBe(0)
  })

  test('what comes before a break is stored, and the answer says how much', async () => {
    const body = Buffer.concat([Buffer.from(`${HEADER}${rows(20_000)}\nm,1,,`), Buffer.from([0xff]), Buffer.from('\n')])
    const response = await send(body, CSV)
    expect(response.status).toBe(400)
    const { code, detail } = Problem.parse(await response.json())
    expect(code).toBe('invalid_encoding')
    const count = Number(/([\d,]+) points before it are stored/.exec(detail)?.[1]?.replaceAll(',', ''))
    expect(count).toBeGreaterThanOrEqual(5000)
    expect(await countPoints()).toBe(count)
  })

  test('of very many refusals the first are listed and all are counted; beyond that the body is given up', async () => {
    const some = await send(`${HEADER}${rows(1)}\n${'m,x\n'.repeat(3000)}`, CSV)
    expect(some.status).toBe(207)
    const result = (await some.json()) as { rejected: unknown[] }
    expect(result).toMatchObject({ accepted: 1, rejectedCount: 3000 })
    expect(result.rejected).toHaveLength(1000)
    const all = await send(`${HEADER}${'m\n'.repeat(150_000)}`, CSV)
    expect(all.status).toBe(400)
    expect(Problem.parse(await all.json())).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringContaining('100,000'),
    })
  })

  test('IN-15: another charset is refused', async () => {
    for (const type of ['text/csv; charset=latin1', 'application/x-ndjson; charset=utf-16'])
      expect((await send(HEADER, { 'content-type': type })).status).toBe(415)
  })

  test('IN-16: a body that ends too soon is a failure of the sender, and what came is told apart from what did not', async () => {
    const head = `POST /api/v1/ingest HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${owner.keyText}\r\nContent-Type: text/csv\r\n`
    const chunk = `${HEADER}${rows(3)}\n`
    const bytes = `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.length.toString(16)}\r\n${chunk}\r\nzz\r\n`
    const { text, isClosed } = await raw(server.port, bytes)
    expect(isClosed).toBe(true)
    expect(text).not.toMatch(/HTTP\/1\.1 (2|5)/)
    expect((await fetch(`${server.base}/health`)).status).toBe(200)
  })

  test('IN-13: a body that is announced to be longer than a gigabyte is refused before it is sent', async () => {
    const head = `POST /api/v1/ingest HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${owner.keyText}\r\nContent-Type: text/csv\r\n`
    const { text, isClosed } = await raw(
      server.port,
      `${head}Content-Length: ${1024 * MIB + 1}\r\nExpect: 100-continue\r\n\r\n`,
    )
    expect(text).toMatch(/^HTTP\/1\.1 413 /)
    expect(isClosed).toBe(true)
    const asked = await raw(server.port, `${head}Content-Length: ${100 * MIB}\r\nExpect: 100-continue\r\n\r\n`, {
      until: /100 Continue/,
    })
    expect(asked.text).toMatch(/^HTTP\/1\.1 100 Continue/)
  })
})

describe('IN-23: naughty strings', () => {
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
  const escapeTag = (text: string) => text.replaceAll(/[,= ]/g, '\\$&')
  const point = (text: string) =>
    JSON.stringify({ metric: text, value: 1, timestamp: 1_700_000_000, tags: { [text]: text } })
  const isLine = (text: string) => !/[\n\r]|^[#\t\ufeff]|\\$/.test(text)

  test.each([
    ['JSON', '/api/v1/ingest', JSON_TYPE, (texts: string[]) => `[${texts.map(point).join(',')}]`],
    ['NDJSON', '/api/v1/ingest', NDJSON, (texts: string[]) => texts.map(point).join('\n')],
    [
      'CSV',
      '/api/v1/ingest',
      CSV,
      (texts: string[]) =>
        `metric,value,timestamp,${texts.map(quote).join(',')}\n${texts
          .map(
            (text, at) => `${quote(text)},1,1700000000,${texts.map((_, i) => (i === at ? quote(text) : '')).join(',')}`,
          )
          .join('\n')}`,
    ],
    [
      'line protocol',
      '/write?precision=s',
      { 'content-type': 'text/plain' },
      (texts: string[]) =>
        texts
          .map((text) => `${text.replaceAll(/[, ]/g, '\\$&')},${escapeTag(text)}=${escapeTag(text)} value=1 1700000000`)
          .join('\n'),
    ],
  ])('come back from the database byte for byte, sent as %s', async (name, path, headers, encode) => {
    const texts = NAUGHTY_STRINGS.filter((text) =>
      name === 'CSV' ? text === text.trim() : name === 'line protocol' ? isLine(text) : true,
    )
    const response = await fetch(server.base + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.keyText}`, ...headers },
      body: encode(texts),
    })
    expect(response.ok, await response.text()).toBe(true)
    const points = await query<{ metric: string; tags: Record<string, string> }>(`
      SELECT m.name AS metric, s.tags FROM point p
      JOIN series s ON s.product_id = p.product_id AND s.id = p.series_id
      JOIN metric m ON m.product_id = s.product_id AND m.id = s.metric_id`)
    const byText = new Map(points.map(({ metric, tags }) => [metric, Object.entries(tags)]))
    expect([...byText.keys()].sort()).toEqual([...texts].sort())
    for (const text of texts) expect(byText.get(text)).toEqual([[text, text]])
  })
})
