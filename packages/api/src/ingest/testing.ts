/** For the tests of the writer: products to write to, points as a parser hands them over, and what became of them. */
import { createServer, connect as dial, type Socket } from 'node:net'
import { type Database, openDatabase } from '@trackable/db'
import type { ProductScope } from '../kernel/scope'
import { resolveApiKey } from '../product/procedure'
import { createProductFixture, createTestContext, registerOwner, type TestContext } from '../testing'
import { ColumnBuilder, type Histogram, type ParsedPoints, type PointIdentity } from './columns'
import { createPointWriter, type PointWriter } from './writer'

export const AT = Date.parse('2026-03-10T10:00:00Z')

/** What the rollups were told of a point. */
export interface ToldPoint {
  series: number
  ts: number
  value: number
}

export interface World {
  ctx: TestContext
  writer: PointWriter
  /** A product of its own. */
  createScope(): Promise<ProductScope>
  /** `$1` is the product. */
  query<T extends object>(text: string, product: ProductScope): Promise<T[]>
  /** In the order of time. */
  storedValues(product: ProductScope): Promise<number[]>
  /** Everything that lies in `point_delta`. */
  told(product: ProductScope): Promise<ToldPoint[]>
  /** The points in the same form and order. */
  pointsAsTold(product: ProductScope): Promise<ToldPoint[]>
  dirtyQuarters(product: ProductScope): Promise<number[]>
  close(): Promise<void>
}

export async function createWorld(): Promise<World> {
  const ctx = await createTestContext()
  const owner = await registerOwner(ctx)
  const writer = createPointWriter(ctx)
  const query = async <T extends object>(text: string, product: ProductScope): Promise<T[]> =>
    (await ctx.db.pools.query.query<T>(text, [product.id])).rows
  return {
    ctx,
    writer,
    query,
    createScope: async () => {
      const { keyText } = await createProductFixture(ctx, owner)
      return resolveApiKey(ctx, `Bearer ${keyText}`, 'ingest')
    },
    storedValues: async (product) => {
      const text = 'SELECT value FROM point WHERE product_id = $1 ORDER BY ts, value'
      return (await query<{ value: number }>(text, product)).map(({ value }) => value)
    },
    told: (product) =>
      query(
        `SELECT element.* FROM point_delta AS delta,
           LATERAL unnest(delta.series, delta.ts, delta.value) AS element (series, ts, value)
         WHERE product_id = $1 ORDER BY 1, 2, 3`,
        product,
      ),
    pointsAsTold: (product) =>
      query(
        `SELECT series_id AS series, date_part('epoch', ts) * 1000 AS ts, value FROM point
         WHERE product_id = $1 ORDER BY 1, 2, 3`,
        product,
      ),
    dirtyQuarters: async (product) => {
      const text = 'SELECT quarter FROM dirty_quarter WHERE product_id = $1'
      return (await query<{ quarter: number }>(text, product)).map(({ quarter }) => quarter)
    },
    close: async () => {
      await writer.close()
      await ctx.close()
    },
  }
}

export interface TestRow {
  metric?: string
  tags?: string
  ts?: number
  value: number
  id?: string
  histogram?: Histogram
  startTs?: number
}

export function parsed(rows: readonly TestRow[], identity: PointIdentity = 'additive'): ParsedPoints {
  const builder = new ColumnBuilder(rows.length, rows.length * 50, (i) => `/${i}`, identity)
  rows.forEach(({ metric = 'm', tags = '{}', ts = AT, value, id, histogram, startTs }, i) => {
    builder.add(i, metric, tags, ts, value, id)
    if (histogram) builder.addHistogram(histogram)
    if (identity === 'cumulative') builder.addStart(startTs ?? null)
  })
  return builder.finish()
}

/** When the client has sent what commits its transaction. */
export type Cut =
  /** The server gets it and commits; the client never hears. */
  | 'answer'
  /** The server never gets it. */
  | 'request'

export interface Cable {
  /** Pools that go through the cable. */
  database: Database
  /** The next so many commits are cut. */
  cut(kind: Cut, times: number): void
  /** Nothing passes any more, in neither direction, and nobody is told. */
  freeze(): void
  thaw(): void
  /** Commits that were cut. */
  readonly cuts: number
  close(): Promise<void>
}

/** A CopyDone message: with the second of a connection's script, everything has been sent. */
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4])
const COMMIT = Buffer.from('COMMIT\0')

/** A network between writer and database that can be cut at the worst moment. */
export async function layCable(url: string): Promise<Cable> {
  const target = new URL(url)
  const state = { kind: 'answer' as Cut, left: 0, cuts: 0, isFrozen: false }
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = dial(Number(target.port || 5432), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    let copies = 0
    let isCut = false
    client.on('data', (chunk) => {
      copies += countOf(chunk, COPY_DONE)
      const isCommit = chunk.includes(COMMIT) || copies >= 2
      if (isCommit) copies = 0
      if (isCommit && state.left > 0) {
        state.left--
        state.cuts++
        isCut = true
        if (state.kind === 'request') return void client.destroy()
      }
      upstream.write(chunk)
    })
    // What answers a cut commit is proof that it happened.
    upstream.on('data', (chunk) => (isCut ? void client.destroy() : void client.write(chunk)))
    if (state.isFrozen) for (const socket of [client, upstream]) socket.pause()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String(port)
  const database = openDatabase(through.href, { pools: { meta: 1, writer: 3, query: 1 } })
  return {
    database,
    cut: (kind, times) => Object.assign(state, { kind, left: times }),
    freeze: () => {
      state.isFrozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw: () => {
      state.isFrozen = false
      for (const socket of sockets) socket.resume()
    },
    get cuts() {
      return state.cuts
    },
    close: async () => {
      await database.close()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function countOf(chunk: Buffer, part: Buffer): number {
  let count = 0
  for (let at = chunk.indexOf(part); at >= 0; at = chunk.indexOf(part, at + 1)) count++
  return count
}
