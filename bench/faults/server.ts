/** The built server as a process that may be killed and started again on the same port. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const MAIN = join(fileURLToPath(new URL('../..', import.meta.url)), 'apps/server/dist/main.js')
const START_TIMEOUT_MS = 60_000

export interface Server {
  port: number
  pid(): number
  /** The process has not ended by itself. */
  isAlive(): boolean
  start(): Promise<void>
  kill(signal: NodeJS.Signals): Promise<void>
}

export function createServerProcess(databaseUrl: string, port: number): Server {
  const env = { ...process.env, DATABASE_URL: databaseUrl, PORT: String(port), HOST: '127.0.0.1' }
  let child: ChildProcess | null = null
  return {
    port,
    pid: () => child?.pid ?? 0,
    isAlive: () => child !== null && child.exitCode === null && child.signalCode === null,
    start: async () => {
      child = spawn(process.execPath, [MAIN, 'start'], {
        env: { ...env, LOG_LEVEL: process.env.LOG_LEVEL ?? 'fatal', DRAIN_MS: '0', BUS: 'memory' },
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      await untilReady(port)
    },
    kill: async (signal) => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
    },
  }
}

export interface Account {
  keyText: string
}

export async function bootstrap(databaseUrl: string): Promise<Account> {
  const args = [MAIN, 'bootstrap', '--email', 'f@example.org', '--team', 'Quay', '--product', 'Shop', '--json']
  const env = { ...process.env, DATABASE_URL: databaseUrl, LOG_LEVEL: 'fatal' }
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  return JSON.parse(stdout) as Account
}

/** Milliseconds until the server says that it is ready. */
export async function untilReady(port: number): Promise<number> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < START_TIMEOUT_MS) {
    const isReady = await fetch(`http://127.0.0.1:${port}/ready`).then(
      (response) => response.ok,
      () => false, // not listening yet, or cut off
    )
    if (isReady) return performance.now() - startedAt
    await sleep(20)
  }
  throw new Error('the server did not become ready')
}
