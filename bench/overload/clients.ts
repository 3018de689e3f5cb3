/** Senders that measure: how fast they are answered, and with what. */
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Sender {
  port: number
  key: string
}

export interface Answers {
  /** Milliseconds of each request that was answered with 200. */
  okMs: number[]
  /** How many of each other status, and of connections that broke. */
  others: Map<string, number>
  /** Refusals for overload that did not say when to come back. */
  withoutRetryAfter: number
}

export const noAnswers = (): Answers => ({ okMs: [], others: new Map(), withoutRetryAfter: 0 })

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

interface Call {
  path: string
  method?: string
  body?: string
}

export function call(sender: Sender, agent: Agent, answers: Answers, { path, method = 'POST', body = '' }: Call) {
  return new Promise<number>((resolve) => {
    const startedAt = performance.now()
    const headers = {
      authorization: `Bearer ${sender.key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const failed = (what: string) => {
      answers.others.set(what, (answers.others.get(what) ?? 0) + 1)
      resolve(0)
    }
    const req = request({ host: '127.0.0.1', port: sender.port, method, path, agent, headers }, (response) => {
      response.resume()
      response.on('error', () => failed('broken'))
      response.on('end', () => {
        const status = response.statusCode ?? 0
        if (status === 200) answers.okMs.push(performance.now() - startedAt)
        else answers.others.set(String(status), (answers.others.get(String(status)) ?? 0) + 1)
        const isTooMuch = status === 429 || status === 503
        if (isTooMuch && response.headers['retry-after'] === undefined) answers.withoutRetryAfter++
        resolve(status)
      })
    })
    req.on('error', (error: NodeJS.ErrnoException) => failed(error.code ?? 'broken'))
    req.end(body)
  })
}

/**
 * So many connections, each with one request in flight, until `signal`; all together `perSecond` requests at most.
 */
export async function flood(
  sender: Sender,
  connections: number,
  bodyOf: (n: number) => string,
  signal: AbortSignal,
  perSecond = Number.POSITIVE_INFINITY,
): Promise<Answers> {
  const answers = noAnswers()
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const startedAt = performance.now()
  let n = 0
  const one = async () => {
    while (!signal.aborted) {
      const early = startedAt + (n / perSecond) * 1000 - performance.now()
      if (early > 0) {
        await sleep(early)
        continue
      }
      const status = await call(sender, agent, answers, { path: '/api/v1/ingest', body: bodyOf(n++) })
      // A polite client waits as it was told; this one comes back at once, or the server would not be overloaded.
      if (status === 0) await sleep(20)
    }
  }
  await Promise.all(Array.from({ length: connections }, one))
  agent.destroy()
  return answers
}

/** One point every `everyMs`, whatever became of the last: a small app that somebody else's load must not slow down. */
export async function trickle(sender: Sender, everyMs: number, signal: AbortSignal): Promise<Answers> {
  const answers = noAnswers()
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const sent: Promise<unknown>[] = []
  for (let n = 0; !signal.aborted; n++) {
    const body = JSON.stringify({ metric: 'quiet', value: n })
    sent.push(call(sender, agent, answers, { path: '/api/v1/ingest', body }))
    await sleep(everyMs)
  }
  await Promise.all(sent)
  agent.destroy()
  return answers
}

/** Bodies that are made once: a client that makes each of them anew would compete with the server for the cores. */
export function prepared(count: number, of: (n: number) => string): (n: number) => string {
  const bodies = Array.from({ length: count }, (_, n) => of(n))
  return (n) => bodies[n % count] as string
}

export function points(count: number, of: (i: number) => object): string {
  return JSON.stringify(Array.from({ length: count }, (_, i) => of(i)))
}
