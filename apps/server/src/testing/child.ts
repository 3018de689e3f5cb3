/** The server as its own process, for what only a process can do, such as being killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The build, when the caller says that it is fresh (`pnpm test` does): it starts two seconds sooner than the source. */
const BUILT = process.env.TRACKABLE_MAIN
const MAIN = BUILT ?? fileURLToPath(new URL('../main.ts', import.meta.url))
const LOADER = BUILT ? [] : ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]

export interface Child {
  process: ChildProcess
  stdout(): string
  stderr(): string
  /** The exit code, or the signal that ended it. */
  exited: Promise<number | NodeJS.Signals>
}

export function spawnCli(args: string[], env: Record<string, string>, nodeArgs: string[] = []): Child {
  const child = spawn(process.execPath, [...nodeArgs, ...LOADER, MAIN, ...args], {
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', BUS: 'memory', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  // 'close' and not 'exit': by then all of its output has been read.
  const exited = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  return { process: child, stdout: () => stdout, stderr: () => stderr, exited }
}

/** Resolves with the address when the server has printed it. */
export async function whenServing(child: Child): Promise<string> {
  for (;;) {
    const url = /Trackable runs at http:\/\/localhost:(\d+)/.exec(child.stdout())?.[1]
    if (url) return `http://127.0.0.1:${url}`
    const ended = await Promise.race([
      child.exited,
      once(child.process.stdout as NodeJS.ReadableStream, 'data').then(() => null),
    ])
    if (ended !== null) throw new Error(`The server ended with ${ended}:\n${child.stdout()}\n${child.stderr()}`)
  }
}

/** A port in front of Postgres that can be closed and opened: a database that goes away and comes back. */
export interface Gate {
  url: string
  open(): Promise<void>
  close(): Promise<void>
}

export async function createGate(databaseUrl: string): Promise<Gate> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  const listener = () => {
    const server = createServer((near) => {
      const far = connect(Number(target.port), target.hostname)
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from)
        from.pipe(to)
        from.on('error', () => to.destroy())
        from.on('close', () => {
          sockets.delete(from)
          to.destroy()
        })
      }
    })
    return server
  }
  const listen = async (port: number): Promise<Server> => {
    const server = listener().listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  let server: Server | null = await listen(0)
  const { port } = server.address() as { port: number }
  const through = new URL(databaseUrl)
  through.hostname = '127.0.0.1'
  through.port = String(port)
  const close = async () => {
    const closing = server
    server = null
    if (!closing) return
    const closed = once(closing, 'close')
    closing.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await close()
  return {
    url: through.href,
    open: async () => {
      server ??= await listen(port)
    },
    close,
  }
}
