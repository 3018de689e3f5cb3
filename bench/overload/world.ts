/** The built server on a PostgreSQL of its own, with two products that know nothing of each other. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openDatabase } from '@trackable/db'
import { rssOf } from '../cpu'
import { createCluster } from '../faults/cluster'
import { MAIN, untilReady } from '../faults/server'
import type { Sender } from './clients'

const LOOP_DELAY = fileURLToPath(new URL('loop-delay.mjs', import.meta.url))

export interface LoopDelay {
  p99Ms: number
  maxMs: number
}

export interface World {
  /** Whoever sends too much, and whoever does not. */
  loud: Sender
  quiet: Sender
  rssBytes(): number
  /** Since the last call. */
  loopDelay(): Promise<LoopDelay>
}

interface Bootstrapped {
  keyText: string
}

export async function withWorld<T>(port: number, extra: Record<string, string>, work: (world: World) => Promise<T>) {
  const cluster = await createCluster({ port, settings: { max_wal_size: '2GB' } })
  const env = { ...process.env, ...extra, DATABASE_URL: cluster.url, PORT: String(port + 1), HOST: '127.0.0.1' }
  let server: ChildProcess | undefined
  try {
    const loud = await bootstrap(env, 'Loud')
    const quiet = await bootstrap(env, 'Quiet')
    const database = openDatabase(cluster.url)
    await database.prisma.apiKey.updateMany({ data: { scopes: ['ingest', 'read'] } })
    await database.close()
    const started = spawn(process.execPath, ['--import', LOOP_DELAY, MAIN, 'start'], {
      env: { ...env, LOG_LEVEL: 'fatal', DRAIN_MS: '0', BUS: 'memory' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    server = started
    await untilReady(port + 1)
    const loopDelay = async () => {
      const told = once(started, 'message') as Promise<[LoopDelay]>
      started.kill('SIGUSR2')
      return (await told)[0]
    }
    return await work({
      loud: { port: port + 1, key: loud.keyText },
      quiet: { port: port + 1, key: quiet.keyText },
      rssBytes: () => rssOf(started.pid ?? 0),
      loopDelay,
    })
  } finally {
    if (server && server.exitCode === null) {
      const ended = once(server, 'exit')
      server.kill('SIGKILL')
      await ended
    }
    await cluster.remove()
  }
}

async function bootstrap(env: NodeJS.ProcessEnv, product: string): Promise<Bootstrapped> {
  const args = [MAIN, 'bootstrap', '--email', 'o@example.org', '--team', 'Quay', '--product', product, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...env, LOG_LEVEL: 'fatal' } })
  return JSON.parse(stdout) as Bootstrapped
}
