/**
 * The coalescing writer: one for each process. All requests that wait share one transaction; it flushes whenever it is
 * free and never waits for a timer, so a lone request waits for nothing and 500 concurrent ones share one fsync.
 */

import type { PoolClient } from '@trackable/db'
import { allocateDeltaIds, allocatePointIds } from '@trackable/db/points'
import { type Coalescer, createCoalescer } from '../kernel/coalesce'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { markStored, publishPointsStored } from '../metric/events'
import type { ParsedPoints, SeriesName } from './columns'
import { SeriesDictionary } from './dictionary'
import { countDuplicates, countProducts, countRows, FlushBuffers, type Rows, type Stored } from './flush'
import { IdBlocks } from './point-ids'
import { FairQueue } from './queue'
import { inFlight, type Receipt, ReceiptTaken, saveReceipts, takeReceipts } from './receipt'
import { StaleSeries, sqlStateOf } from './repository'
import { INGEST_LIMITS, type IngestResult, type RejectCode, type RejectedPoint } from './schema'
import { commitFlush } from './store'

export interface WriteOptions {
  /** Nothing is stored when any point of the request is refused. */
  isAtomic?: boolean
  /** What is remembered of the request, in the transaction of its points, also when none of them can be stored. */
  receipt?: Receipt | null
}

export interface PointWriter {
  /**
   * Resolves after the COMMIT. Rejects with `overloaded` or `unavailable` when nothing is confirmed: when the database is
   * lost during the COMMIT for longer than `settleMs`, the points may still be there, and only points with an `id`, or a
   * request with a receipt, can be sent again without harm. Rejects with ReceiptTaken when a request of the same receipt
   * was committed in the meantime.
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
  /** Longest wait for the database before a flush is taken for lost. */
  flushTimeoutMs?: number
  /** Longest search for what became of a flush whose connection was lost. */
  settleMs?: number
  /** Called after each COMMIT with its products and how many points each of them has got: the rollups may follow. */
  onStored?(counts: ReadonlyMap<number, number>): void
}

/** About 60 bytes a point: 12 MB at most. Two cores drain it in about a second. */
const QUEUE_POINTS_MAX = 200_000
/** Bodies whose points wait. What is kept of them (distinct metrics and tags) is mostly far less, and never more. */
const QUEUE_BYTES_MAX = 64 * 1024 * 1024
/** Of the queue, what one product may fill: beyond it that product is told to wait, and the others are not. */
const PRODUCT_SHARE = 0.6
/** A larger transaction gains nothing and makes everybody in it wait longer. */
const FLUSH_POINTS_MAX = 20_000
/** While one flush waits for its fsync the next is being sent. A third only splits the same work into smaller pieces. */
const LANES = 2
/** While every lane carries at least so much of other products, somebody else's few points get a lane of their own. */
const EXPRESS_ABOVE_POINTS = 2_000
/** Twice the longest pause that a healthy disk or a checkpoint makes, and shorter than clients wait. */
const FLUSH_TIMEOUT_MS = 10_000
const SETTLE_MS = 10_000
/** Watchers are told at most this often; the first message of a burst leaves at once. */
const PUBLISH_INTERVAL_MS = 100
const RETRY_AFTER_S = 1

interface Request extends Rows {
  product: ProductScope
  isAtomic: boolean
  /** Of the dictionary, when the ids of the series were looked up. */
  epoch: number | null
  refused: RejectedPoint[]
  resolve(result: IngestResult): void
  reject(error: Error): void
}

/** What a lane is doing. */
interface Running {
  products: ReadonlySet<number>
  points: number
}

export function createPointWriter(ctx: Context, options: PointWriterOptions = {}): PointWriter {
  return new Writer(ctx, options)
}

class Writer implements PointWriter {
  readonly #ctx: Context
  readonly #options: PointWriterOptions
  readonly #dictionary: SeriesDictionary
  readonly #queuePointsMax: number
  readonly #idleLanes = Array.from({ length: LANES }, () => new FlushBuffers())
  #expressLane: FlushBuffers | null = new FlushBuffers()
  readonly #running = new Set<Running>()
  readonly #pointIds: IdBlocks
  readonly #deltaIds: IdBlocks
  readonly #stored: Coalescer<Set<string>>
  readonly #queue = new FairQueue<Request>()
  readonly #depths = new Map<number, number>()
  #depth = 0
  #bytes = 0
  #open = 0
  #isScheduled = false
  #isClosed = false
  #idleWaiters: (() => void)[] = []

  constructor(ctx: Context, options: PointWriterOptions) {
    this.#ctx = ctx
    this.#options = options
    this.#queuePointsMax = options.queuePointsMax ?? QUEUE_POINTS_MAX
    this.#pointIds = new IdBlocks(() => allocatePointIds(ctx.db.pools.meta))
    this.#deltaIds = new IdBlocks(() => allocateDeltaIds(ctx.db.pools.meta))
    this.#dictionary = new SeriesDictionary(ctx.db.pools.meta, {
      seriesPerProductMax:
        options.seriesPerProductMax ?? ctx.settings.seriesPerProductMax ?? INGEST_LIMITS.seriesPerProductMax,
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

  write(product: ProductScope, parsed: ParsedPoints, options: WriteOptions = {}): Promise<IngestResult> {
    if (this.#isClosed) return Promise.reject(unavailable('The server is stopping.'))
    if (this.isFull() || this.#isFullOf(product.id)) return Promise.reject(overloaded())
    const { isAtomic = false, receipt = null } = options
    const isNothing = parsed.length === 0 || (isAtomic && parsed.rejected.length > 0)
    if (isNothing && receipt === null) {
      return Promise.resolve({ accepted: 0, duplicates: 0, rejected: parsed.rejected })
    }
    this.#depth += parsed.length
    this.#depths.set(product.id, (this.#depths.get(product.id) ?? 0) + parsed.length)
    this.#bytes += parsed.bytes
    this.#open++
    return new Promise<IngestResult>((resolve, reject) => {
      const request: Request = {
        product,
        productId: product.id,
        parsed,
        seriesIds: [],
        length: parsed.length,
        receipt,
        isAtomic,
        epoch: null,
        refused: [],
        resolve,
        reject,
      }
      if (isNothing) this.#enqueue(withoutRows(request))
      else if (parsed.hints === null && this.#findSeries(request)) this.#enqueue(request)
      else this.#resolveSeries(request).catch((error) => this.#fail([request], error))
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

  #isFullOf(productId: number): boolean {
    const depth = this.#depths.get(productId)
    return depth !== undefined && depth >= Math.max(1, this.#queuePointsMax * PRODUCT_SHARE)
  }

  /** True when every series of the request is known. */
  #findSeries(request: Request): boolean {
    const { series } = request.parsed
    const ids = new Array<number>(series.length)
    request.seriesIds = ids
    request.epoch = this.#dictionary.epoch
    for (let i = 0; i < series.length; i++) {
      const id = this.#dictionary.find(request.productId, (series[i] as SeriesName).key)
      if (id === undefined) return false
      ids[i] = id
    }
    return true
  }

  async #resolveSeries(request: Request): Promise<void> {
    const { series, hints } = request.parsed
    await this.#dictionary.start()
    if (!this.#findSeries(request)) {
      const missing = series.filter(({ key }) => this.#dictionary.find(request.productId, key) === undefined)
      const resolved = await this.#dictionary.resolve(request.productId, missing)
      const idOf = (key: string) => resolved.get(key) ?? this.#dictionary.find(request.productId, key) ?? 0
      const ids = series.map(({ key }) => idOf(key))
      request.seriesIds = ids
      if (ids.includes(0)) this.#refuseNewSeries(request)
    }
    if (hints) await this.#dictionary.applyHints(request.productId, hints)
    if (request.length > 0 && !(request.isAtomic && request.refused.length > 0)) this.#enqueue(request)
    else if (request.receipt) this.#enqueue(withoutRows(request))
    else this.#answer(request, { accepted: 0, duplicates: 0 })
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
    if (this.#isScheduled || this.#queue.isEmpty || (this.#idleLanes.length === 0 && !this.#mayRunExpress())) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#start()
      this.#schedule()
    })
  }

  #start(): void {
    if (this.#queue.isEmpty) return
    const lane = this.#idleLanes.pop()
    if (lane) return void this.#run(this.#queue.take(FLUSH_POINTS_MAX), lane, () => this.#idleLanes.push(lane))
    const express = this.#expressLane
    if (express === null || !this.#mayRunExpress()) return
    this.#expressLane = null
    void this.#run(this.#queue.takeExcept(this.#busyProducts(), EXPRESS_ABOVE_POINTS), express, () => {
      this.#expressLane = express
    })
  }

  /** Somebody waits behind large flushes in which nothing of his own is. */
  #mayRunExpress(): boolean {
    if (this.#expressLane === null) return false
    for (const { points } of this.#running) if (points < EXPRESS_ABOVE_POINTS) return false
    return this.#queue.hasOtherThan(this.#busyProducts())
  }

  #busyProducts(): Set<number> {
    const busy = new Set<number>()
    for (const { products } of this.#running) for (const id of products) busy.add(id)
    return busy
  }

  async #run(requests: Request[], lane: FlushBuffers, giveBack: () => void): Promise<void> {
    const running = { products: new Set(requests.map(({ productId }) => productId)), points: countRows(requests) }
    this.#running.add(running)
    await this.#store(requests, lane)
    this.#running.delete(running)
    giveBack()
    this.#schedule()
  }

  /** Never throws. A flush that the data of one request breaks is halved until that request stands alone. */
  async #store(requests: Request[], lane: FlushBuffers): Promise<void> {
    if (requests.length === 0) return
    try {
      const results = await this.#commit(requests, lane)
      this.#succeed(requests, results)
    } catch (error) {
      if (error instanceof StaleSeries) return this.#resolveAgain(error.epoch, requests)
      if (error instanceof ReceiptTaken) return this.#storeWithout(error, requests, lane)
      if (!isOneRequestsFault(error)) return this.#fail(requests, error)
      if (requests.length === 1) return this.#refuse(requests[0] as Request, error)
      const middle = requests.length >> 1
      await this.#store(requests.slice(0, middle), lane)
      await this.#store(requests.slice(middle), lane)
    }
  }

  async #commit(requests: Request[], lane: FlushBuffers): Promise<IngestResult[]> {
    // Asked again after every wait: the other lane may have used them up. From here to `fill` nothing waits.
    for (;;) {
      if (!this.#pointIds.covers(countRows(requests))) await this.#pointIds.fetch()
      else if (!this.#deltaIds.covers(countProducts(requests))) await this.#deltaIds.fetch()
      else break
    }
    const flush = lane.fill(requests, this.#pointIds, this.#deltaIds, this.#ctx.clock.now().getTime())
    const toResults = (stored: Stored) => {
      const duplicates = countDuplicates(requests, flush, stored)
      return requests.map((request, i) => toResult(request, duplicates[i] as number))
    }
    const hooks = {
      isOfEpoch: (epoch: number) => requests.every((request) => request.length === 0 || request.epoch === epoch),
      afterBegin: (client: PoolClient) => takeReceipts(client, requests),
      beforeCommit: (client: PoolClient, stored: Stored) =>
        saveReceipts(client, requests, flush.hasReceipts ? toResults(stored) : [], this.#ctx.clock.now()),
    }
    const stored = await commitFlush(this.#ctx.db.pools.writer, flush, hooks, {
      timeoutMs: this.#options.flushTimeoutMs ?? FLUSH_TIMEOUT_MS,
      settleMs: this.#options.settleMs ?? SETTLE_MS,
    })
    return toResults(stored)
  }

  /** Nothing of the flush was written: each of its requests looks its series up once more, and queues again. */
  #resolveAgain(epoch: number, requests: readonly Request[]): void {
    this.#dictionary.forget(epoch)
    for (const request of requests) {
      if (request.length === 0) {
        this.#enqueue(request)
        continue
      }
      request.refused = []
      request.length = request.parsed.length
      this.#resolveSeries(request).catch((error) => this.#fail([request], error))
    }
  }

  /** Those whose key somebody else has are told so; nobody else has to know. */
  async #storeWithout({ places, isInFlight }: ReceiptTaken, requests: Request[], lane: FlushBuffers): Promise<void> {
    for (const place of places) {
      const request = requests[place] as Request
      request.reject(isInFlight ? inFlight() : new ReceiptTaken([0], false))
      this.#close(request)
    }
    await this.#store(
      requests.filter((_, place) => !places.includes(place)),
      lane,
    )
  }

  #succeed(requests: readonly Request[], results: readonly IngestResult[]): void {
    const stored = new Map<string, Set<string>>()
    const counts = new Map<number, number>()
    for (const request of requests) {
      if (request.length === 0) continue
      this.#addMetrics(stored, request)
      counts.set(request.productId, (counts.get(request.productId) ?? 0) + request.length)
    }
    for (const publicId of stored.keys()) markStored(this.#ctx.bus, publicId)
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i] as Request
      request.resolve(results[i] as IngestResult)
      this.#close(request)
    }
    for (const [publicId, names] of stored) this.#stored.push(publicId, names)
    this.#options.onStored?.(counts)
  }

  #addMetrics(stored: Map<string, Set<string>>, { product, parsed, seriesIds }: Request): void {
    let names = stored.get(product.publicId)
    if (!names) {
      names = new Set()
      stored.set(product.publicId, names)
    }
    const { series } = parsed
    for (let i = 0; i < series.length; i++) {
      if (seriesIds[i] === 0) continue
      names.add(this.#dictionary.currentNameOf(product.id, (series[i] as SeriesName).metric))
    }
  }

  #refuse(request: Request, error: unknown): void {
    this.#ctx.log.error({ err: error, product: request.product.publicId }, 'the database refused points')
    const { parsed, seriesIds } = request
    for (let row = 0; row < parsed.length; row++) {
      if (seriesIds[parsed.seriesOf[row] as number] === 0) continue
      request.refused.push(refusal(parsed, row, 'storage_error', 'The database refused the points of this request.'))
    }
    this.#answer(request, { accepted: 0, duplicates: 0 })
  }

  #fail(requests: readonly Request[], error: unknown): void {
    this.#ctx.log.error({ err: error, requests: requests.length }, 'points could not be written')
    for (const request of requests) {
      request.reject(unavailable('The points could not be confirmed as stored. Send them again.', error))
      this.#close(request)
    }
  }

  #answer(request: Request, counts: Omit<IngestResult, 'rejected'>): void {
    request.resolve({ ...counts, rejected: rejectedOf(request) })
    this.#close(request)
  }

  #close(request: Request): void {
    const { parsed, productId } = request
    this.#depth -= parsed.length
    const depth = (this.#depths.get(productId) ?? 0) - parsed.length
    if (depth > 0) this.#depths.set(productId, depth)
    else this.#depths.delete(productId)
    this.#bytes -= parsed.bytes
    if (--this.#open > 0) return
    for (const wake of this.#idleWaiters) wake()
    this.#idleWaiters = []
  }
}

/** For a request of which nothing is stored, but an answer is kept. */
function withoutRows(request: Request): Request {
  request.seriesIds = request.parsed.series.map(() => 0)
  request.length = 0
  return request
}

const rejectedOf = ({ parsed, refused }: Request) =>
  refused.length === 0 ? parsed.rejected : [...parsed.rejected, ...refused].sort((a, b) => a.index - b.index)

const toResult = (request: Request, duplicates: number): IngestResult => ({
  accepted: request.length - duplicates,
  duplicates,
  rejected: rejectedOf(request),
})

const CARDINALITY_DETAIL =
  'The product has as many series as it may have, and this metric with these tags would be a new one. Points of known series are accepted.'

function refusal(parsed: ParsedPoints, row: number, code: RejectCode, detail: string): RejectedPoint {
  const index = parsed.indexOf?.[row] ?? row
  return { index, pointer: parsed.pointerOf(index), code, detail }
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
