/** A whole server in this process, on a free port and a database of its own, asked over real HTTP and raw sockets. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestDatabase, type TestDatabase } from '@trackable/db/testing'
import { type Env, readEnv } from '../env'
import { createLogTo } from '../log'
import { type ReadyState, startServer } from '../start'

export interface TestServer extends ReadyState {
  base: string
  port: number
  database: TestDatabase
  /** What was logged, as JSON lines. */
  logs: string[]
  stop(): Promise<void>
}

export function testEnv(database: { url: string }, overrides: Record<string, string> = {}): Env {
  return readEnv({
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: database.url,
    BUS: 'memory',
    DRAIN_MS: '0',
    META_POOL: '6',
    WRITER_POOL: '2',
    QUERY_POOL: '2',
    ...overrides,
  })
}

export async function startTestServer(overrides: Record<string, string> = {}): Promise<TestServer> {
  const database = await createTestDatabase()
  const logs: string[] = []
  const env = testEnv(database, overrides)
  const server = await startServer(env, createLogTo(env.LOG_LEVEL, { write: (line) => void logs.push(line) }))
  const state = await server.ready
  return {
    ...state,
    base: `http://127.0.0.1:${server.port}`,
    port: server.port,
    database,
    logs,
    stop: async () => {
      await server.stop()
      await database.drop()
    },
  }
}

export interface Answer<T = unknown> {
  status: number
  headers: Headers
  data: T
}

/** A procedure over HTTP as a program calls it: with a cookie and an origin, or with neither. */
export async function call<T = unknown>(
  server: Pick<TestServer, 'base'>,
  path: string,
  input: unknown,
  options: { cookie?: string; isQuery?: boolean; headers?: Record<string, string> } = {},
): Promise<Answer<T>> {
  const { cookie, isQuery } = options
  const query = isQuery && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify({ json: input }))}` : ''
  const response = await fetch(`${server.base}/trpc/${path}${query}`, {
    method: isQuery ? 'GET' : 'POST',
    headers: {
      'content-type': 'application/json',
      ...(cookie ? { cookie, origin: server.base } : {}),
      ...options.headers,
    },
    ...(isQuery ? {} : { body: JSON.stringify({ json: input }) }),
  })
  const body = (await response.json()) as { result?: { data: { json: T } } }
  return { status: response.status, headers: response.headers, data: (body.result?.data.json ?? body) as T }
}

export interface Owner {
  cookie: string
  productId: string
  keyId: string
  keyText: string
}

/** The first account through the set-up link, with a product and a key. */
export async function signUp(server: TestServer): Promise<Owner> {
  const setupToken = server.setupUrl && new URL(server.setupUrl).searchParams.get('token')
  const account = { email: 'owner@example.org', name: 'Owner', password: 'violet otter harbour', teamName: 'Quay' }
  const registered = await call(server, 'auth.register', { ...account, setupToken })
  const cookie = registered.headers.getSetCookie()[0]?.split(';')[0]
  if (!cookie) throw new Error(`register answered ${registered.status}: ${JSON.stringify(registered.data)}`)
  const teams = await call<{ id: string }[]>(server, 'team.list', undefined, { cookie, isQuery: true })
  const teamId = teams.data[0]?.id
  const product = await call<{ id: string }>(server, 'product.create', { teamId, name: 'Shop' }, { cookie })
  const productId = product.data.id
  const key = await call<{ id: string; key: string }>(
    server,
    'product.createKey',
    { productId, name: 'app' },
    { cookie },
  )
  return { cookie, productId, keyId: key.data.id, keyText: key.data.key }
}

export const push = (
  server: Pick<TestServer, 'base'>,
  keyText: string,
  body: unknown,
  headers: Record<string, string> = {},
) =>
  fetch(`${server.base}/api/v1/ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keyText}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

export interface RawAnswer {
  text: string
  /** The server closed the connection. */
  isClosed: boolean
}

/** Writes bytes to a socket and reads until the server closes it, or until `until` matches. */
export async function raw(
  port: number,
  bytes: string | Buffer | AsyncIterable<Buffer>,
  { until, timeoutMs = 3000 }: { until?: RegExp; timeoutMs?: number } = {},
): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1')
  const received: Buffer[] = []
  const text = () => Buffer.concat(received).toString('latin1')
  let isClosed = false
  const done = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      received.push(chunk)
      if (until?.test(text())) resolve()
    })
    socket.on('close', () => {
      isClosed = true
      resolve()
    })
    socket.on('error', () => undefined) // the server may reset what it no longer reads; 'close' follows
  })
  await once(socket, 'connect')
  if (typeof bytes === 'string' || Buffer.isBuffer(bytes)) socket.write(bytes)
  else {
    void (async () => {
      for await (const chunk of bytes) {
        if (socket.destroyed) return
        if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), once(socket, 'close')])
      }
    })().catch(() => undefined) // the same reset
  }
  await Promise.race([done, sleep(timeoutMs)])
  socket.destroy()
  return { text: text(), isClosed }
}
