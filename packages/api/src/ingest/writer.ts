/**
 * The coalescing writer: one for each process. All requests that wait share one transaction; it flushes whenever it is
 * free and never waits for a timer, so a lone request waits for nothing and 500 concurrent ones share one fsync.
 */

import { type Coalescer, createCoalescer } from '../kernel/coalesce'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { markStored, publishPointsStored } from '../metric/events'
import type { ParsedPoints, SeriesName } from './columns'
import { SeriesDictionary } from './dictionary'
import { countDuplicates, countRows, FlushBuffers, type Rows } from './flush'
import { PointIds } from './point-ids'
import { sqlStateOf, storePoints } from './repository'
import { INGEST_LIMITS, type IngestResult, type RejectCode, type RejectedPoint } from './schema'

export interface WriteOptions {
  /** Nothing is stored when any point of the request is refused. */
  isAtomic: boolean
}

export interface PointWriter {
  /**
   * Resolves after the COMMIT. Rejects with `overloaded` or `unavailable` when nothing is confirmed: after a connection
   * lost during the COMMIT the points may still be there, and only points with an `id` can be sent again without harm.
   */
  write(product: ProductScope, points: ParsedPoints, options?: WriteOptions): Promise<IngestResult>
  /** The queue holds as much as it may: refuse before reading another body. */
  isFull(): boolean
  /** Points that wait or are being written. */
  readonly depth: number
  /** Resolves when everything that was handed in before has been answered. */
  flush(): Promise<void>
  /** Refuses new points, writes what is there, publishes what it still has to say. */
  close(): Promise<void>
}

export interface PointWriterOptions {
  /** Points in memory before `isFull`. */
  queuePointsMax?: number
  seriesPerProductMax?: number
}

/** About 60 bytes a point: 12 MB at most. Two cores drain it in about a second. */
const QUEUE_POINTS_MAX = 200_000
/** Bodies whose points wait. What is kept of them (distinct metrics and tags) is mostly far less, and never more. */
const QUEUE_BYTES_MAX = 64 * 1024 * 1024
/** A larger transaction gains nothing and makes everybody in it wait longer. */
const FLUSH_POINTS_MAX = 20_000
/** While one flush waits for its fsync the next is being sent. A third only splits the same work into smaller pieces. */
const LANES = 2
/** Watchers are told at most this often; the first message of a burst leaves at once. */
const PUBLISH_INTERVAL_MS = 100
const RETRY_AFTER_S = 1

interface Request extends Rows {
  product: ProductScope
  refused: RejectedPoint[]
  resolve(result: IngestResult): void
  reject(error: Error): void
}

export function createPointWriter(ctx: Context, options: PointWriterOptions = {}): PointWriter {
  return new Writer(ctx, options)
}

class Writer implements PointWriter {
  readonly #ctx: Context
  readonly #dictionary: SeriesDictionary
  readonly #queuePointsMax: number
  readonly #idleLanes = Array.from({ length: LANES }, () => new FlushBuffers())
  readonly #pointIds: PointIds
  readonly #stored: Coalescer<Set<string>>
  #queue: Request[] = []
  #depth = 0
  #bytes = 0
  #open = 0
  #isScheduled = false
  #isClosed = false
  #idleWaiters: (() => void)[] = []

  constructor(ctx: Context, options: PointWriterOptions) {
    this.#ctx = ctx
    this.#queuePointsMax = options.queuePointsMax ?? QUEUE_POINTS_MAX
    this.#pointIds = new PointIds(ctx.db.pools.meta)
    this.#dictionary = new SeriesDictionary(ctx.db.pools.meta, {
      seriesPerProductMax: options.seriesPerProductMax ?? INGEST_LIMITS.seriesPerProductMax,
      nowMs: () => ctx.clock.now().getTime(),
    })
    this.#stored = createCoalescer<Set<string>>({
      intervalMs: PUBLISH_INTERVAL_MS,
      merge: (earlier, later) => {
        for (const name of later) earlier.add(name)
        return earlier
      },
      send: (publicId, names) => {
        publishPointsStored(ctx.bus, publicId, names, ctx.clock.now().getTime()).catch((error) =>
          // Only a hint is lost: watchers read again at their next message or after the bus's gap.
          ctx.log.warn({ err: error }, 'could not publish that points were stored'),
        )
      },
    })
  }

  get depth(): number {
    return this.#depth
  }

  isFull(): boolean {
    return this.#depth >= this.#queuePointsMax || this.#bytes >= QUEUE_BYTES_MAX
  }

  write(
    product: ProductScope,
    parsed: ParsedPoints,
    options: WriteOptions = { isAtomic: false },
  ): Promise<IngestResult> {
    if (this.#isClosed) return Promise.reject(unavailable('The server is stopping.'))
    if (this.isFull()) return Promise.reject(overloaded())
    if (parsed.length === 0 || (options.isAtomic && parsed.rejected.length > 0)) {
      return Promise.resolve({ accepted: 0, duplicates: 0, rejected: parsed.rejected })
    }
    this.#depth += parsed.length
    this.#bytes += parsed.bytes
    this.#open++
    return new Promise<IngestResult>((resolve, reject) => {
      const request: Request = {
        product,
        productId: product.id,
        parsed,
        seriesIds: [],
        length: parsed.length,
        refused: [],
        resolve,
        reject,
      }
      if (this.#findSeries(request)) this.#enqueue(request)
      else this.#resolveSeries(request, options).catch((error) => this.#fail([request], error))
    })
  }

  async flush(): Promise<void> {
    if (this.#open === 0) return
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.flush()
    this.#stored.close()
  }

  /** True when every series of the request is known. */
  #findSeries(request: Request): boolean {
    const { series } = request.parsed
    const ids = new Array<number>(series.length)
    request.seriesIds = ids
    for (let i = 0; i < series.length; i++) {
      const id = this.#dictionary.find(request.productId, (series[i] as SeriesName).key)
      if (id === undefined) return false
      ids[i] = id
    }
    return true
  }

  async #resolveSeries(request: Request, options: WriteOptions): Promise<void> {
    const { series } = request.parsed
    const missing = series.filter(({ key }) => this.#dictionary.find(request.productId, key) === undefined)
    const resolved = await this.#dictionary.resolve(request.productId, missing)
    request.seriesIds = series.map(({ key }) => resolved.get(key) ?? this.#dictionary.find(request.productId, key) ?? 0)
    if (request.seriesIds.includes(0)) this.#refuseNewSeries(request)
    if (request.length === 0 || (options.isAtomic && request.refused.length > 0)) this.#answer(request, 0, 0)
    else this.#enqueue(request)
  }

  #refuseNewSeries(request: Request): void {
    const { parsed, seriesIds } = request
    for (let row = 0; row < parsed.length; row++) {
      if (seriesIds[parsed.seriesOf[row] as number] !== 0) continue
      request.refused.push(refusal(parsed, row, 'cardinality_limit', CARDINALITY_DETAIL))
    }
    request.length = parsed.length - request.refused.length
  }

  #enqueue(request: Request): void {
    this.#queue.push(request)
    this.#schedule()
  }

  /** At the end of this turn of the event loop, so that all requests that arrived in it go along. */
  #schedule(): void {
    if (this.#isScheduled || this.#queue.length === 0 || this.#idleLanes.length === 0) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      const lane = this.#idleLanes.pop()
      if (lane) void this.#run(lane)
      this.#schedule()
    })
  }

  async #run(lane: FlushBuffers): Promise<void> {
    const requests = this.#take()
    await this.#store(requests, lane)
    this.#idleLanes.push(lane)
    this.#schedule()
  }

  #take(): Request[] {
    let points = 0
    let count = 0
    while (count < this.#queue.length && points < FLUSH_POINTS_MAX) points += (this.#queue[count++] as Request).length
    if (count === this.#queue.length) {
      const all = this.#queue
      this.#queue = []
      return all
    }
    return this.#queue.splice(0, count)
  }

  /** Never throws. A flush that the data of one request breaks is halved until that request stands alone. */
  async #store(requests: Request[], lane: FlushBuffers): Promise<void> {
    try {
      // Asked again after every wait: the other lane may have used them up. From here to `fill` nothing waits.
      while (!this.#pointIds.covers(countRows(requests))) await this.#pointIds.fetch()
      const flush = lane.fill(requests, this.#pointIds.next)
      const inserted = await storePoints(this.#ctx.db.pools.writer, flush)
      this.#succeed(requests, countDuplicates(requests, flush.named, inserted))
    } catch (error) {
      if (!isOneRequestsFault(error)) return this.#fail(requests, error)
      if (requests.length === 1) return this.#refuse(requests[0] as Request, error)
      const middle = requests.length >> 1
      await this.#store(requests.slice(0, middle), lane)
      await this.#store(requests.slice(middle), lane)
    }
  }

  #succeed(requests: readonly Request[], duplicates: readonly number[]): void {
    const stored = new Map<string, Set<string>>()
    for (const request of requests) addMetrics(stored, request)
    for (const publicId of stored.keys()) markStored(this.#ctx.bus, publicId)
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i] as Request
      const repeated = duplicates[i] as number
      this.#answer(request, request.length - repeated, repeated)
    }
    for (const [publicId, names] of stored) this.#stored.push(publicId, names)
  }

  #refuse(request: Request, error: unknown): void {
    this.#ctx.log.error({ err: error, product: request.product.publicId }, 'the database refused points')
    const { parsed, seriesIds } = request
    for (let row = 0; row < parsed.length; row++) {
      if (seriesIds[parsed.seriesOf[row] as number] === 0) continue
      request.refused.push(refusal(parsed, row, 'storage_error', 'The database refused the points of this request.'))
    }
    this.#answer(request, 0, 0)
  }

  #fail(requests: readonly Request[], error: unknown): void {
    this.#ctx.log.error({ err: error, requests: requests.length }, 'points could not be written')
    for (const request of requests) {
      request.reject(unavailable('The points could not be confirmed as stored. Send them again.', error))
      this.#close(request)
    }
  }

  #answer(request: Request, accepted: number, duplicates: number): void {
    const { parsed, refused } = request
    const rejected =
      refused.length === 0 ? parsed.rejected : [...parsed.rejected, ...refused].sort((a, b) => a.index - b.index)
    request.resolve({ accepted, duplicates, rejected })
    this.#close(request)
  }

  #close(request: Request): void {
    this.#depth -= request.parsed.length
    this.#bytes -= request.parsed.bytes
    if (--this.#open > 0) return
    for (const wake of this.#idleWaiters) wake()
    this.#idleWaiters = []
  }
}

const CARDINALITY_DETAIL =
  'The product has as many series as it may have, and this metric with these tags would be a new one. Points of known series are accepted.'

function refusal(parsed: ParsedPoints, row: number, code: RejectCode, detail: string): RejectedPoint {
  const index = parsed.indexOf?.[row] ?? row
  return { index, pointer: parsed.pointerOf(index), code, detail }
}

function addMetrics(stored: Map<string, Set<string>>, { product, parsed, seriesIds }: Request): void {
  let names = stored.get(product.publicId)
  if (!names) {
    names = new Set()
    stored.set(product.publicId, names)
  }
  const { series } = parsed
  for (let i = 0; i < series.length; i++) if (seriesIds[i] !== 0) names.add((series[i] as SeriesName).metric)
}

/** Classes 21, 22, 23, 44 and P0 say that the data was wrong: cardinality, data exception, constraint, check, raise. */
function isOneRequestsFault(error: unknown): boolean {
  return /^(21|22|23|44|P0)/.test(sqlStateOf(error) ?? '')
}

const overloaded = () =>
  new DomainError('overloaded', 'The server has more points waiting than it can write. Send again later.', {
    retryAfterS: RETRY_AFTER_S,
  })

const unavailable = (detail: string, cause?: unknown) =>
  new DomainError('unavailable', detail, { cause, retryAfterS: RETRY_AFTER_S })
