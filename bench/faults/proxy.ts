/** A network between the server and its database that delays, and cuts connections in the middle of a COMMIT. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface FaultyNetwork {
  port: number
  /** Every byte waits so long, in each direction. */
  delayMs: number
  /** Of the messages that make data durable, the share that is delivered while its answer never comes back. */
  cutShare: number
  cuts: number
  close(): Promise<void>
}

/** Sync and simple queries end in an answer; the cut drops it, and both connections with it. */
const CUT_AFTER_MS = 3

export async function createProxy(targetPort: number, port: number): Promise<FaultyNetwork> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1')
    for (const socket of [near, far]) {
      socket.setNoDelay(true)
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (chunk) => forward(proxy, near, far, chunk))
    far.on('data', (chunk) => later(proxy, () => near.write(chunk)))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const proxy: FaultyNetwork = {
    port: (server.address() as { port: number }).port,
    delayMs: 0,
    cutShare: 0,
    cuts: 0,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
  return proxy
}

function later(proxy: FaultyNetwork, work: () => void): void {
  if (proxy.delayMs > 0) setTimeout(work, proxy.delayMs)
  else work()
}

/** The end of a COPY (`c` message) and a COMMIT are where an outcome becomes unknown. */
const isDecisive = (chunk: Buffer) => chunk.includes('COMMIT') || chunk.subarray(-5).equals(COPY_DONE)
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4])

function forward(proxy: FaultyNetwork, near: Socket, far: Socket, chunk: Buffer): void {
  later(proxy, () => {
    if (far.destroyed) return
    far.write(chunk)
    if (!isDecisive(chunk) || Math.random() >= proxy.cutShare) return
    proxy.cuts++
    // Nothing that the database says from here on arrives; it has the bytes, and some of the time also commits them.
    far.removeAllListeners('data')
    setTimeout(() => {
      near.destroy()
      far.destroy()
    }, Math.random() * CUT_AFTER_MS)
  })
}
