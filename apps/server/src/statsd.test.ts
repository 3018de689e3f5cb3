import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { DomainError, flushRejected, type PointWriter } from '@trackable/api'
import { StatsD } from 'hot-shots'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Statsd, startStatsd } from './statsd'
import { call, type Owner, signUp, startTestServer, type TestServer } from './testing/server'

let server: TestServer
let owner: Owner
let statsd: Statsd
beforeAll(async () => {
  server = await startTestServer()
  owner = await signUp(server)
  statsd = await listen(owner.keyText)
})
afterAll(async () => {
  await statsd.close()
  await server.stop()
})

const listen = (apiKey: string) =>
  startStatsd({ ctx: server.ctx, writer: server.writer, port: 0, host: '127.0.0.1', apiKey })

/** Datagrams arrive in order, and this one last: no look at a clock. */
async function send(to: Statsd, ...packets: (string | Buffer)[]): Promise<void> {
  const socket = createSocket('udp4')
  const before = to.counters().packets
  for (const packet of packets) socket.send(packet, to.port, '127.0.0.1')
  await expect.poll(() => to.counters().packets, { interval: 5 }).toBe(before + packets.length)
  socket.close()
}

async function readPoints(metric: string) {
  const { rows } = await server.database.database.pools.meta.query<{ tags: object; value: number; kind: string }>(
    `SELECT s.tags, p.value, m.kind, p.ts FROM point p
     JOIN series s ON s.product_id = p.product_id AND s.id = p.series_id
     JOIN metric m ON m.product_id = p.product_id AND m.id = s.metric_id
     WHERE m.name = $1 ORDER BY p.value`,
    [metric],
  )
  return rows.map(({ tags, value }) => [tags, value])
}

test('hot-shots: counters add up, gauges keep the last value, timings stay apart', async () => {
  const client = new StatsD({ host: '127.0.0.1', port: statsd.port, prefix: 'shop.', globalTags: { app: 'web' } })
  const before = statsd.counters().samples
  client.increment('orders')
  client.increment('orders', 4)
  client.decrement('orders', 2)
  client.gauge('queue', 7)
  client.gauge('queue', 3, ['host:a'])
  client.gauge('queue', 9, ['host:a'])
  client.timing('render', 12)
  client.timing('render', 30)
  client.histogram('size', 5.5)
  client.distribution('share', 0.25)
  await expect.poll(() => statsd.counters().samples, { interval: 5 }).toBe(before + 10)
  await statsd.flush()
  client.close()
  expect(await readPoints('shop.orders')).toEqual([[{ app: 'web' }, 3]])
  expect(await readPoints('shop.queue')).toEqual([
    [{ app: 'web' }, 7],
    [{ app: 'web', host: 'a' }, 9],
  ])
  expect(await readPoints('shop.render')).toEqual([
    [{ app: 'web' }, 12],
    [{ app: 'web' }, 30],
  ])
  expect(await readPoints('shop.size')).toEqual([[{ app: 'web' }, 5.5]])
  expect(await readPoints('shop.share')).toEqual([[{ app: 'web' }, 0.25]])
})

test('several lines and packed values, sample rates, deltas, timestamps; what is about the agent is passed over', async () => {
  const at = Math.floor(Date.now() / 1000) - 100
  await send(
    statsd,
    'p.hits:1|c|@0.1|#b:2,a:1,beta\np.hits:2|c|#beta,a:1,b:2|c:ci-123|e:it-false\n',
    'p.temp:10|g\np.temp:+5|g\np.temp:-2.5|g',
    'p.load:1:2:3|h',
    `p.old:7|c|T${at}\np.old:8|c|T${at}`,
    '_e{5,4}:title|text|#a:b\n_sc|Redis|2',
  )
  await statsd.flush()
  expect(await readPoints('p.hits')).toEqual([[{ a: '1', b: '2', beta: 'true' }, 12]])
  expect(await readPoints('p.temp')).toEqual([[{}, 12.5]])
  expect(await readPoints('p.load')).toEqual([
    [{}, 1],
    [{}, 2],
    [{}, 3],
  ])
  expect(await readPoints('p.old')).toEqual([[{}, 15]])
  // A change goes on from what was written.
  await send(statsd, 'p.temp:+1|g')
  await statsd.flush()
  expect(await readPoints('p.temp')).toEqual([
    [{}, 12.5],
    [{}, 13.5],
  ])
})

test('a timing with a sample rate stands for several', async () => {
  await send(statsd, 's.render:100|ms|@0.25')
  await statsd.flush()
  const { rows } = await server.database.database.pools.meta.query(
    `SELECT h.count::int AS count, h.sum, h.min, h.max FROM histogram h
     JOIN series s ON s.product_id = h.product_id AND s.id = h.series_id
     JOIN metric m ON m.product_id = s.product_id AND m.id = s.metric_id WHERE m.name = 's.render'`,
  )
  expect(rows).toEqual([{ count: 4, sum: 400, min: 100, max: 100 }])
})

test('what cannot be read or stored is counted, stands in the inbox, and costs nothing else', async () => {
  const other = await listen(owner.keyText)
  await send(other, 'good:1|c\nno colon\nbad:x|c\nbad:1|q\nbad:1|c|@2', Buffer.from([0xff, 0xfe]))
  await send(other, 'users:anna|s\nusers:ben|s\nusers:anna|s')
  await other.close()
  expect(other.counters()).toMatchObject({ malformed: 5, rejected: 4, dropped: 0, stored: 2 })
  // How many different ones; the window ends with the server.
  expect(await readPoints('users')).toEqual([[{}, 2]])
  await flushRejected(server.ctx)
  const options = { cookie: owner.cookie, isQuery: true }
  const inbox = await call<{ rows: { raw: string; format: string }[] }>(
    server,
    'ingest.listRejected',
    { productId: owner.productId },
    options,
  )
  expect(inbox.data.rows.map(({ raw, format }) => [format, raw]).reverse()).toEqual([
    ['statsd', 'no colon'],
    ['statsd', 'bad:x|c'],
    ['statsd', 'bad:1|q'],
    ['statsd', 'bad:1|c|@2'],
  ])
})

test('a write whose outcome nobody knows is tried again, and stores nothing twice', async () => {
  let isLost = true
  const writer: PointWriter = {
    ...server.writer,
    write: async (product, points, options) => {
      const result = await server.writer.write(product, points, options)
      if (!isLost) return result
      isLost = false
      throw new DomainError('unavailable', 'the answer was lost')
    },
  }
  const other = await startStatsd({ ctx: server.ctx, writer, port: 0, host: '127.0.0.1', apiKey: owner.keyText })
  await send(other, 'again:5|c')
  await other.flush()
  expect(other.counters()).toMatchObject({ stored: 0, dropped: 0 })
  await send(other, 'again:1|c')
  await other.close()
  expect(other.counters()).toMatchObject({ stored: 2, dropped: 0 })
  expect(await readPoints('again')).toEqual([
    [{}, 1],
    [{}, 5],
  ])
})

test('a key that is revoked ends it: points are dropped, counted, and the log says so', async () => {
  const made = await call<{ id: string; key: string }>(
    server,
    'product.createKey',
    { productId: owner.productId, name: 'statsd' },
    { cookie: owner.cookie },
  )
  const other = await listen(made.data.key)
  const { productId } = owner
  await call(server, 'product.revokeKey', { productId, keyId: made.data.id }, { cookie: owner.cookie })
  await send(other, 'lost:1|c')
  await other.close()
  expect(other.counters()).toMatchObject({ stored: 0, dropped: 1 })
  expect(server.logs.join('')).toContain('StatsD: not everything was stored')
  expect(server.logs.join('')).not.toContain(made.data.key)
})

test('a port that is taken stops the start', async () => {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  const options = { ctx: server.ctx, writer: server.writer, port, host: '127.0.0.1', apiKey: owner.keyText }
  await expect(startStatsd(options)).rejects.toThrow('EADDRINUSE')
  socket.close()
})
