/** P1, P2, P3: points through HTTP, and the limit that the same machine has in the same minutes. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { allocatePointColumns, copyPoints } from '@trackable/db/points'
import { cpuSecondsOf } from './cpu'
import type { LoadJob, LoadResult } from './load-client'
import { pointAt, sumOfCents } from './points'
import { untilFolded } from './queries'
import type { BenchServer } from './server'
import type { Row } from './table'

export interface IngestWork {
  id: string
  pointsPerRequest: number
  connections: number
  pointCount: number
  target: string
}

export async function measureIngest(server: BenchServer, work: IngestWork): Promise<Row> {
  await empty(server)
  const load = await runLoad(server, work)
  await verify(server, work.pointCount, POINTS)
  await verify(server, work.pointCount, ROLLUPS)
  const { seconds, nodeSeconds, postgresSeconds, result } = load
  const micros = (cpuSeconds: number) => `${((cpuSeconds / work.pointCount) * 1e6).toFixed(1)} µs`
  return {
    id: work.id,
    work: `${work.pointsPerRequest} points a request, ${work.connections} connections, ${work.pointCount.toLocaleString('en')} points`,
    figure: [
      `${Math.round(work.pointCount / seconds).toLocaleString('en')}/s`,
      `${micros(nodeSeconds + postgresSeconds)} CPU/point`,
      `p50 ${result.p50Ms.toFixed(1)} ms`,
      `p99 ${result.p99Ms.toFixed(1)} ms`,
    ].join(', '),
    target: work.target,
    note: `Node ${micros(nodeSeconds)}, Postgres ${micros(postgresSeconds)}; the client beside them ${micros(result.cpuSeconds)}`,
  }
}

async function runLoad(server: BenchServer, work: IngestWork) {
  const child = fork(fileURLToPath(new URL('load-client.ts', import.meta.url)), [], { execArgv: ['--import', 'tsx'] })
  const job: LoadJob = { port: server.port, key: server.key, ...work }
  // It may end while the rollups are waited for.
  const exited = once(child, 'exit')
  child.send(job)
  await once(child, 'message')
  const before = [cpuSecondsOf([server.pid], server.postmasterPid), cpuSecondsOf([server.postmasterPid])]
  child.send('go')
  const [result] = (await once(child, 'message')) as [LoadResult]
  await untilFolded(server)
  const nodeSeconds = cpuSecondsOf([server.pid], server.postmasterPid) - (before[0] ?? 0)
  const postgresSeconds = cpuSecondsOf([server.postmasterPid]) - (before[1] ?? 0)
  await exited
  if (result.failed > 0) throw new Error(`${result.failed} requests failed; the first: ${result.firstFailure}`)
  return { seconds: result.seconds, nodeSeconds, postgresSeconds, result }
}

/** The limit: the same rows through one binary COPY into the same table, nothing else running. */
export async function measureCopy(server: BenchServer, pointCount: number): Promise<Row> {
  const { rows } = await server.database.pools.meta.query<{ id: number }>(
    'SELECT id FROM series WHERE product_id = $1 ORDER BY id',
    [server.productId],
  )
  await empty(server)
  const columns = allocatePointColumns(pointCount)
  for (let i = 0; i < pointCount; i++) {
    const { series, ts, cents } = pointAt(i, pointCount)
    columns.productId[i] = server.productId
    columns.seriesId[i] = rows[series % rows.length]?.id ?? 0
    columns.ts[i] = ts
    columns.id[i] = BigInt(i + 1)
    columns.value[i] = cents / 100
  }
  const client = await server.database.pools.writer.connect()
  const cpuBefore = cpuSecondsOf([server.postmasterPid])
  const ownBefore = process.cpuUsage()
  const start = performance.now()
  await copyPoints(client, columns)
  const seconds = (performance.now() - start) / 1000
  const own = process.cpuUsage(ownBefore)
  const cpuSeconds = cpuSecondsOf([server.postmasterPid]) - cpuBefore + (own.user + own.system) / 1e6
  client.release()
  await verify(server, pointCount, POINTS)
  return {
    id: 'P3 limit',
    work: `one binary COPY of ${pointCount.toLocaleString('en')} rows into the same table`,
    figure: `${Math.round(pointCount / seconds).toLocaleString('en')}/s, ${((cpuSeconds / pointCount) * 1e6).toFixed(1)} µs CPU/point`,
    target: '',
    note: '',
  }
}

async function empty(server: BenchServer): Promise<void> {
  await untilFolded(server)
  await server.database.pools.meta.query('TRUNCATE point, point_pack, rollup_day, rollup_quarter, dirty_quarter')
  await server.database.pools.meta.query('CHECKPOINT')
}

const POINTS =
  'SELECT count(*) AS count, sum((value::text::numeric) * 100)::int8 AS cents FROM point WHERE product_id = $1'
const ROLLUPS = 'SELECT sum(count) AS count, (sum(sum) * 100)::int8 AS cents FROM rollup_day WHERE product_id = $1'

/** A figure counts only when every point is there, to the cent, and the rollups say the same. */
async function verify(server: BenchServer, pointCount: number, statement: string): Promise<void> {
  const { rows } = await server.database.pools.meta.query<{ count: string; cents: string }>(statement, [
    server.productId,
  ])
  const { count, cents } = rows[0] ?? {}
  if (Number(count) !== pointCount) throw new Error(`${count} points are stored, ${pointCount} were acknowledged`)
  if (Number(cents) !== sumOfCents(pointCount)) throw new Error(`the sum is ${cents} and not ${sumOfCents(pointCount)}`)
}
