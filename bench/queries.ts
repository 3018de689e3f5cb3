/** P5, P6, P7: what a question costs, over HTTP, as a program asks it. P10: what a point costs on disk. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  allocatePointColumns,
  copyPoints,
  dropEmptyPartitions,
  ensurePartitionsFor,
  packDays,
} from '@trackable/db/points'
import { pointAt, seriesName } from './points'
import type { BenchServer } from './server'
import type { Row } from './table'

const DAY_MS = 86_400_000
const ROUNDS = 31
/** The ninety days of the equal work. */
const RANGE = { from: '2025-09-01', to: '2025-11-29' }
const FOLD_TIMEOUT_MS = 600_000

/** Both times in ms at the median: one series, and all 24 of the metric. */
export interface RangeTimes {
  one: number
  all: number
}

/** Resolves when the rollups hold everything. */
export async function untilFolded(server: BenchServer): Promise<void> {
  const deadline = performance.now() + FOLD_TIMEOUT_MS
  for (;;) {
    const { rows } = await server.database.pools.meta.query<{ waits: boolean }>(
      `SELECT EXISTS (SELECT FROM point_delta WHERE product_id = $1) OR rollup_built_to IS NOT NULL
         OR rollup_zone IS NULL AND EXISTS (SELECT FROM series WHERE product_id = $1) AS waits
       FROM product WHERE id = $1`,
      [server.productId],
    )
    if (!rows[0]?.waits) return
    if (performance.now() > deadline) throw new Error('the rollups were not brought up to date in time')
    await sleep(100)
  }
}

export async function measureRange(server: BenchServer): Promise<RangeTimes> {
  const { metric, region, channel } = seriesName(0)
  const filters = Object.entries({ region, channel }).map(([tag, value]) => ({ tag, op: 'is', values: [value] }))
  const spec = { metric, aggregation: 'sum', granularity: 'day', range: RANGE }
  return { one: await median(server, { ...spec, filters }), all: await median(server, spec) }
}

/** A limit of groups that no group meets makes each question a new one for the cache. */
async function median(server: BenchServer, spec: object): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const startedAt = performance.now()
    await ask(server, { ...spec, seriesMax: i + 1 })
    times.push(performance.now() - startedAt)
  }
  return medianOf(times)
}

/** Without the first ten: they plan their statements on each connection, and the server's code is not compiled yet. */
const medianOf = (times: number[]) => times.slice(10).sort((a, b) => a - b)[(ROUNDS - 10) >> 1] ?? Number.NaN

async function ask(server: BenchServer, body: object): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}

export function describeRange({ one, all }: RangeTimes, pointCount: number): Row {
  return {
    id: 'P5',
    work: `daily sums over 90 days of ${pointCount.toLocaleString('en')} points, one metric: one series / all 24`,
    figure: `${one.toFixed(1)} ms / ${all.toFixed(1)} ms`,
    target: '≤ 5 ms / ≤ 15 ms',
    note: 'over HTTP, never from the cache',
  }
}

/** The same questions when there is ten times as much. */
export async function measureGrowth(server: BenchServer, before: RangeTimes, pointCount: number): Promise<Row> {
  await replacePoints(server, pointCount)
  const after = await measureRange(server)
  return {
    id: 'P6',
    work: `P5 with ${pointCount.toLocaleString('en')} points, divided by P5`,
    figure: `${(after.one / before.one).toFixed(2)} / ${(after.all / before.all).toFixed(2)}`,
    target: '≤ 1.3',
    note: `${after.one.toFixed(1)} ms / ${after.all.toFixed(1)} ms`,
  }
}

const BATCH = 500_000

/** Straight into the table: it is the reading that is measured. */
async function replacePoints(server: BenchServer, pointCount: number): Promise<void> {
  const { pools } = server.database
  const { rows } = await pools.meta.query<{ id: number }>('SELECT id FROM series WHERE product_id = $1 ORDER BY id', [
    server.productId,
  ])
  await pools.meta.query('TRUNCATE point, point_pack, rollup_day, rollup_quarter')
  const client = await pools.writer.connect()
  try {
    for (let start = 0; start < pointCount; start += BATCH) {
      const columns = allocatePointColumns(Math.min(BATCH, pointCount - start))
      for (let i = 0; i < columns.length; i++) {
        const { series, ts, cents } = pointAt(start + i, pointCount)
        columns.productId[i] = server.productId
        columns.seriesId[i] = rows[series % rows.length]?.id ?? 0
        columns.ts[i] = ts
        columns.id[i] = BigInt(start + i + 1)
        columns.value[i] = cents / 100
      }
      await ensurePartitionsFor(pools.meta, columns)
      await copyPoints(client, columns)
    }
  } finally {
    client.release()
  }
  await pools.meta.query('VACUUM ANALYZE point')
  await pools.meta.query('UPDATE series SET has_quarters = false WHERE product_id = $1', [server.productId])
  await pools.meta.query('UPDATE product SET rollup_zone = NULL, rollup_built_to = NULL WHERE id = $1', [
    server.productId,
  ])
  await untilFolded(server)
}

const WIDGETS = 12
const YEARS_DAYS = 740

/** A year by day, by week and by month, whole and in groups, each compared with the year before. */
export async function measureDashboard(server: BenchServer): Promise<Row> {
  await pushYears(server)
  await untilFolded(server)
  const queries = Array.from({ length: WIDGETS }, (_, i) => ({
    metric: `year ${i % 4}`,
    aggregation: (['sum', 'avg', 'max'] as const)[i % 3],
    range: { preset: '12m' },
    granularity: (['day', 'week', 'month'] as const)[Math.floor(i / 4)],
    groupBy: [null, 'region', 'channel'][i % 3],
    compare: 'previous_year',
  }))
  const times = { cold: [] as number[], warm: [] as number[] }
  for (let i = 0; i < ROUNDS; i++) {
    // A stored point is what makes the answers of before worthless.
    await push(server, [{ metric: 'year 0', value: 1 }])
    for (const kind of ['cold', 'warm'] as const) {
      const startedAt = performance.now()
      await ask(server, { queries })
      times[kind].push(performance.now() - startedAt)
    }
  }
  const middle = (list: number[]) => medianOf(list).toFixed(0)
  return {
    id: 'P7',
    work: `${WIDGETS} questions over a year, compared with the year before, in one request: cold / warm`,
    figure: `${middle(times.cold)} ms / ${middle(times.warm)} ms`,
    target: '≤ 100 ms / ≤ 20 ms',
    note: `4 metrics of 24 series and ${YEARS_DAYS} days`,
  }
}

async function pushYears(server: BenchServer): Promise<void> {
  let batch: object[] = []
  for (let metric = 0; metric < 4; metric++) {
    for (let series = 0; series < 24; series++) {
      for (let day = 0; day < YEARS_DAYS; day++) {
        const timestamp = new Date(Date.now() - day * DAY_MS - series * 60_000).toISOString()
        const tags = { region: `r${series % 3}`, channel: `c${series % 8}` }
        batch.push({ metric: `year ${metric}`, value: ((series * 7 + day) % 100) / 100, timestamp, tags })
        if (batch.length < 5000) continue
        await push(server, batch)
        batch = []
      }
    }
  }
  await push(server, batch)
}

async function push(server: BenchServer, points: object[]): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(points),
  })
  if (response.status !== 200) throw new Error(await response.text())
}

/** Rows and indexes of the points, as they arrive and when their days are sealed. */
export async function measureDisk(server: BenchServer, pointCount: number): Promise<Row> {
  const { meta } = server.database.pools
  const hot = await sizeOf(
    server,
    `SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'point'::regclass`,
  )
  const query = { productId: server.productId, beforeDay: Math.ceil((pointAt(0, 1).ts + 91 * DAY_MS) / DAY_MS) }
  const startedAt = performance.now()
  let packed = 0
  let piece = await packDays(meta, { ...query, after: null })
  for (;;) {
    packed += piece.points
    if (!piece.next) break
    piece = await packDays(meta, { ...query, after: piece.next })
  }
  const seconds = (performance.now() - startedAt) / 1000
  await dropEmptyPartitions(meta, Date.UTC(2026, 0))
  const sealed = await sizeOf(server, `SELECT pg_total_relation_size('point_pack')`)
  return {
    id: 'P10',
    work: `bytes on disk for each of ${pointCount.toLocaleString('en')} points, indexes included: as it arrives / when its day is sealed`,
    figure: `${(hot / pointCount).toFixed(1)} / ${(sealed / packed).toFixed(1)}`,
    target: '≤ 100 / ≤ 15',
    note: `sealed at ${Math.round(packed / seconds).toLocaleString('en')} points/s`,
  }
}

async function sizeOf(server: BenchServer, statement: string): Promise<number> {
  const { rows } = await server.database.pools.meta.query(statement)
  return Number(Object.values(rows[0] ?? {})[0])
}
