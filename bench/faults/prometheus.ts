/**
 * `pnpm faults:prometheus [--seconds 60]`: a real Prometheus scrapes a program every second and forwards what it reads by
 * remote-write, while the server is killed (SIGKILL) and started again and again. Afterwards every sample that Prometheus
 * itself holds is compared with what is stored: none lost, none twice. Needs the build, and `prometheus` in the path
 * (`apt-get install prometheus`).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { type Cluster, createCluster } from './cluster'
import { bootstrap, createServerProcess, type Server } from './server'

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: { seconds: { type: 'string', default: '60' }, port: { type: 'string', default: '44500' } },
})
const FIRST_PORT = Number(values.port)
const PROMETHEUS = `http://127.0.0.1:${FIRST_PORT + 2}`

/** A program as Prometheus finds them: what it counts changes all the time, and its gauge is another at every scrape. */
async function startTarget(port: number) {
  const registry = new Registry()
  const requests = new Counter({ name: 'demo_requests_total', help: 'n', labelNames: ['route'], registers: [registry] })
  const scrapes = new Gauge({ name: 'demo_scrapes', help: 'n', registers: [registry] })
  const buckets = [0.01, 0.1, 1]
  const latency = new Histogram({ name: 'demo_latency_seconds', help: 's', buckets, registers: [registry] })
  const work = setInterval(() => {
    requests.inc({ route: Math.random() < 0.3 ? '/' : '/buy' }, Math.ceil(Math.random() * 5))
    latency.observe(Math.random() ** 4 * 2)
  }, 20)
  const server = createServer(async (_, response) => {
    scrapes.inc()
    response.setHeader('content-type', registry.contentType).end(await registry.metrics())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    freeze: () => clearInterval(work),
    stop: () => {
      clearInterval(work)
      server.close()
      server.closeAllConnections()
    },
  }
}

async function startPrometheus(dir: string, key: string): Promise<ChildProcess> {
  const config = `
global: { scrape_interval: 1s, scrape_timeout: 900ms }
scrape_configs:
  - job_name: demo
    static_configs: [{ targets: ['127.0.0.1:${FIRST_PORT + 3}'] }]
remote_write:
  - url: http://127.0.0.1:${FIRST_PORT + 1}/api/v1/write
    authorization: { credentials: ${key} }
    metadata_config: { send_interval: 5s }
    queue_config: { batch_send_deadline: 200ms, min_backoff: 50ms, max_backoff: 500ms }
`
  await writeFile(join(dir, 'prometheus.yml'), config)
  const args = [
    `--config.file=${join(dir, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(dir, 'data')}`,
    `--web.listen-address=127.0.0.1:${FIRST_PORT + 2}`,
    '--log.level=error',
  ]
  const child = spawn('prometheus', args, { stdio: ['ignore', 'inherit', 'inherit'] })
  await Promise.race([
    untilTrue(async () => (await fetch(`${PROMETHEUS}/-/ready`)).ok, 30),
    once(child, 'error').then(([error]) => Promise.reject(error)),
  ])
  return child
}

async function untilTrue(ask: () => Promise<boolean>, seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!(await ask().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`waited for ${seconds} s: ${ask}`)
    await sleep(100)
  }
}

async function killForAWhile(server: Server, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000
  let kills = 0
  while (performance.now() < end) {
    await sleep(1500 + Math.random() * 4000)
    await server.kill('SIGKILL')
    kills++
    await sleep(Math.random() * 1500)
    await server.start()
  }
  return kills
}

/** A series as text, for both sides the same. */
const nameOf = (metric: string, tags: Record<string, string>) =>
  `${metric}${JSON.stringify(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)))}`

type Samples = Map<string, [ts: number, value: number][]>

interface Matrix {
  data: { result: { metric: Record<string, string>; values: [number, string][] }[] }
}

/** All that Prometheus has read up to a time, sample by sample. */
async function readScraped(seconds: number): Promise<Samples> {
  const query = new URLSearchParams({ query: '{__name__=~".+"}[1h]', time: String(seconds) })
  const { data } = (await (await fetch(`${PROMETHEUS}/api/v1/query?${query}`)).json()) as Matrix
  return new Map(
    data.result.map(({ metric: { __name__ = '', ...tags }, values: samples }) => [
      nameOf(__name__, tags),
      samples.map(([at, value]) => [Math.round(at * 1000), Number(value)]),
    ]),
  )
}

async function readStored(cluster: Cluster, untilMs: number): Promise<Samples> {
  const rows = await cluster.query<{ name: string; tags: Record<string, string>; ts: number; value: number }>(
    `SELECT name, tags, round(extract(epoch FROM ts) * 1000)::float8 AS ts, value
     FROM (SELECT product_id, series_id, ts, value FROM point
           UNION ALL SELECT product_id, series_id, ts, count FROM histogram) AS row
     JOIN series ON series.product_id = row.product_id AND series.id = series_id
     JOIN metric ON metric.product_id = row.product_id AND metric.id = metric_id
     WHERE extract(epoch FROM ts) * 1000 <= ${untilMs} ORDER BY ts`,
  )
  const stored: Samples = new Map()
  for (const { name, tags, ts, value } of rows) {
    const key = nameOf(name, tags)
    const samples = stored.get(key) ?? []
    samples.push([ts, value])
    stored.set(key, samples)
  }
  return stored
}

/** What a counter adds from sample to sample; nothing where it stood still. */
function differencesOf(samples: Samples extends Map<string, infer S> ? S : never) {
  return samples
    .map(([ts, value], i): [number, number] => [ts, value - (samples[i - 1]?.[1] ?? value)])
    .filter(([, value]) => value !== 0)
}

const total = (samples: readonly [number, number][]) => samples.reduce((sum, [, value]) => sum + value, 0)

/** What is wrong, in words. */
function compare(scraped: Samples, stored: Samples): string[] {
  const wrong: string[] = []
  for (const [name, samples] of scraped) {
    if (/^demo_latency_seconds_(bucket|sum)/.test(name)) continue
    if (name.startsWith('demo_latency_seconds_count')) {
      const known = stored.get(name.replace('_count', '')) ?? []
      const expected = total(differencesOf(samples))
      if (total(known) !== expected) wrong.push(`${name}: ${total(known)} values stored, ${expected} scraped`)
      continue
    }
    const expected = name.includes('_total') ? differencesOf(samples) : samples
    const known = stored.get(name) ?? []
    const missing = expected.filter(([ts, value]) => !known.some((one) => one[0] === ts && one[1] === value))
    const more = known.filter(([ts, value]) => !expected.some((one) => one[0] === ts && one[1] === value))
    if (known.length === expected.length && missing.length === 0) continue
    wrong.push(
      `${name}: ${known.length} stored, ${expected.length} expected; missing ${JSON.stringify(missing.slice(0, 3))}, too many ${JSON.stringify(more.slice(0, 3))}`,
    )
  }
  return wrong
}

/** Prometheus tells how far it has come; what it still holds is sent before this resolves. */
async function untilSent(seconds: number): Promise<void> {
  await untilTrue(async () => {
    const text = await (await fetch(`${PROMETHEUS}/metrics`)).text()
    const sent = /^prometheus_remote_storage_queue_highest_sent_timestamp_seconds\{.*\} (\S+)$/m.exec(text)?.[1]
    return Number(sent ?? 0) > seconds
  }, 30)
}

const dir = await mkdtemp(join(tmpdir(), 'trackable-prometheus-'))
const cluster = await createCluster({ port: FIRST_PORT })
const server = createServerProcess(cluster.url, FIRST_PORT + 1)
let prometheus: ChildProcess | undefined
const target = await startTarget(FIRST_PORT + 3)
try {
  const { keyText } = await bootstrap(cluster.url)
  await server.start()
  prometheus = await startPrometheus(dir, keyText)
  const kills = await killForAWhile(server, Number(values.seconds))
  // The last values are read a few times more, so that what a split batch left for the next one arrives.
  target.freeze()
  await sleep(3000)
  target.stop()
  const until = Math.floor(Date.now() / 1000)
  // Later samples follow (up is 0 now), so that being sent is seen in their time.
  await untilSent(until + 2)
  const scraped = await readScraped(until)
  const stored = await readStored(cluster, until * 1000)
  const wrong = compare(scraped, stored)
  const samples = [...scraped.values()].reduce((sum, { length }) => sum + length, 0)
  const isGood = wrong.length === 0 && kills > 0 && samples > 0 && scraped.size > 8
  process.stdout.write(
    `${isGood ? 'ok  ' : 'FAIL'} Prometheus: ${samples} samples of ${scraped.size} series in ${values.seconds} s, the server killed ${kills} times: ${isGood ? 'none lost, none twice' : `${wrong.length} series differ`}\n`,
  )
  for (const line of wrong.slice(0, 10)) process.stdout.write(`       ${line}\n`)
  process.exitCode = isGood ? 0 : 1
} finally {
  target.stop()
  if (prometheus && prometheus.exitCode === null) {
    const ended = once(prometheus, 'exit')
    prometheus.kill('SIGTERM')
    await ended
  }
  await server.kill('SIGKILL')
  await cluster.remove()
  await rm(dir, { recursive: true, force: true })
}
