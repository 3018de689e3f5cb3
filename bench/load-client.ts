/**
 * The client of the ingest rows, in a process of its own: raw sockets, one request in flight on each, bodies made
 * beforehand. It has to cost little, because it shares the cores with what it measures.
 */
import { connect, type Socket } from 'node:net'
import { pointAt, toJson } from './points'

export interface LoadJob {
  port: number
  key: string
  connections: number
  pointCount: number
  pointsPerRequest: number
}

export interface LoadResult {
  seconds: number
  requests: number
  /** Answers other than 200, with the first of them. */
  failed: number
  firstFailure: string | null
  p50Ms: number
  p99Ms: number
  cpuSeconds: number
}

process.once('message', async (job: LoadJob) => {
  const requests = buildRequests(job)
  process.send?.('ready')
  process.once('message', async () => {
    const result = await run(job, requests)
    process.send?.(result, () => process.disconnect())
  })
})

function buildRequests({ port, key, pointCount, pointsPerRequest }: LoadJob): string[] {
  const head = `POST /api/v1/ingest HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: `
  const requests: string[] = []
  for (let i = 0; i < pointCount; i += pointsPerRequest) {
    const points: string[] = []
    for (let j = i; j < Math.min(pointCount, i + pointsPerRequest); j++) points.push(toJson(pointAt(j, pointCount)))
    const body = pointsPerRequest === 1 ? (points[0] as string) : `[${points.join(',')}]`
    requests.push(`${head}${body.length}\r\n\r\n${body}`)
  }
  return requests
}

async function run(job: LoadJob, requests: readonly string[]): Promise<LoadResult> {
  const sockets = await Promise.all(Array.from({ length: job.connections }, () => open(job.port)))
  const latencies = new Float64Array(requests.length)
  const failures: string[] = []
  let next = 0
  const cpu = process.cpuUsage()
  const start = performance.now()
  await Promise.all(sockets.map((socket) => drive(socket)))
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  for (const socket of sockets) socket.destroy()
  latencies.sort()
  const quantile = (q: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? 0
  return {
    seconds,
    requests: requests.length,
    failed: failures.length,
    firstFailure: failures[0] ?? null,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    cpuSeconds: (user + system) / 1e6,
  }

  function drive(socket: Socket): Promise<void> {
    return new Promise((resolve, reject) => {
      let received = ''
      let current = 0
      let sentAt = 0
      const send = () => {
        if (next >= requests.length) return resolve()
        current = next++
        sentAt = performance.now()
        socket.write(requests[current] as string, 'latin1')
      }
      socket.on('data', (chunk) => {
        received = received + chunk.toString('latin1')
        if (!isComplete(received)) return
        latencies[current] = performance.now() - sentAt
        if (!received.startsWith('HTTP/1.1 200')) failures.push(received)
        received = ''
        send()
      })
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('the server closed a connection')))
      send()
    })
  }
}

const LENGTH = /\r\ncontent-length: (\d+)/i

function isComplete(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = LENGTH.exec(text)
  if (!length) return text.endsWith('\r\n0\r\n\r\n')
  return text.length >= end + 4 + Number(length[1])
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}
