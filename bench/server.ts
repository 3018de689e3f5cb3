/** The built server on an embedded PostgreSQL in a temporary directory, as `pnpm start` runs it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Database, openDatabase } from '@trackable/db'
import { startEmbeddedPostgres } from '@trackable/db/embedded'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
const START_TIMEOUT_MS = 60_000

export interface BenchServer {
  port: number
  pid: number
  postmasterPid: number
  /** From the start of the process to the first page that was answered with 200. */
  firstPageMs: number
  database: Database
  /** An API key for ingest, and the product's storage key. */
  key: string
  productId: number
  stop(): Promise<void>
}

export async function startServer(main: string, nodeArgs: string[]): Promise<BenchServer> {
  if (!existsSync(main)) throw new Error(`${main} is missing. Run pnpm build first.`)
  const dir = await mkdtemp(join(tmpdir(), 'trackable-bench-'))
  // PostgreSQL does not run as root: its own account has to be able to enter.
  await chmod(dir, 0o755)
  const port = await freePort()
  const env = { ...process.env, PORT: String(port), HOST: '127.0.0.1', DATA_DIR: dir, LOG_LEVEL: 'warn', DRAIN_MS: '0' }
  const startedAt = performance.now()
  const child = spawn(process.execPath, [...nodeArgs, main, 'start'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const pid = child.pid
  if (pid === undefined) throw new Error('the server could not be started')
  const end = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    if (child.exitCode === null && child.kill('SIGTERM')) await ended
    await rm(dir, { recursive: true, force: true })
  }
  try {
    const firstPageMs = await untilFirstPage(port, child, startedAt)
    const key = await createKey(main, env)
    const joined = await startEmbeddedPostgres(join(dir, 'pg18'), { database: 'trackable' })
    const database = openDatabase(joined.url)
    const product = await database.prisma.product.findFirstOrThrow({ select: { id: true } })
    // The key of the bench asks questions, too.
    await database.prisma.apiKey.updateMany({ data: { scopes: ['ingest', 'read'] } })
    const postmasterPid = await readPostmasterPid(database)
    const stop = async () => {
      await database.close()
      await joined.stop()
      await end()
    }
    return { port, pid, postmasterPid, firstPageMs, database, key, productId: product.id, stop }
  } catch (error) {
    await end()
    throw error
  }
}

async function createKey(main: string, env: NodeJS.ProcessEnv): Promise<string> {
  const args = [main, 'bootstrap', '--email', 'bench@example.org', '--team', 'Bench', '--product', 'Bench', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  const key = /trk_live_[A-Za-z0-9]+/.exec(stdout)?.[0]
  if (!key) throw new Error(`bootstrap printed no key: ${stdout}`)
  return key
}

async function untilFirstPage(port: number, child: ChildProcess, startedAt: number): Promise<number> {
  while (performance.now() - startedAt < START_TIMEOUT_MS) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    const isUp = await fetch(`http://127.0.0.1:${port}/ready`).then(
      (response) => response.ok,
      () => false, // not listening yet
    )
    if (isUp && (await fetch(`http://127.0.0.1:${port}/login`, { headers: { accept: 'text/html' } })).ok)
      return performance.now() - startedAt
    await sleep(10)
  }
  throw new Error('the server did not become ready')
}

async function readPostmasterPid(database: Database): Promise<number> {
  const { rows } = await database.pools.meta.query<{ dir: string }>('SHOW data_directory')
  const dir = Object.values(rows[0] ?? {})[0]
  return Number((await readFile(join(String(dir), 'postmaster.pid'), 'utf8')).split('\n')[0])
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
