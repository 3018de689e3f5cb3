import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Another build, such as that of the image, can be named. */
const MAIN = process.env.TRACKABLE_MAIN ?? fileURLToPath(new URL('../../server/dist/main.js', import.meta.url))
/** Making a fresh database takes a few seconds; this is for a busy machine. */
const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 20_000
const READY_POLL_MS = 100

export interface TestServer {
  /** Such as `http://localhost:41233`. */
  url: string
  /** The single-use link for the first account, as a person would copy it from the terminal. */
  setupUrl: string
  /** Everything printed so far, for the message of a failed test. */
  output(): string
  stop(): Promise<void>
}

/** The built server as its users start it: a process of its own, an embedded database in a new folder, a free port. */
export async function startTestServer(env: Record<string, string> = {}): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'trackable-e2e-'))
  const child = spawn(process.execPath, [MAIN, 'start'], {
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', DATA_DIR: dataDir, DRAIN_MS: '0', LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const collect = (chunk: Buffer) => {
    text += chunk.toString()
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  try {
    const setupUrl = await untilPrinted(child, () => text.match(/https?:\/\/\S+\/setup\?token=\S+/)?.[0])
    const url = new URL(setupUrl).origin
    await untilReady(url)
    return { url, setupUrl, output: () => text, stop: () => stop(child, dataDir) }
  } catch (error) {
    await stop(child, dataDir)
    throw new Error(`The server did not start. Is it built (pnpm build)? It printed:\n${text}`, { cause: error })
  }
}

function untilPrinted(child: ChildProcess, find: () => string | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('nothing was printed in time')), START_TIMEOUT_MS)
    const look = () => {
      const found = find()
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found)
    }
    child.stdout?.on('data', look)
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`the server ended with code ${code}`))
    })
  })
}

async function untilReady(url: string): Promise<void> {
  const end = Date.now() + START_TIMEOUT_MS
  while (Date.now() < end) {
    const response = await fetch(`${url}/ready`).catch(() => null)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS))
  }
  throw new Error('/ready never answered 200')
}

async function stop(child: ChildProcess, dataDir: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await ended
    clearTimeout(timer)
  }
  await rm(dataDir, { recursive: true, force: true })
}
