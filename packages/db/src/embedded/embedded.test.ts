import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../client'
import { assertDurable } from '../durability'
import { isAlive, isServerOf } from './cluster'
import { startEmbeddedPostgres } from './index'

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
const FIXTURE = fileURLToPath(new URL('./fixture-process.ts', import.meta.url))

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'trackable-embedded-'))
  await chmod(dir, 0o755)
})
afterAll(() => rm(dir, { recursive: true, force: true }))

interface Runner {
  process: ChildProcess
  url: string
  started: boolean
}

async function run(directory = dir): Promise<Runner> {
  const child = spawn(process.execPath, ['--import', 'tsx', FIXTURE, directory], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return { process: child, ...JSON.parse(line) }
}

async function end(runner: Runner): Promise<void> {
  runner.process.stdin?.end()
  await once(runner.process, 'exit')
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function serverPid(directory = dir): Promise<number> {
  return Number((await readFile(join(directory, 'pg18', 'postmaster.pid'), 'utf8')).split('\n')[0])
}

async function kill(runner: Runner): Promise<void> {
  runner.process.kill('SIGKILL')
  await once(runner.process, 'exit')
}

test('CR-09: processes that start at once share one server, which ends with the last of them', async () => {
  const runners = await Promise.all([run(), run(), run()])
  expect(runners.filter((runner) => runner.started)).toHaveLength(1)
  expect(new Set(runners.map((runner) => runner.url)).size).toBe(1)
  const pid = await serverPid()
  const [first, second, third] = runners as [Runner, Runner, Runner]
  await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS value')
  await end(first)
  await end(second)
  expect(await query(third.url, 'SELECT value FROM kept')).toEqual([{ value: 42 }])
  await end(third)
  expect(await isServerOf(pid, join(dir, 'pg18'))).toBe(false)
})

test('CR-09: after kill -9 of the parent the next start finds the data, and never runs a second server', async () => {
  const first = await run()
  const pid = await serverPid()
  await kill(first)
  const second = await run()
  expect(await query(second.url, 'SELECT value FROM kept')).toEqual([{ value: 42 }])
  expect(await serverPid()).toBe(pid)
  expect(second.started).toBe(false)
  await end(second)
  expect(await isServerOf(pid, join(dir, 'pg18'))).toBe(false)
})

test('CR-09: after kill -9 of the only user the server ends by itself, and leaves no orphan', async () => {
  const runner = await run()
  const pid = await serverPid()
  await kill(runner)
  await expect.poll(() => isAlive(pid), { timeout: 15_000, interval: 50 }).toBe(false)
  expect(existsSync(join(dir, 'pg18', 'postmaster.pid'))).toBe(false)
})

test('CR-09: after kill -9 of the server and its parent the next start recovers, stale pid file and all', async () => {
  const runner = await run()
  const pid = await serverPid()
  await query(runner.url, 'INSERT INTO kept VALUES (43)')
  process.kill(pid, 'SIGKILL')
  await kill(runner)
  expect(existsSync(join(dir, 'pg18', 'postmaster.pid'))).toBe(true)
  const next = await run()
  expect(await query(next.url, 'SELECT value FROM kept ORDER BY 1')).toEqual([{ value: 42 }, { value: 43 }])
  expect(await serverPid()).not.toBe(pid)
  await end(next)
})

test('CR-02: a server that is killed comes back by itself at the same address, and still ends with its user', async () => {
  const messages: string[] = []
  const server = await startEmbeddedPostgres(dir, { database: 'kept', log: (message) => messages.push(message) })
  const pid = await serverPid()
  process.kill(pid, 'SIGKILL')
  const ask = () => query(server.url, 'SELECT value FROM kept ORDER BY 1').catch(() => null)
  await expect.poll(ask, { timeout: 10_000, interval: 100 }).toEqual([{ value: 42 }, { value: 43 }])
  const next = await serverPid()
  expect(next).not.toBe(pid)
  // Told when the start is over; the server answers a moment earlier.
  await expect.poll(() => messages.join(), { timeout: 5_000, interval: 5 }).toContain('started again')
  await server.stop()
  expect(await isServerOf(next, join(dir, 'pg18'))).toBe(false)
})

test('CR-09: the server that came back is no orphan either when its user is killed', async () => {
  const runner = await run()
  process.kill(await serverPid(), 'SIGKILL')
  const ask = () => query(runner.url, 'SELECT 1 AS one').catch(() => null)
  await expect.poll(ask, { timeout: 10_000, interval: 100 }).toEqual([{ one: 1 }])
  const pid = await serverPid()
  await kill(runner)
  await expect.poll(() => isAlive(pid), { timeout: 15_000, interval: 50 }).toBe(false)
})

test.runIf(process.getuid?.() === 0)(
  'started by root, a data directory that only root may enter is kept elsewhere, and found again',
  async () => {
    const secret = await mkdtemp(join(tmpdir(), 'trackable-private-'))
    const messages: string[] = []
    const start = () => startEmbeddedPostgres(secret, { database: 'kept', log: (message) => messages.push(message) })
    const first = await start()
    const elsewhere = messages[0]?.split(' ').at(-1) ?? ''
    expect(messages).toEqual([expect.stringContaining('private directory')])
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS value')
    await first.stop()
    const second = await start()
    expect(await query(second.url, 'SELECT value FROM kept')).toEqual([{ value: 1 }])
    await second.stop()
    await rm(elsewhere, { recursive: true })
    await rm(secret, { recursive: true })
  },
)

test.each(['fsync', 'full_page_writes'])('CR-07: a server with %s = off is refused', async (name) => {
  const unsafe = await startEmbeddedPostgres(dir, { settings: { [name]: 'off' } })
  const database = openDatabase(unsafe.url)
  await expect(assertDurable(database, () => undefined)).rejects.toThrow(`${name} = off`)
  await database.close()
  await unsafe.stop()
})

test('CR-07: as it comes, the embedded server keeps what it acknowledges', async () => {
  const server = await startEmbeddedPostgres(dir)
  const database = openDatabase(server.url)
  const warnings: string[] = []
  await assertDurable(database, (message) => warnings.push(message))
  expect(warnings).toEqual([])
  await database.close()
  await server.stop()
})
