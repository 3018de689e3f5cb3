import pg from 'pg'
import type { Logger } from 'pino'
import { assertBusText, type Bus } from './bus'
import { Topics } from './bus-memory'

/** Between two attempts to connect again; doubled each time, with jitter so that replicas do not come back in step. */
const BACKOFF_MS_MIN = 100
const BACKOFF_MS_MAX = 5_000
/** A connection whose other end vanished without a word (a pulled cable, a NAT that forgot) is found out by asking. */
const HEARTBEAT_MS = 15_000
const HEARTBEAT_TIMEOUT_MS = 5_000
/** One statement publishes what gathered while the previous one ran. */
const PUBLISH_BATCH_MAX = 500
/** `topic text`; a message without a blank is an order to read everything again. */
const GAP = 'gap'

export interface PostgresBusOptions {
  url: string
  log: Logger
  /** All topics share one channel, so that subscribing costs no round trip and no LISTEN can be lost. */
  channel?: string
}

export interface PostgresBus extends Bus {
  /** For tests: the backend to end, in order to see what happens. Null while disconnected. */
  backendPid(): number | null
}

/**
 * LISTEN/NOTIFY over one connection of its own: a pool would hand the listening session to somebody else. Not for a
 * pooler in transaction mode (PgBouncer), which has no sessions to listen in; point BUS_URL at Postgres itself then.
 *
 * Published hints are coalesced: those that arrive while a statement is under way leave together in the next one. Equal
 * ones of the same statement arrive once, which for a hint is what one wants.
 */
export async function createPostgresBus(options: PostgresBusOptions): Promise<PostgresBus> {
  const bus = new Connection(options)
  await bus.start()
  return {
    async publish(topic, text) {
      assertBusText(topic, text)
      await bus.publish(`${topic} ${text}`)
    },
    subscribe: (topic, handler) => bus.topics.subscribe(topic, handler),
    onGap: (handler) => bus.topics.onGap(handler),
    backendPid: () => bus.backendPid,
    close: () => bus.close(),
  }
}

interface Waiting {
  payload: string
  sent: () => void
}

class Connection {
  readonly topics: Topics
  readonly #options: PostgresBusOptions
  readonly #channel: string
  #client: pg.Client | null = null
  #queue: Waiting[] = []
  #pumping: Promise<void> | null = null
  #owesGap = false
  #isClosed = false
  #wakeUp: (() => void) | null = null
  #heartbeat: NodeJS.Timeout | undefined
  backendPid: number | null = null

  constructor(options: PostgresBusOptions) {
    this.#options = options
    this.#channel = options.channel ?? 'trackable_bus'
    this.topics = new Topics(options.log)
  }

  /** The first connection must succeed: a wrong BUS_URL is found at boot. */
  async start(): Promise<void> {
    await this.#connect()
    this.#heartbeat = setInterval(() => this.#checkAlive(), HEARTBEAT_MS).unref()
  }

  /** Resolves when Postgres has the message. While disconnected the message is given up, and a gap announced later. */
  publish(payload: string): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    if (!this.#client) {
      // Whoever would have got it, in this process or another, is told to read again once we are back.
      this.#owesGap = true
      return Promise.resolve()
    }
    return new Promise((sent) => {
      this.#queue.push({ payload, sent })
      this.#pumping ??= this.#pump().finally(() => {
        this.#pumping = null
      })
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#heartbeat)
    this.#wakeUp?.()
    await this.#pumping
    this.topics.clear()
    // A connection that is already gone cannot be ended, which is the state asked for.
    await this.#client?.end().catch(() => undefined)
    this.#client = null
  }

  async #pump(): Promise<void> {
    // Lets the callers of this turn join the first statement.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, PUBLISH_BATCH_MAX)
      try {
        if (!this.#client) throw new Error('not connected')
        const payloads = batch.map((waiting) => waiting.payload)
        await notify(this.#client, this.#channel, this.#owesGap ? [GAP, ...payloads] : payloads)
        this.#owesGap = false
      } catch (error) {
        this.#owesGap = true
        this.#options.log.warn({ err: error, count: batch.length }, 'bus: hints not sent; a gap will be announced')
      }
      for (const waiting of batch) waiting.sent()
    }
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: 'trackable-bus',
      options: '-c TimeZone=UTC',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
    })
    // 'end' follows and does the work; without a listener the error would end the process.
    client.on('error', () => undefined)
    client.on('notification', ({ payload }) => this.#receive(payload ?? ''))
    await client.connect()
    try {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      await client.query(`LISTEN ${client.escapeIdentifier(this.#channel)}`)
      this.backendPid = rows[0]?.pid ?? null
    } catch (error) {
      await client.end().catch(() => undefined) // the first error is the one to tell
      throw error
    }
    client.on('end', () => void this.#onEnd(client))
    this.#client = client
  }

  async #onEnd(client: pg.Client): Promise<void> {
    if (this.#client !== client || this.#isClosed) return
    this.#client = null
    this.backendPid = null
    this.#options.log.warn('bus: connection lost')
    for (let delayMs = BACKOFF_MS_MIN; !this.#isClosed; delayMs = Math.min(delayMs * 2, BACKOFF_MS_MAX)) {
      await this.#sleep(delayMs * (0.5 + Math.random() / 2))
      if (this.#isClosed) return
      try {
        await this.#connect()
        break
      } catch (error) {
        this.#options.log.warn({ err: error, delayMs }, 'bus: cannot connect yet')
      }
    }
    await this.#afterReconnect()
  }

  async #afterReconnect(): Promise<void> {
    if (this.#isClosed) {
      await this.#client?.end().catch(() => undefined) // closed while connecting; nobody needs this connection
      return
    }
    this.#options.log.info('bus: connected again')
    this.topics.reportGap()
    if (this.#owesGap) await this.publish(GAP)
  }

  #receive(payload: string): void {
    const blank = payload.indexOf(' ')
    if (blank < 0) this.topics.reportGap()
    else this.topics.deliver(payload.slice(0, blank), payload.slice(blank + 1))
  }

  #checkAlive(): void {
    const client = this.#client
    if (!client) return
    const timer = setTimeout(() => destroySocket(client), HEARTBEAT_TIMEOUT_MS).unref()
    // A failure ends the connection by itself, and 'end' starts the way back.
    client.query('SELECT 1').then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    )
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs)
      this.#wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** `pg_notify` rather than NOTIFY, because a payload can then be a parameter. */
async function notify(client: pg.Client, channel: string, payloads: string[]): Promise<void> {
  await client.query({
    name: 'bus_notify',
    text: 'SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload',
    values: [channel, payloads],
  })
}

/** `end()` would wait for an answer that never comes. pg's types leave out the connection that every client has. */
function destroySocket(client: pg.Client): void {
  const { connection } = client as unknown as { connection?: { stream?: { destroy(): void } } }
  connection?.stream?.destroy()
}
