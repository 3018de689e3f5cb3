/** Clients that push points over kept-alive connections, and remember what they were told. */
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Operation, type Outcome, PROTECTIONS, type Protection } from './history'

const CLIENTS = 24
const POINTS_PER_REQUEST_MAX = 20
const REQUEST_TIMEOUT_MS = 40_000
const RETRY_MS = 100
/** Points lie within the last forty days, so that one flush touches many days and series. */
const SPAN_MS = 40 * 86_400_000

export interface Target {
  port: number
  key: string
}

export interface Load {
  operations: Operation[]
  okCount(): number
  /** Answers that confirmed nothing, and attempts without an answer; whoever protects himself makes many of them. */
  failedAttempts(): number
  /** Begins no new requests; resolves when every protected one has been answered. */
  end(): Promise<void>
  /** Gives up at once, when there is nothing left to be learned. */
  abandon(): void
}

export function startLoad(target: Target): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  const operations: Operation[] = []
  let nextValue = 1
  let isEnding = false
  const abandoned = new AbortController()
  const client = async (n: number) => {
    for (let i = 0; !isEnding; i++) {
      const protection = PROTECTIONS[(n + i) % PROTECTIONS.length] as Protection
      const values = Array.from({ length: 1 + ((n * 7 + i) % POINTS_PER_REQUEST_MAX) }, () => nextValue++)
      const operation: Operation = { protection, values, outcome: 'unknown', attempts: 0 }
      operations.push(operation)
      await run(target, agent, operation, abandoned.signal)
      if (operation.outcome !== 'ok') await sleep(RETRY_MS)
    }
  }
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, n) => client(n)))
  return {
    operations,
    okCount: () => operations.filter((one) => one.outcome === 'ok').length,
    failedAttempts: () =>
      operations.reduce((sum, { attempts, outcome }) => sum + attempts - (outcome === 'ok' ? 1 : 0), 0),
    end: async () => {
      isEnding = true
      await clients
      agent.destroy()
    },
    abandon: () => {
      isEnding = true
      abandoned.abort()
      agent.destroy()
    },
  }
}

async function run(target: Target, agent: Agent, operation: Operation, signal: AbortSignal): Promise<void> {
  const body = JSON.stringify(operation.values.map((value) => toPoint(value, operation.protection)))
  const headers: Record<string, string> =
    operation.protection === 'keyed' ? { 'idempotency-key': `key-${operation.values[0]}` } : {}
  // A sender without protection must not repeat itself; the others do until somebody answers.
  while (!signal.aborted) {
    operation.attempts++
    operation.outcome = await send(target, agent, body, headers)
    if (operation.outcome === 'ok' || operation.protection === 'plain') return
    await sleep(RETRY_MS)
  }
}

const toPoint = (value: number, protection: Protection) => ({
  metric: 'fault',
  value,
  timestamp: new Date(Date.now() - ((value * 7_919_993) % SPAN_MS)).toISOString(),
  tags: { shelf: String(value % 40) },
  ...(protection === 'named' ? { id: `point-${value}` } : {}),
})

function send(target: Target, agent: Agent, body: string, extra: Record<string, string>): Promise<Outcome> {
  return new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${target.key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...extra,
    }
    const options = { host: '127.0.0.1', port: target.port, method: 'POST', path: '/api/v1/ingest', agent, headers }
    const req = request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => resolve(read(response.statusCode ?? 0, Buffer.concat(chunks).toString())))
      response.on('error', () => resolve('unknown'))
    })
    req.setTimeout(REQUEST_TIMEOUT_MS, () => req.destroy(new Error('no answer in time')))
    // Refused by the kernel: not a byte has left.
    req.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED' ? 'fail' : 'unknown'))
    req.end(body)
  })
}

/** A 503 that says "unavailable" confirms nothing; every other refusal was decided before anything was written. */
function read(status: number, body: string): Outcome {
  if (status === 200) return 'ok'
  return status === 503 && body.includes('"unavailable"') ? 'unknown' : 'fail'
}
