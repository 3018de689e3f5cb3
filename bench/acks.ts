/** P4: how fast the writer acknowledges when every fsync takes three milliseconds. In process, without HTTP. */
import {
  type Context,
  createMailer,
  createMemoryBus,
  createPointWriter,
  ingest,
  type PointWriter,
  type ProductScope,
  productScopeForJob,
  systemClock,
} from '@trackable/api'
import { openDatabase } from '@trackable/db'
import { pino } from 'pino'
import { createCluster } from './faults/cluster'
import { buildSlowSync } from './faults/faults'
import { bootstrap } from './faults/server'
import { pointAt, toJson } from './points'
import type { Row } from './table'

const PORT = 45_410
const IN_FLIGHT = 512
const FSYNC_MS = 3

export async function measureAcks(pointCount: number): Promise<Row> {
  const cluster = await createCluster({ port: PORT, settings: { max_wal_size: '4GB' } })
  const database = openDatabase(cluster.url)
  try {
    await bootstrap(cluster.url)
    await cluster.end('SIGINT')
    await cluster.start({ LD_PRELOAD: await buildSlowSync(), SLOWSYNC_US: String(FSYNC_MS * 1000) })
    const log = pino({ level: 'silent' })
    const ctx: Context = {
      settings: { publicUrl: 'http://localhost', registration: 'closed' },
      db: database,
      bus: createMemoryBus({ log }),
      mailer: createMailer({ from: 'bench@example.org' }, database),
      pictures: { drawWidgets: () => Promise.reject(new Error('nothing is drawn here')), close: async () => undefined },
      clock: systemClock,
      log,
    }
    const [row] = await cluster.query<{ id: number }>('SELECT id FROM product')
    const product = await productScopeForJob(ctx, row?.id ?? 0)
    const writer = createPointWriter(ctx)
    await push(ctx, writer, product, Math.min(pointCount, 20_000), pointCount)
    const { seconds, p50Ms, p99Ms } = await push(ctx, writer, product, pointCount, pointCount)
    await writer.close()
    return {
      id: 'P4',
      work: `${IN_FLIGHT} points in flight, in process, every fsync ${FSYNC_MS} ms slower, ${pointCount.toLocaleString('en')} points`,
      figure: `${Math.round(pointCount / seconds).toLocaleString('en')} acks/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
      target: '≥ 40 k acks/s, p99 ≤ 25 ms',
      note: 'each point is a JSON body of its own',
    }
  } finally {
    await database.close()
    await cluster.remove()
  }
}

async function push(ctx: Context, writer: PointWriter, product: ProductScope, count: number, of: number) {
  const bodies = Array.from({ length: count }, (_, i) => Buffer.from(toJson(pointAt(i, of))))
  const latencies = new Float64Array(count)
  let next = 0
  const start = performance.now()
  const sender = async () => {
    for (let i = next++; i < count; i = next++) {
      const sentAt = performance.now()
      const body = bodies[i] as Buffer
      const { result } = await ingest(ctx, writer, product, { body, contentType: 'application/json' })
      if (result.accepted !== 1) throw new Error(`a point was refused: ${JSON.stringify(result)}`)
      latencies[i] = performance.now() - sentAt
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender))
  const seconds = (performance.now() - start) / 1000
  latencies.sort()
  const quantile = (q: number) => latencies[Math.floor((count - 1) * q)] ?? 0
  return { seconds, p50Ms: quantile(0.5), p99Ms: quantile(0.99) }
}
