/** A PostgreSQL of its own that may be killed, frozen, filled up and slowed down. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { chooseAccount, findBinaries } from '@trackable/db/embedded'
import pg from 'pg'

const run = promisify(execFile)
const START_TIMEOUT_MS = 60_000

export interface Cluster {
  url: string
  port: number
  /** The directory that holds the data directory; a mount point with `tmpfsBytes`. */
  dir: string
  start(env?: Record<string, string>): Promise<void>
  /** Sends a signal to the postmaster and waits for its end: SIGINT is a fast stop, SIGQUIT an immediate one. */
  end(signal: NodeJS.Signals): Promise<void>
  /** The postmaster and all its processes. */
  pids(): Promise<number[]>
  query<T extends pg.QueryResultRow>(text: string): Promise<T[]>
  remove(): Promise<void>
}

export interface ClusterOptions {
  port: number
  /** Puts the data on a file system of so many bytes in memory. */
  tmpfsBytes?: number
  settings?: Record<string, string>
}

export async function createCluster({ port, tmpfsBytes, settings = {} }: ClusterOptions): Promise<Cluster> {
  const account = await chooseAccount()
  const binaries = await findBinaries(account)
  const dir = await mkdtemp(join(tmpdir(), 'trackable-faults-'))
  await chmod(dir, 0o755)
  if (tmpfsBytes) await run('mount', ['-t', 'tmpfs', '-o', `size=${tmpfsBytes},mode=755`, 'tmpfs', dir])
  const data = join(dir, 'data')
  await mkdir(data, { mode: 0o700 })
  if (account.uid !== undefined && account.gid !== undefined) await chown(data, account.uid, account.gid)
  const options = ['-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-instructions']
  await run(binaries.initdb, ['-D', data, ...options], { cwd: dir, ...account })
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`
  const all = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', ...settings }
  const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  let child: ChildProcess | null = null

  const query = async <T extends pg.QueryResultRow>(text: string): Promise<T[]> => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
    client.on('error', () => undefined) // The next statement fails with it.
    await client.connect()
    try {
      return (await client.query<T>(text)).rows
    } finally {
      await client.end().catch(() => undefined)
    }
  }
  const cluster: Cluster = {
    url,
    port,
    dir,
    query,
    start: async (env = {}) => {
      const started = spawn(binaries.postgres, ['-D', data, ...args], {
        cwd: dir,
        ...account,
        env: { PATH: process.env.PATH, ...env },
        stdio: ['ignore', 'ignore', 'ignore'],
      })
      child = started
      await untilAnswers(() => query('SELECT 1'), started)
    },
    end: async (signal) => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
    },
    pids: async () => (child?.pid ? [child.pid, ...(await childrenOf(child.pid))] : []),
    remove: async () => {
      await cluster.end('SIGQUIT')
      if (tmpfsBytes) await run('umount', ['-l', dir])
      await rm(dir, { recursive: true, force: true })
    },
  }
  await cluster.start()
  return cluster
}

async function untilAnswers(ask: () => Promise<unknown>, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  for (;;) {
    if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}`)
    const isUp = await ask().then(
      () => true,
      () => false, // still starting, or recovering
    )
    if (isUp) return
    if (performance.now() > deadline) throw new Error('PostgreSQL did not answer in time')
    await sleep(50)
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  const pids: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent) pids.push(Number(name))
  }
  return pids
}
