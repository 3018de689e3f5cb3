/** StatsD over UDP: off unless a port and the key of a product are set. Nobody is answered, so what is lost is counted. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import {
  type Context,
  DomainError,
  ingestParsed,
  type ParsedPoints,
  type PointWriter,
  resolveApiKey,
  StatsdAggregate,
} from '@trackable/api'

const FLUSH_INTERVAL_MS = 1_000
/** A burst is written before its second is over. */
const FLUSH_AT = 1_000
const REPORT_INTERVAL_MS = 60_000
/** Of one write, when nothing was confirmed: its points have ids, so that trying again is harmless. */
const ATTEMPTS_MAX = 5
/** What the kernel holds while this process is busy; the system may allow less. */
const RECEIVE_BYTES = 4 * 1024 * 1024

export interface StatsdOptions {
  ctx: Context
  writer: PointWriter
  port: number
  host: string
  /** An API key with the scope `ingest`. */
  apiKey: string
}

export interface StatsdCounters {
  packets: number
  samples: number
  stored: number
  malformed: number
  /** Points that the product's limits refuse. */
  rejected: number
  /** Samples without room, and points that could not be written. */
  dropped: number
}

export interface Statsd {
  port: number
  counters(): StatsdCounters
  /** Writes what has come. */
  flush(): Promise<void>
  /** Takes no more packets and writes what is there. */
  close(): Promise<void>
}

export async function startStatsd(options: StatsdOptions): Promise<Statsd> {
  const socket = createSocket({ type: options.host.includes(':') ? 'udp6' : 'udp4' })
  socket.bind(options.port, options.host)
  // Rejects when the port is taken.
  await once(socket, 'listening')
  return new StatsdServer(socket, options)
}

class StatsdServer implements Statsd {
  readonly port: number
  readonly #socket: Socket
  readonly #options: StatsdOptions
  readonly #aggregate = new StatsdAggregate()
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true })
  readonly #timers: NodeJS.Timeout[]
  readonly #counters = { packets: 0, stored: 0, malformed: 0, rejected: 0, dropped: 0 }
  #flushing: Promise<void> | null = null
  /** Taken, and not confirmed. */
  #unconfirmed: ParsedPoints | null = null
  #attempts = 0
  #reported = ''

  constructor(socket: Socket, options: StatsdOptions) {
    this.#socket = socket
    this.#options = options
    this.port = socket.address().port
    try {
      socket.setRecvBufferSize(RECEIVE_BYTES)
    } catch {} // a smaller one serves too
    socket.on('message', (packet) => this.#take(packet))
    socket.on('error', (error) => options.ctx.log.warn({ err: error }, 'StatsD: the socket failed'))
    this.#timers = [
      setInterval(() => void this.flush(), FLUSH_INTERVAL_MS),
      setInterval(() => this.#report(), REPORT_INTERVAL_MS),
    ]
    for (const timer of this.#timers) timer.unref()
  }

  counters(): StatsdCounters {
    const { samples, malformed, dropped } = this.#aggregate.counts
    const own = this.#counters
    return { ...own, samples, malformed: own.malformed + malformed, dropped: own.dropped + dropped }
  }

  flush(isLast = false): Promise<void> {
    this.#flushing ??= this.#write(isLast).finally(() => {
      this.#flushing = null
    })
    return this.#flushing
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#socket.close()
    await this.#flushing
    await this.flush(true)
    // The first may have been about points that had been tried before.
    await this.flush(true)
    this.#report()
  }

  #take(packet: Buffer): void {
    this.#counters.packets++
    let text: string
    try {
      text = this.#utf8.decode(packet)
    } catch {
      this.#counters.malformed++ // not UTF-8: nobody waits for an answer
      return
    }
    this.#aggregate.add(text, this.#now())
    if (this.#aggregate.size >= FLUSH_AT && this.#flushing === null) void this.flush()
  }

  /** Never rejects. */
  async #write(isLast: boolean): Promise<void> {
    const { ctx, writer, apiKey } = this.#options
    this.#unconfirmed ??= this.#aggregate.take(this.#now(), isLast)
    const points = this.#unconfirmed
    if (!points) return
    try {
      const product = await resolveApiKey(ctx, `Bearer ${apiKey}`, 'ingest')
      const { result } = await ingestParsed(ctx, writer, product, [points], { format: 'statsd' })
      this.#counters.stored += result.accepted + result.duplicates
      this.#counters.rejected += result.rejected.length
      this.#forget()
    } catch (error) {
      const mayPass = error instanceof DomainError && (error.code === 'unavailable' || error.code === 'overloaded')
      if (mayPass && !isLast && ++this.#attempts < ATTEMPTS_MAX) return
      ctx.log.warn({ err: error, points: points.length }, 'StatsD: points could not be written')
      this.#counters.dropped += points.length
      this.#forget()
    }
  }

  #forget(): void {
    this.#unconfirmed = null
    this.#attempts = 0
  }

  /** A line for each minute in which something was lost. */
  #report(): void {
    const counters = this.counters()
    const { malformed, rejected, dropped } = counters
    const lost = `${malformed} ${rejected} ${dropped}`
    if (malformed + rejected + dropped > 0 && lost !== this.#reported)
      this.#options.ctx.log.warn(counters, 'StatsD: not everything was stored')
    this.#reported = lost
  }

  #now(): number {
    return this.#options.ctx.clock.now().getTime()
  }
}
