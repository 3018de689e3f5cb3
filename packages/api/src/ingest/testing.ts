/** For the tests of the writer: a network between it and the database that can be cut at the worst moment. */
import { createServer, connect as dial, type Socket } from 'node:net'
import { type Database, openDatabase } from '@trackable/db'

/** When the client has sent what commits its transaction. */
export type Cut =
  /** The server gets it and commits; the client never hears. */
  | 'answer'
  /** The server never gets it. */
  | 'request'

export interface Cable {
  /** Pools that go through the cable. */
  database: Database
  /** The next so many commits are cut. */
  cut(kind: Cut, times: number): void
  /** Nothing passes any more, in neither direction, and nobody is told. */
  freeze(): void
  thaw(): void
  /** Commits that were cut. */
  readonly cuts: number
  close(): Promise<void>
}

/** A CopyDone message: with the second of a connection's script, everything has been sent. */
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4])
const COMMIT = Buffer.from('COMMIT\0')

export async function layCable(url: string): Promise<Cable> {
  const target = new URL(url)
  const state = { kind: 'answer' as Cut, left: 0, cuts: 0, isFrozen: false }
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = dial(Number(target.port || 5432), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    let copies = 0
    let isCut = false
    client.on('data', (chunk) => {
      copies += countOf(chunk, COPY_DONE)
      const isCommit = chunk.includes(COMMIT) || copies >= 2
      if (isCommit) copies = 0
      if (isCommit && state.left > 0) {
        state.left--
        state.cuts++
        isCut = true
        if (state.kind === 'request') return void client.destroy()
      }
      upstream.write(chunk)
    })
    // What answers a cut commit is proof that it happened.
    upstream.on('data', (chunk) => (isCut ? void client.destroy() : void client.write(chunk)))
    if (state.isFrozen) for (const socket of [client, upstream]) socket.pause()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String(port)
  const database = openDatabase(through.href, { pools: { meta: 1, writer: 3, query: 1 } })
  return {
    database,
    cut: (kind, times) => Object.assign(state, { kind, left: times }),
    freeze: () => {
      state.isFrozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw: () => {
      state.isFrozen = false
      for (const socket of sockets) socket.resume()
    },
    get cuts() {
      return state.cuts
    },
    close: async () => {
      await database.close()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function countOf(chunk: Buffer, part: Buffer): number {
  let count = 0
  for (let at = chunk.indexOf(part); at >= 0; at = chunk.indexOf(part, at + 1)) count++
  return count
}
