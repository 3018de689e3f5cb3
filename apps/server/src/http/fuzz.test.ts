/**
 * IN-24: damaged requests to every path that takes points. 1,500 of them here; FUZZ_REQUESTS=100000 (and FUZZ_SEED) ask
 * for more, which takes some minutes.
 */
import { Agent, type IncomingMessage, request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFuzzer, type FuzzRequest, type FuzzTarget } from '../testing/fuzz'
import { type Owner, push, signUp, startTestServer, type TestServer } from '../testing/server'

const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 1500)
const SEED = Number(process.env.FUZZ_SEED ?? 20261121)
const SENDERS = 16

let server: TestServer
let owner: Owner
beforeAll(async () => {
  server = await startTestServer()
  owner = await signUp(server)
})
afterAll(() => server.stop())

/** A field of protobuf whose value is bytes. */
const field = (number: number, ...parts: Buffer[]) => {
  const value = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), value])
}
const double = (value: number) => {
  const bytes = Buffer.alloc(9, (4 << 3) | 1)
  bytes.writeDoubleLE(value, 1)
  return bytes
}
const gauge = field(2, field(1, Buffer.from('m')), field(5, field(1, double(1.5))))
const OTLP = field(1, field(2, gauge))
const OTLP_JSON = JSON.stringify({
  resourceMetrics: [
    {
      scopeMetrics: [
        {
          metrics: [
            { name: 'm', gauge: { dataPoints: [{ asDouble: 1.5, timeUnixNano: '1700000000000000000' }] } },
            { name: 's', sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ asInt: '3' }] } },
          ],
        },
      ],
    },
  ],
})

const LINES = [
  'cpu,host=a,region=eu\\ west usage=12.5,idle=3i,up=t,note="a \\" b" 1700000000000000000\n# comment\nm value=1',
  'a\\,b,c\\=d=e f=1e3,g=0u\n\nm value=-0 1700000000',
]
const LINE_QUERIES = [
  '?precision=s',
  '?precision=ms&db=x',
  '?precision=%00',
  '?precision=h&accept_partial=false',
  '?p=x&u=y',
]

const TARGETS: FuzzTarget[] = [
  {
    path: '/api/v1/ingest',
    contentTypes: ['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset=latin1'],
    seeds: [
      '{"metric":"m","value":1,"timestamp":"2026-11-20T09:30:00+01:00","tags":{"a":"b","c":"d"},"id":"x"}',
      '[{"metric":"m","value":1},{"metric":"m","value":-1.5e3,"timestamp":1700000000}]',
      '{"points":[{"metric":"é😀","value":0}]}',
    ],
    queries: ['?atomic=true', '?dry_run=true', '?receipt=true', '?atomic=%ff&x=', '?atomic=true&atomic=false'],
  },
  {
    path: '/api/v1/ingest',
    contentTypes: ['application/x-ndjson', 'application/jsonl', 'text/csv', 'text/csv; charset=utf-8'],
    seeds: [
      '{"metric":"m","value":1}\n{"metric":"n","value":2,"tags":{"a":"b"}}\n',
      'metric,value,timestamp,id,plan\nm,1,2026-11-20T09:30:00Z,x,solo\n"m ""q""",2,,,"a,b"\n',
      'value;metric;tag\r\n1.5;m;"x\ny"\r\n',
    ],
    queries: ['?atomic=true', '?dry_run=true', '?receipt=true'],
  },
  ...['/write', '/api/v2/write', '/api/v3/write_lp'].map((path) => ({
    path,
    contentTypes: ['text/plain', 'text/plain; charset=utf-8', 'application/octet-stream'],
    seeds: LINES,
    queries: LINE_QUERIES,
  })),
  {
    path: '/v1/metrics',
    contentTypes: ['application/x-protobuf', 'application/json'],
    seeds: [OTLP, OTLP_JSON, gzipSync(OTLP)],
    queries: ['?x=1'],
  },
  {
    path: '/api/v1/write',
    contentTypes: ['application/x-protobuf', 'application/x-protobuf;proto=io.prometheus.write.v2.Request'],
    // A length and a literal: what snappy makes of short bodies.
    seeds: [Buffer.concat([Buffer.from([OTLP.length, (OTLP.length - 1) << 2]), OTLP]), Buffer.from([0]), OTLP],
    queries: ['?x=1'],
  },
  {
    path: '/metrics/job/a/b/c',
    contentTypes: ['text/plain; version=0.0.4', 'application/openmetrics-text'],
    seeds: [
      '# TYPE a counter\n# HELP a text\na{b="c",d="e\\"\\n"} 1.5 1700000000000\n',
      '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n# EOF\n',
    ],
    queries: [''],
  },
]

interface Answer {
  status: number
  text: string
}

const agent = new Agent({ keepAlive: true, maxSockets: SENDERS })

function send({ path, headers, body }: FuzzRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const authorization = `Bearer ${owner.keyText}`
    const options = { method: 'POST', agent, headers: { ...headers, authorization, 'content-length': body.length } }
    const sending = request(server.base + path, options, (response: IncomingMessage) => {
      let text = ''
      response.setEncoding('latin1')
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
    sending.on('error', reject)
    sending.end(body)
  })
}

/** What must never be told: places in our code, and what is said to the database. */
const INSIDES = /node_modules|node:internal|file:\/\/|\.[jt]s:\d+|\b(SELECT|INSERT INTO|COPY|UPDATE) \w+/

test(
  'IN-24: whatever is sent, the answer is one of the sender’s own, and nothing is left behind',
  async () => {
    const next = createFuzzer(TARGETS, SEED)
    const counts = new Map<number, number>()
    let sent = 0
    const sender = async () => {
      while (sent < REQUESTS) {
        sent++
        const fuzzed = next()
        const { status, text } = await send(fuzzed)
        counts.set(status, (counts.get(status) ?? 0) + 1)
        const told = () =>
          `${fuzzed.path} ${JSON.stringify(fuzzed.headers)} ${fuzzed.body.toString('base64')}: ${status} ${text}`
        expect(status, told()).toBeLessThan(500)
        expect(status, told()).toBeGreaterThanOrEqual(200)
        if (status >= 400) expect(text, told()).not.toMatch(INSIDES)
      }
    }
    await Promise.all(Array.from({ length: SENDERS }, sender))
    agent.destroy()
    // It reaches both what is stored and what is refused, or it would prove little.
    const shareOf = (from: number, to: number) =>
      [...counts].reduce((sum, [status, count]) => sum + (status >= from && status < to ? count : 0), 0) / REQUESTS
    expect(shareOf(200, 300)).toBeGreaterThan(0.15)
    expect(shareOf(400, 500)).toBeGreaterThan(0.3)
    expect(counts.get(401)).toBeUndefined()

    expect(server.logs.filter((line) => /"level":(50|60)/.test(line))).toEqual([])
    expect(await (await push(server, owner.keyText, { metric: 'm', value: 1 })).json()).toMatchObject({ accepted: 1 })
    expect(server.writer.depth).toBe(0)
    const handles = process.getActiveResourcesInfo()
    expect(handles.filter((one) => one === 'ZlibStream' || one === 'Zlib')).toEqual([])
    expect(handles.filter((one) => one.startsWith('TCPSocket')).length).toBeLessThan(60)
  },
  20_000 + REQUESTS * 20,
)
