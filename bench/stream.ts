/**
 * `tsx bench/stream.ts [--rows 2000000] [--format csv|ndjson] [--gzip]`: one long body, and how much memory the server
 * takes for it (IG-2). Ends by comparing count and sum. Needs the build (`pnpm build`).
 */
import { request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { createGzip } from 'node:zlib'
import { cpuSecondsOf, rssOf } from './cpu'
import { ROOT, startServer } from './server'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '2000000' },
    format: { type: 'string', default: 'csv' },
    gzip: { type: 'boolean', default: false },
    server: { type: 'string', default: join(ROOT, 'apps/server/dist/main.js') },
  },
})
const rowCount = Number(values.rows)
const isCsv = values.format === 'csv'

const FROM_S = Date.UTC(2026, 8, 1) / 1000
/** Rows in one piece of the body, so that writing it costs this process little. */
const PIECE_ROWS = 1000

function describeRow(i: number): string {
  const [metric, value, ts, region] = [`m${i % 20}`, (i % 10_000) / 100, FROM_S + i, i % 3 ? 'eu' : 'us']
  return isCsv
    ? `${metric},${value},${ts},${region},web`
    : `{"metric":"${metric}","value":${value},"timestamp":${ts},"tags":{"region":"${region}","channel":"web"}}`
}

function* pieces(): Generator<string> {
  if (isCsv) yield 'metric,value,timestamp,region,channel\n'
  for (let from = 0; from < rowCount; from += PIECE_ROWS) {
    const count = Math.min(PIECE_ROWS, rowCount - from)
    yield `${Array.from({ length: count }, (_, i) => describeRow(from + i)).join('\n')}\n`
  }
}

const mebibytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(0)} MiB`

const server = await startServer(values.server, [])
try {
  const sending = request({
    port: server.port,
    host: '127.0.0.1',
    path: '/api/v1/ingest',
    method: 'POST',
    headers: {
      authorization: `Bearer ${server.key}`,
      'content-type': isCsv ? 'text/csv' : 'application/x-ndjson',
      ...(values.gzip ? { 'content-encoding': 'gzip' } : {}),
    },
  })
  const answer = new Promise<string>((resolve, reject) => {
    sending.on('response', (response) => resolve(text(response)))
    sending.on('error', reject)
  })
  const before = rssOf(server.pid)
  let peak = before
  const watch = setInterval(() => {
    peak = Math.max(peak, rssOf(server.pid))
  }, 50)
  const startedAt = performance.now()
  const cpuBefore = cpuSecondsOf([server.pid])
  let bytes = 0
  const counted = Readable.from(
    (function* () {
      for (const piece of pieces()) {
        bytes += piece.length
        yield piece
      }
    })(),
  )
  await (values.gzip ? pipeline(counted, createGzip({ level: 1 }), sending) : pipeline(counted, sending))
  const result = JSON.parse(await answer) as { accepted: number }
  const seconds = (performance.now() - startedAt) / 1000
  const cpu = cpuSecondsOf([server.pid]) - cpuBefore
  clearInterval(watch)
  const { rows } = await server.database.pools.meta.query<{ n: number; sum: string }>(
    'SELECT count(*)::int AS n, sum(value::numeric) AS sum FROM point',
  )
  const cents = Array.from({ length: rowCount }, (_, i) => i % 10_000).reduce((sum, one) => sum + one, 0)
  const isExact = rows[0]?.n === rowCount && Math.round(Number(rows[0].sum) * 100) === cents
  console.log(`${rowCount} rows, ${mebibytes(bytes)} of ${values.format}${values.gzip ? ', gzip' : ''}`)
  console.log(
    `${seconds.toFixed(1)} s, ${Math.round(rowCount / seconds)} rows/s, ${((cpu / rowCount) * 1e6).toFixed(2)} µs CPU a row`,
  )
  console.log(`resident: ${mebibytes(before)} before, ${mebibytes(peak)} at most`)
  console.log(
    isExact && result.accepted === rowCount ? 'count and sum are exact' : `WRONG: ${JSON.stringify([result, rows])}`,
  )
  if (!isExact) process.exitCode = 1
} finally {
  await server.stop()
}
