/** The clients that people have, unmodified, over real HTTP. */

import { AggregationTemporalityPreference, OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as OTLPProtoExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AggregationType, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { encodeRemoteWrite } from '@trackable/api/testing'
import { Counter, Gauge, Histogram, Pushgateway, Registry } from 'prom-client'
import { pushTimeseries } from 'prometheus-remote-write'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLogTo } from '../../log'
import { startServer } from '../../start'
import { type Owner, signUp, startTestServer, type TestServer, testEnv } from '../../testing/server'

let server: TestServer
let owner: Owner
beforeAll(async () => {
  server = await startTestServer()
  owner = await signUp(server)
})
afterAll(() => server.stop())
beforeEach(async () => {
  for (const table of ['point', 'histogram', 'cumulative_state'])
    await server.database.database.pools.meta.query(`DELETE FROM ${table} WHERE product_id > 0`)
})

interface Stored {
  metric: string
  tags: Record<string, string>
  sum: number
  rows: number
  /** Values of distributions. */
  count: number
}

/** What is in the database, by series. */
async function listStored(prefix = ''): Promise<Stored[]> {
  const { rows } = await server.database.database.pools.meta.query<Stored>(
    `SELECT metric.name AS metric, series.tags, sum(row.value)::float8 AS sum, count(*)::int AS rows, sum(row.weight)::int AS count
     FROM (SELECT product_id, series_id, value, 1 AS weight FROM point
           UNION ALL SELECT product_id, series_id, sum, count FROM histogram) AS row
     JOIN series ON series.product_id = row.product_id AND series.id = row.series_id
     JOIN metric ON metric.product_id = row.product_id AND metric.id = series.metric_id
     WHERE row.product_id > 0 AND metric.name LIKE $1 || '%'
     GROUP BY 1, 2 ORDER BY 1, 2`,
    [prefix],
  )
  return rows
}

const headers = () => ({ authorization: `Bearer ${owner.keyText}` })

describe.each([
  ['protobuf', OTLPProtoExporter],
  ['JSON', OTLPMetricExporter],
])('the OpenTelemetry SDK over %s', (_, Exporter) => {
  const start = (temporalityPreference: AggregationTemporalityPreference) => {
    const exporter = new Exporter({ url: `${server.base}/v1/metrics`, headers: headers(), temporalityPreference })
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
    const provider = new MeterProvider({
      readers: [reader],
      resource: resourceFromAttributes({ 'service.name': 'shop', 'process.pid': 7 }),
      views: [{ instrumentName: 'exp', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
    })
    return { provider, meter: provider.getMeter('test') }
  }

  test.each([
    ['cumulative', AggregationTemporalityPreference.CUMULATIVE],
    ['delta', AggregationTemporalityPreference.DELTA],
  ])(
    '%s: what was counted is stored once, also when a flush and the shutdown send it twice',
    async (_name, temporality) => {
      const { provider, meter } = start(temporality)
      const orders = meter.createCounter('orders', { unit: '{order}', description: 'Orders taken' })
      const open = meter.createUpDownCounter('open')
      const latency = meter.createHistogram('latency', { unit: 'ms', advice: { explicitBucketBoundaries: [10, 100] } })
      const exp = meter.createHistogram('exp')
      meter.createObservableGauge('load').addCallback((result) => result.observe(0.5))
      orders.add(2, { plan: 'solo' })
      orders.add(3, { plan: 'team' })
      open.add(4)
      for (const value of [5, 50, 500]) {
        latency.record(value)
        exp.record(value)
      }
      await provider.forceFlush()
      orders.add(1, { plan: 'solo' })
      latency.record(7)
      await provider.forceFlush()
      await provider.shutdown()
      const stored = await listStored()
      const find = (metric: string, plan?: string) =>
        stored.find((one) => one.metric === metric && one.tags.plan === plan)
      expect(find('orders', 'solo')).toMatchObject({ sum: 3, rows: 2, tags: { 'service.name': 'shop' } })
      expect(find('orders', 'team')).toMatchObject({ sum: 3, tags: { plan: 'team', 'service.name': 'shop' } })
      expect(find('latency')).toMatchObject({ sum: 562, count: 4 })
      expect(find('exp')).toMatchObject({ sum: 555, count: 3 })
      expect(find('load')?.sum).toBeGreaterThanOrEqual(0.5)
      expect(find('open')?.sum).toBeGreaterThanOrEqual(4)
    },
  )
})

test('OTLP: a server that starts anew between two exports neither loses nor doubles what was counted', async () => {
  const exporter = new OTLPProtoExporter({ url: `${server.base}/v1/metrics`, headers: headers() })
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  const counter = provider.getMeter('test').createCounter('restarted')
  counter.add(5)
  await provider.forceFlush()
  // Another process on the same database: all that it knows of the first export is what is stored.
  const env = testEnv(server.database)
  const other = await startServer(env, createLogTo('silent', { write: () => {} }))
  await other.ready
  try {
    const second = new OTLPProtoExporter({ url: `http://127.0.0.1:${other.port}/v1/metrics`, headers: headers() })
    counter.add(2)
    const { resourceMetrics } = await reader.collect()
    await new Promise((resolve) => second.export(resourceMetrics, resolve))
    await new Promise((resolve) => second.export(resourceMetrics, resolve))
  } finally {
    await other.stop()
  }
  await provider.shutdown()
  expect(await listStored('restarted')).toMatchObject([{ sum: 7, rows: 2 }])
})

describe('OTLP answers', () => {
  const send = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json', more: Record<string, string> = {}) =>
    fetch(`${server.base}/v1/metrics`, {
      method: 'POST',
      headers: { ...headers(), 'content-type': type, ...more },
      body,
    })
  const gauge = (...values: unknown[]) =>
    JSON.stringify({
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'g',
                  gauge: {
                    dataPoints: values.map((asDouble, i) => ({ asDouble, timeUnixNano: `${Date.now() - i}000000` })),
                  },
                },
              ],
            },
          ],
        },
      ],
    })

  test('200 with nothing in it, 200 with what was rejected, 400 when nothing was stored', async () => {
    const all = await send(gauge(1))
    expect([all.status, all.headers.get('content-type'), await all.text()]).toEqual([200, 'application/json', '{}'])
    const part = await send(gauge(1, 'NaN'))
    expect(part.status).toBe(200)
    expect(await part.json()).toMatchObject({
      partialSuccess: { rejectedDataPoints: '1', errorMessage: expect.stringContaining('dataPoints/1') },
    })
    const none = await send(gauge('NaN'))
    expect([none.status, await none.json()]).toMatchObject([
      400,
      { code: 3, message: expect.stringContaining('value') },
    ])
  })

  test('protobuf is answered in protobuf, also when it cannot be read', async () => {
    const empty = await send(new Uint8Array(), 'application/x-protobuf')
    expect([empty.status, empty.headers.get('content-type'), (await empty.bytes()).length]).toEqual([
      200,
      'application/x-protobuf',
      0,
    ])
    const broken = await send(new Uint8Array([0x0a, 0x50, 1]), 'application/x-protobuf')
    expect([broken.status, broken.headers.get('content-type')]).toEqual([400, 'application/x-protobuf'])
    // google.rpc.Status: field 1 is the code, 3 is INVALID_ARGUMENT.
    expect([...(await broken.bytes()).subarray(0, 2)]).toEqual([0x08, 3])
  })

  test('IN-13, IN-15: 401, 413 and 415 are told as google.rpc.Status', async () => {
    expect((await send(gauge(1), 'text/plain')).status).toBe(415)
    const noKey = await send(gauge(1), 'application/json', { authorization: 'Bearer no' })
    expect([noKey.status, await noKey.json()]).toMatchObject([401, { code: 16 }])
    const large = await send(' '.repeat(20 * 1024 * 1024 + 1))
    expect([large.status, await large.json()]).toMatchObject([413, { code: 8 }])
  })
})

describe('remote-write', () => {
  const at = Date.now() - 60_000
  const send = (body: Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) =>
    fetch(`${server.base}/api/v1/write`, {
      method: 'POST',
      headers: { ...headers(), 'content-type': 'application/x-protobuf', ...more },
      body,
    })
  const V2 = {
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'content-encoding': 'snappy',
  }

  /** Its types ask for a body that no fetch takes; what it hands over is a Uint8Array. */
  const post = (url: string, init?: { method: string; headers: Record<string, string>; body: ArrayBufferLike }) =>
    fetch(url, init as RequestInit)

  test('prometheus-remote-write, which says nothing of snappy, stores levels and differences of counters', async () => {
    const write = (value: number, ts: number) =>
      pushTimeseries(
        [
          { labels: { __name__: 'jobs_total', queue: 'mail' }, samples: [{ value, timestamp: ts }] },
          { labels: { __name__: 'queue_depth', queue: 'mail' }, samples: [{ value, timestamp: ts }] },
        ],
        { url: `${server.base}/api/v1/write`, headers: headers(), fetch: post },
      )
    for (const [value, ts] of [
      [5, at],
      [8, at + 1000],
      [8, at + 1000],
      [2, at + 2000],
    ] as const)
      expect((await write(value, ts)).status).toBe(204)
    expect(await listStored()).toMatchObject([
      { metric: 'jobs_total', tags: { queue: 'mail' }, sum: 5, rows: 2 },
      { metric: 'queue_depth', tags: { queue: 'mail' }, sum: 15, rows: 3 },
    ])
  })

  test('2.0: counters count from when they were created, and the answer says what was written', async () => {
    const symbols = ['', '__name__', 'hits', 'path', '/', 'depth', 'Requests', 'latency']
    const timeseries = [
      {
        labelsRefs: [1, 2, 3, 4],
        metadata: { type: 1, helpRef: 6 },
        createdTimestamp: at - 1000,
        samples: [{ value: 7, timestamp: at }],
      },
      {
        labelsRefs: [1, 5],
        metadata: { type: 2 },
        samples: [
          { value: 3, timestamp: at },
          { value: Number.POSITIVE_INFINITY, timestamp: at + 1 },
        ],
      },
      {
        labelsRefs: [1, 7],
        metadata: { type: 3 },
        histograms: [
          {
            countInt: 3,
            sum: 6,
            schema: 0,
            zeroCountInt: 0,
            positiveSpans: [{ offset: 1, length: 1 }],
            positiveDeltas: [3],
            timestamp: at,
            startTimestamp: at - 1000,
          },
        ],
      },
    ]
    const response = await send(encodeRemoteWrite('2.0', { symbols, timeseries }), V2)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('/timeseries/1/samples/1')
    expect(Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('x-prom')))).toEqual({
      'x-prometheus-remote-write-samples-written': '2',
      'x-prometheus-remote-write-histograms-written': '1',
      'x-prometheus-remote-write-exemplars-written': '0',
    })
    expect(await listStored()).toMatchObject([
      { metric: 'depth', sum: 3 },
      { metric: 'hits', sum: 7, tags: { path: '/' } },
      { metric: 'latency', sum: 6, count: 3 },
    ])
  })

  test('1.0: what is known of a metric arrives without samples', async () => {
    const sample = { labels: [{ name: '__name__', value: 'noted' }], samples: [{ value: 1, timestamp: at }] }
    const metadata = [{ type: 2, metricFamilyName: 'noted', help: 'Of the tank', unit: 'litres' }]
    for (const request of [{ timeseries: [sample] }, { metadata }])
      expect((await send(encodeRemoteWrite('1.0', request))).status).toBe(204)
    const { rows } = await server.database.database.pools.meta.query(
      `SELECT kind, unit, description FROM metric WHERE name = 'noted'`,
    )
    expect(rows).toEqual([{ kind: 'gauge', unit: 'litres', description: 'Of the tank' }])
  })

  test('415 for another message, 400 for what is no snappy block, 413 for one that would be too large', async () => {
    const empty = encodeRemoteWrite('1.0', {})
    expect((await send(empty, { 'content-type': 'application/json' })).status).toBe(415)
    expect((await send(empty, { 'content-type': 'application/x-protobuf;proto=other.Message' })).status).toBe(415)
    expect((await send(empty, { 'content-encoding': 'zstd' })).status).toBe(415)
    expect((await send(new Uint8Array([9, 9, 9]))).status).toBe(400)
    expect((await send(new Uint8Array([0xff, 0xff, 0xff, 0x7f, 0]))).status).toBe(413)
    expect((await send(empty)).status).toBe(204)
  })
})

describe('text push', () => {
  test('prom-client pushes a registry; the parts of a histogram are one distribution', async () => {
    const registry = new Registry()
    const jobs = new Counter({ name: 'jobs_done_total', help: 'Jobs', labelNames: ['kind'], registers: [registry] })
    const last = new Gauge({ name: 'last_run', help: 'When', registers: [registry] })
    const took = new Histogram({ name: 'took_seconds', help: 'Time', buckets: [1, 5], registers: [registry] })
    const gateway = new Pushgateway(server.base, { headers: headers() }, registry)
    jobs.inc({ kind: 'a "b"' }, 4)
    took.observe(2)
    const group = { jobName: 'night/ly', groupings: { host: 'h 1' } }
    await gateway.pushAdd(group)
    jobs.inc({ kind: 'a "b"' }, 3)
    last.set(9)
    took.observe(0.5)
    took.observe(7)
    await gateway.push(group)
    expect(await listStored()).toMatchObject([
      { metric: 'jobs_done_total', tags: { kind: 'a "b"', job: 'night/ly', host: 'h 1' }, sum: 3, rows: 1 },
      { metric: 'last_run', sum: 9, rows: 2 },
      { metric: 'took_seconds', tags: { job: 'night/ly', host: 'h 1' }, sum: 7.5, count: 2, rows: 1 },
    ])
  })

  const send = (path: string, body: string, method = 'PUT') =>
    fetch(`${server.base}/metrics/${path}`, { method, headers: { ...headers(), 'content-type': 'text/plain' }, body })

  test('the path may hold labels in base64', async () => {
    expect((await send('job@base64/YS9i/empty@base64/=/x@base64/w6Q', 'up 1\n', 'POST')).status).toBe(200)
    expect(await listStored('up')).toMatchObject([{ tags: { job: 'a/b', x: 'ä' }, sum: 1 }])
  })

  test('400 and nothing stored when a line or the path cannot be read', async () => {
    const response = await send('job/a', 'good 1\nbad one\n')
    expect([response.status, await response.text()]).toEqual([400, expect.stringMatching(/^Line 2: /)])
    for (const path of ['job/a/b', 'job/a/0/b', 'job/a/b/%zz', 'job@base64/*'])
      expect((await send(path, 'good 1\n')).status, path).toBe(400)
    expect(await listStored()).toEqual([])
  })
})
