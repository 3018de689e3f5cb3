/**
 * The coalescing writer: one for each process. All requests that wait share one transaction; it flushes whenever it is
 * free and never waits for a timer, so a lone request waits for nothing and 500 concurrent ones share one fsync.
 */

import type { PoolClient } from '@trackable/db'
import { allocateDeltaIds, allocatePointIds } from '@trackable/db/points'
import { type Coalescer, createCoalescer } from '../kernel/coalesce'
import type { Context } from '../kernel/context'
import { within } from '../kernel/deadline'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { markStored, publishPointsStored } from '../metric/events'
import type { Edges } from '../metric/service'
import { Admission } from './admission'
import type { ParsedPoints, SeriesName } from './columns'
import { SeriesDictionary } from './dictionary'
import { Expiry, refuseExpired } from './expiry'
import { countDuplicates, countProducts, countRows, type FlushBuffers, type Stored } from './flush'
import { Lanes } from './lanes'
import { IdBlocks } from './point-ids'
import { inFlight, type Receipt, ReceiptTaken, saveReceipts, takeReceipts } from './receipt'
import { StaleSeries, sqlStateOf } from './repository'
import { type Request, refuseNewSeries, refuseStorable, toResult, withoutRows } from './request'
import { INGEST_LIMITS, type IngestResult } from './schema'
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
/** Twice the longest pause that a healthy disk or a checkpoint makes, and shorter than clients wait. */
const FLUSH_TIMEOUT_MS = 10_000
const SETTLE_MS = 10_000
/** Watchers are told at most this often; the first message of a burst leaves at once. */
const PUBLISH_INTERVAL_MS = 100
const RETRY_AFTER_S = 1

export function createPointWriter(ctx: Context, options: PointWriterOptions = {}): PointWriter {
  return new Writer(ctx, options)
}

class Writer implements PointWriter {
  readonly #ctx: Context
  readonly #options: PointWriterOptions
  readonly #dictionary: SeriesDictionary
  readonly #expiry: Expiry
  readonly #admission: Admission
  readonly #lanes = new Lanes<Request>((requests, lane) => this.#store(requests, lane))
  readonly #pointIds: IdBlocks
  readonly #deltaIds: IdBlocks
  readonly #stored: Coalescer<Set<string>>
  #isClosed = false

  constructor(ctx: Context, options: PointWriterOptions) {
    this.#ctx = ctx
    this.#options = options
    this.#admission = new Admission(options.queuePointsMax ?? QUEUE_POINTS_MAX)
    this.#pointIds = new IdBlocks(() => allocatePointIds(ctx.db.pools.meta))
    this.#deltaIds = new IdBlocks(() => allocateDeltaIds(ctx.db.pools.meta))
    this.#expiry = new Expiry(ctx)
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

  get #timeoutMs(): number {
    return this.#options.flushTimeoutMs ?? FLUSH_TIMEOUT_MS
  }

  get depth(): number {
    return this.#admission.points
  }

  isFull(): boolean {
    return this.#admission.isFull()
  }

  write(product: ProductScope, parsed: ParsedPoints, options: WriteOptions = {}): Promise<IngestResult> {
    if (this.#isClosed) return Promise.reject(unavailable('The server is stopping.'))
    if (this.isFull() || this.#admission.isFullOf(product.id)) return Promise.reject(overloaded())
    const { isAtomic = false, receipt = null } = options
    if ((isEmpty(parsed) || (isAtomic && parsed.rejected.length > 0)) && receipt === null) {
      return Promise.resolve({ accepted: 0, duplicates: 0, rejected: parsed.rejected })
    }
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
      this.#admission.enter(request)
      const edges = this.#expiry.edgesOf(product)
      if (!(edges instanceof Promise)) return this.#begin(request, edges)
      this.#inTime(edges).then(
        (read) => this.#begin(request, read),
        (error) => this.#fail([request], error),
      )
    })
  }

  #begin(request: Request, edges: Edges | null): void {
    this.#dropExpired(request, edges)
    const { parsed, isAtomic } = request
    if (isEmpty(parsed) || (isAtomic && parsed.rejected.length > 0)) this.#endWithoutRows(request)
    else if (parsed.hints === null && this.#findSeries(request)) this.#lanes.push(request)
    else this.#resolveSeries(request).catch((error) => this.#fail([request], error))
  }

  #endWithoutRows(request: Request): void {
    if (request.receipt) this.#lanes.push(withoutRows(request))
    else this.#answer(request, toResult(withoutRows(request), 0))
  }

  #dropExpired(request: Request, edges: Edges | null): void {
    const { productId, parsed } = request
    const kept = refuseExpired(parsed, edges)
    if (kept === parsed) return
    request.parsed = kept
    request.length = kept.length
    this.#admission.enter(request)
    this.#admission.leave({ productId, parsed })
  }

  flush(): Promise<void> {
    return this.#admission.untilEmpty()
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
    request.epoch = this.#dictionary.epoch
    for (let i = 0; i < series.length; i++) {
      const id = this.#dictionary.find(request.productId, (series[i] as SeriesName).key)
      if (id === undefined) return false
      ids[i] = id
    }
    return true
  }

  async #resolveSeries(request: Request): Promise<void> {
    await this.#inTime(this.#lookUp(request))
    if (request.seriesIds.includes(0)) refuseNewSeries(request)
    if (request.length > 0 && !(request.isAtomic && request.refused.length > 0)) this.#lanes.push(request)
    else this.#endWithoutRows(request)
  }

  async #lookUp(request: Request): Promise<void> {
    const { series, hints } = request.parsed
    await this.#dictionary.start()
    if (!this.#findSeries(request)) {
      const missing = series.filter(({ key }) => this.#dictionary.find(request.productId, key) === undefined)
      const resolved = await this.#dictionary.resolve(request.productId, missing)
      const idOf = (key: string) => resolved.get(key) ?? this.#dictionary.find(request.productId, key) ?? 0
      request.seriesIds = series.map(({ key }) => idOf(key))
    }
    if (hints) await this.#dictionary.applyHints(request.productId, hints, series.length === 0)
  }

  /** A frozen database is no reason to keep anybody waiting. */
  #inTime<T>(work: Promise<T>): Promise<T> {
    return within(this.#timeoutMs, (expired) => Promise.race([work, expired]))
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
      if (!this.#pointIds.covers(countRows(requests))) await this.#inTime(this.#pointIds.fetch())
      else if (!this.#deltaIds.covers(countProducts(requests))) await this.#inTime(this.#deltaIds.fetch())
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
      timeoutMs: this.#timeoutMs,
      settleMs: this.#options.settleMs ?? SETTLE_MS,
    })
    return toResults(stored)
  }

  /** Nothing of the flush was written: each of its requests looks its series up once more, and queues again. */
  #resolveAgain(epoch: number, requests: readonly Request[]): void {
    this.#dictionary.forget(epoch)
    for (const request of requests) {
      if (request.length === 0) {
        this.#lanes.push(request)
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
      this.#admission.leave(request)
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
      this.#answer(requests[i] as Request, results[i] as IngestResult)
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
    refuseStorable(request)
    this.#answer(request, toResult(request, 0))
  }

  #fail(requests: readonly Request[], error: unknown): void {
    this.#ctx.log.error({ err: error, requests: requests.length }, 'points could not be written')
    for (const request of requests) {
      request.reject(unavailable('The points could not be confirmed as stored. Send them again.', error))
      this.#admission.leave(request)
    }
  }

  #answer(request: Request, result: IngestResult): void {
    request.resolve(result)
    this.#admission.leave(request)
  }
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

/** Nothing to store. What a protocol knows of metrics may come without points. */
const isEmpty = ({ length, hints }: ParsedPoints) => length === 0 && hints === null
