/** The built server on an embedded PostgreSQL in a temporary directory, as `pnpm start` runs it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Database, openDatabase } from '@trackable/db'
import { startEmbeddedPostgres } from '@trackable/db/embedded'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAIN = join(ROOT, 'apps/server/dist/main.js')
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

export async function startServer(options: { nodeArgs?: string[] } = {}): Promise<BenchServer> {
  if (!existsSync(MAIN)) throw new Error('apps/server/dist is missing. Run pnpm build first.')
  const dir = await mkdtemp(join(tmpdir(), 'trackable-bench-'))
  const port = await freePort()
  const env = { ...process.env, PORT: String(port), HOST: '127.0.0.1', DATA_DIR: dir, LOG_LEVEL: 'warn', DRAIN_MS: '0' }
  const startedAt = performance.now()
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), MAIN, 'start'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const pid = child.pid
  if (pid === undefined) throw new Error('the server could not be started')
  const firstPageMs = await untilFirstPage(port, child, startedAt)
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [MAIN, 'bootstrap', '--email', 'bench@example.org', '--team', 'Bench', '--product', 'Bench', '--json'],
    { env },
  )
  const key = /trk_live_[A-Za-z0-9]+/.exec(stdout)?.[0]
  if (!key) throw new Error(`bootstrap printed no key: ${stdout}`)
  const cluster = join(dir, 'pg18')
  const joined = await startEmbeddedPostgres(cluster, { database: 'trackable' })
  const database = openDatabase(joined.url)
  const product = await database.prisma.product.findFirstOrThrow({ select: { id: true } })
  return {
    port,
    pid,
    postmasterPid: await readPostmasterPid(database),
    firstPageMs,
    database,
    key,
    productId: product.id,
    stop: async () => {
      await database.close()
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      await joined.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function untilFirstPage(port: number, child: ChildProcess, startedAt: number): Promise<number> {
  while (performance.now() - startedAt < START_TIMEOUT_MS) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    const isUp = await fetch(`http://127.0.0.1:${port}/ready`).then(
      (response) => response.ok,
      () => false, // not listening yet
    )
    if (isUp && (await fetch(`http://127.0.0.1:${port}/login`)).ok) return performance.now() - startedAt
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
