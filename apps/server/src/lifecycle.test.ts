import { Agent, request } from 'node:http'
import { createTestDatabase, type TestDatabase } from '@trackable/db/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogTo } from './log'
import { startServer } from './start'
import { type Child, createGate, spawnCli, whenServing } from './testing/child'
import { testEnv } from './testing/server'

const CLIENTS = 24

let database: TestDatabase
const children: Child[] = []
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  for (const { process, exited } of children.splice(0)) {
    process.kill('SIGKILL')
    await exited
  }
  await database.drop()
})

function start(args: string[], env: Record<string, string> = {}, nodeArgs?: string[]): Child {
  const child = spawnCli(
    args,
    { DATABASE_URL: database.url, PORT: '0', DRAIN_MS: '300', LOG_LEVEL: 'warn', ...env },
    nodeArgs,
  )
  children.push(child)
  return child
}

async function bootstrap(): Promise<string> {
  const child = start(['bootstrap', '--email', 'o@example.org', '--team', 'Quay', '--product', 'Shop', '--json'])
  expect(await child.exited).toBe(0)
  // The whole of standard output is one JSON object.
  const { keyText } = JSON.parse(child.stdout()) as { keyText: string }
  return keyText
}

type Outcome = 'acked' | 'refused' | 'not_accepted' | 'lost'

/** One point with an id of its own, over a kept-alive connection, as a client library sends it. */
function send(base: string, agent: Agent, keyText: string, id: string): Promise<Outcome> {
  const body = JSON.stringify({ metric: 'load', value: 1, id, timestamp: 1_760_000_000 })
  return new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${keyText}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-request-id': `request-${id}`,
    }
    const req = request(`${base}/api/v1/ingest`, { method: 'POST', agent, headers }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode === 200 ? 'acked' : 'refused'))
      response.on('error', () => resolve('lost'))
    })
    req.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED' ? 'not_accepted' : 'lost'))
    req.end(body)
  })
}

interface Load {
  outcomes: Map<string, Outcome>
  acked(): string[]
  /** Sends no new requests, and resolves when the ones under way have ended. */
  end(): Promise<void>
}

function startLoad(base: string, keyText: string, name: string): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  const outcomes = new Map<string, Outcome>()
  let isEnding = false
  const client = async (n: number) => {
    for (let i = 0; !isEnding; i++) {
      const id = `${name}-${n}-${i}`
      const outcome = await send(base, agent, keyText, id)
      outcomes.set(id, outcome)
      if (outcome === 'not_accepted' || outcome === 'lost') return
    }
  }
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, n) => client(n)))
  return {
    outcomes,
    acked: () => [...outcomes].filter(([, outcome]) => outcome === 'acked').map(([id]) => id),
    end: async () => {
      isEnding = true
      await clients
      agent.destroy()
    },
  }
}

const countPoints = async () => {
  const { rows } = await database.database.pools.meta.query<{ n: number }>('SELECT count(*)::int AS n FROM point')
  return rows[0]?.n
}

test('CR-01: kill -9 under load loses no acknowledged point, and sending all again makes the number exact', {
  timeout: 120_000,
}, async () => {
  const keyText = await bootstrap()
  const sent = new Set<string>()
  let ackedCount = 0
  for (let round = 0; round < 2; round++) {
    const child = start(['start'])
    const load = startLoad(await whenServing(child), keyText, `round${round}`)
    await expect.poll(() => load.acked().length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(200)
    child.process.kill('SIGKILL')
    expect(await child.exited).toBe('SIGKILL')
    await load.end()
    ackedCount += load.acked().length
    for (const id of load.outcomes.keys()) sent.add(id)
    // Acknowledged is stored; what was under way may be either.
    expect(await countPoints()).toBeGreaterThanOrEqual(ackedCount)
    expect(await countPoints()).toBeLessThanOrEqual(sent.size)
  }
  const base = await whenServing(start(['start']))
  const points = [...sent].map((id) => ({ metric: 'load', value: 1, id, timestamp: 1_760_000_000 }))
  let duplicates = 0
  for (let i = 0; i < points.length; i += 5000) {
    const response = await fetch(`${base}/api/v1/ingest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keyText}`, 'content-type': 'application/json' },
      body: JSON.stringify(points.slice(i, i + 5000)),
    })
    duplicates += ((await response.json()) as { duplicates: number }).duplicates
  }
  expect(duplicates).toBeGreaterThanOrEqual(ackedCount) // each acknowledged one was there
  expect(await countPoints()).toBe(sent.size)
})

test('CR-05: SIGTERM under load answers every accepted request, leaves no job locked and exits with 0 within 10 s', {
  timeout: 60_000,
}, async () => {
  const keyText = await bootstrap()
  const child = start(['start'], { LOG_LEVEL: 'debug' })
  const base = await whenServing(child)
  const load = startLoad(base, keyText, 'term')
  await expect.poll(() => load.acked().length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(200)
  const startedAt = performance.now()
  child.process.kill('SIGTERM')
  await expect.poll(async () => (await fetch(`${base}/ready`).catch(() => null))?.status ?? 503).toBe(503)
  expect(await child.exited).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(10_000)
  await load.end()
  // What the server saw it answered. What it never saw were connections still in the kernel's queue when the door closed:
  // each client has at most one, its last, and its point is not there.
  const seen = child
    .stdout()
    .split('\n')
    .filter((line) => line.includes('"requestId":"request-'))
    .map((line) => JSON.parse(line) as { requestId: string; status: number; aborted?: boolean })
  expect(seen.filter((line) => line.status !== 200 || line.aborted)).toEqual([])
  const ids = new Set(seen.map((line) => line.requestId.slice('request-'.length)))
  const unanswered = [...load.outcomes].filter(([, outcome]) => outcome === 'lost').map(([id]) => id)
  expect(unanswered.filter((id) => ids.has(id))).toEqual([])
  expect(unanswered.length).toBeLessThanOrEqual(CLIENTS)
  expect(await countPoints()).toBe(load.acked().length)
  const { meta } = database.database.pools
  const locked = await meta.query('SELECT FROM graphile_worker._private_jobs WHERE locked_at IS NOT NULL')
  expect(locked.rowCount).toBe(0)
})

describe('CR-04, CR-02: a database that is away', () => {
  test('at the start: /health 200, /ready 503, and ready within 5 s of its return; the same when it goes later', {
    timeout: 60_000,
  }, async () => {
    const gate = await createGate(database.url)
    const log = createLogTo('silent', { write: () => undefined })
    const server = await startServer(testEnv({ url: gate.url }), log)
    const base = `http://127.0.0.1:${server.port}`
    const status = async (path: string, init?: RequestInit) => (await fetch(base + path, init)).status
    try {
      expect(await status('/health')).toBe(200)
      expect(await status('/ready')).toBe(503)
      const refused = await fetch(`${base}/api/v1/ingest`, { method: 'POST' })
      expect(refused.status).toBe(503)
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
      expect(await refused.json()).toMatchObject({ code: 'unavailable' })

      await gate.open()
      await expect.poll(() => status('/ready'), { timeout: 5000 }).toBe(200)

      await gate.close()
      await expect.poll(() => status('/ready'), { timeout: 3000 }).toBe(503)
      expect(await status('/health')).toBe(200)
      const state = await fetch(`${base}/trpc/auth.state`)
      expect(state.status).toBe(503)
      expect(JSON.stringify(await state.json())).toContain('"error":"unavailable"')

      await gate.open()
      await expect.poll(() => status('/ready'), { timeout: 5000 }).toBe(200)
      await expect.poll(() => status('/trpc/auth.state'), { timeout: 5000 }).toBe(200)
    } finally {
      await gate.open()
      await server.stop()
      await gate.close()
    }
  })

  test('a stop while waiting for the database ends at once', async () => {
    const gate = await createGate(database.url)
    const log = createLogTo('silent', { write: () => undefined })
    const server = await startServer(testEnv({ url: gate.url }), log)
    const startedAt = performance.now()
    await server.stop()
    expect(performance.now() - startedAt).toBeLessThan(3000)
    await expect(server.ready).rejects.toThrow()
  })
})

describe('health', () => {
  test('OV-13: with every query connection held, /health and /ready answer quickly', async () => {
    const log = createLogTo('silent', { write: () => undefined })
    const server = await startServer(testEnv(database), log)
    const base = `http://127.0.0.1:${server.port}`
    const { ctx } = await server.ready
    const held = await Promise.all([ctx.db.pools.query.connect(), ctx.db.pools.query.connect()])
    await fetch(`${base}/ready`)
    for (const path of ['/health', '/ready']) {
      const startedAt = performance.now()
      expect((await fetch(base + path)).status).toBe(200)
      expect(performance.now() - startedAt).toBeLessThan(50)
    }
    for (const client of held) client.release()
    await server.stop()
  })
})

describe('the process', () => {
  test('a bad setting stops the boot with exit code 2 and names the variable', async () => {
    const child = start(['start'], { PORT: 'eighty' })
    expect(await child.exited).toBe(2)
    expect(child.stderr()).toContain('PORT is "eighty"; allowed: a port from 0 to 65535')
  })

  test('a database that refuses us stops the boot with exit code 1: no waiting cures it', async () => {
    const url = new URL(database.url)
    url.pathname = '/no_such_database'
    const child = start(['start'], { DATABASE_URL: url.href })
    expect(await child.exited).toBe(1)
    expect(child.stdout()).toContain('no_such_database')
  })

  test('CR-12: what nobody handled is told, and ends the process with a code that is not 0', async () => {
    const fault = 'data:text/javascript,setTimeout(() => Promise.reject(new Error("injected fault")), 1500)'
    const child = start(['start'], {}, ['--import', fault])
    expect(await child.exited).toBe(1)
    expect(child.stderr()).toContain('injected fault')
  })

  test('bootstrap twice keeps what exists and tells no secret again', async () => {
    await bootstrap()
    const again = start(['bootstrap', '--email', 'o@example.org', '--team', 'Quay', '--product', 'Shop', '--json'])
    expect(await again.exited).toBe(0)
    expect(JSON.parse(again.stdout())).toMatchObject({ keyText: null, password: null })
  })

  test.each([
    [['frobnicate']],
    [['start', '--nope']],
    [['bootstrap', '--email', 'a@b.example']],
    [['migrate', '--json']],
  ])('wrong use is exit code 2 with the help: %j', async (args) => {
    const child = start(args)
    expect(await child.exited).toBe(2)
    expect(child.stderr()).toContain('trackable <command>')
    expect(child.stdout()).toBe('')
  })
})
