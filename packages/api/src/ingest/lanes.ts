/** When a flush begins, and with whom in it. */
import { countRows, FlushBuffers, type Rows } from './flush'
import { FairQueue } from './queue'

/** A larger transaction gains nothing and makes everybody in it wait longer. */
const FLUSH_POINTS_MAX = 20_000
/** While one flush waits for its fsync the next is being sent. A third only splits the same work into smaller pieces. */
const LANES = 2
/** While every lane carries at least so much of other products, somebody else's few points get a lane of their own. */
const EXPRESS_ABOVE_POINTS = 2_000

/** What a lane is doing. */
interface Running {
  products: ReadonlySet<number>
  points: number
}

/** Requests wait here for a lane; two flushes run at the same time, or three, never two on the same buffers. */
export class Lanes<T extends Rows> {
  readonly #run: (requests: T[], buffers: FlushBuffers) => Promise<void>
  readonly #queue = new FairQueue<T>()
  readonly #idle = Array.from({ length: LANES }, () => new FlushBuffers())
  #express: FlushBuffers | null = new FlushBuffers()
  readonly #running = new Set<Running>()
  #isScheduled = false

  /** `run` never rejects: what becomes of its requests is its own business. */
  constructor(run: (requests: T[], buffers: FlushBuffers) => Promise<void>) {
    this.#run = run
  }

  push(request: T): void {
    this.#queue.push(request)
    this.#schedule()
  }

  /** At the end of this turn of the event loop, so that all requests that arrived in it go along. */
  #schedule(): void {
    if (this.#isScheduled || this.#queue.isEmpty || (this.#idle.length === 0 && !this.#mayRunExpress())) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#start()
      this.#schedule()
    })
  }

  #start(): void {
    if (this.#queue.isEmpty) return
    const lane = this.#idle.pop()
    if (lane) return void this.#flush(this.#queue.take(FLUSH_POINTS_MAX), lane, () => this.#idle.push(lane))
    const express = this.#express
    if (express === null || !this.#mayRunExpress()) return
    this.#express = null
    void this.#flush(this.#queue.takeExcept(this.#busyProducts(), EXPRESS_ABOVE_POINTS), express, () => {
      this.#express = express
    })
  }

  /** Somebody waits behind large flushes in which nothing of his own is. */
  #mayRunExpress(): boolean {
    if (this.#express === null) return false
    for (const { points } of this.#running) if (points < EXPRESS_ABOVE_POINTS) return false
    return this.#queue.hasOtherThan(this.#busyProducts())
  }

  #busyProducts(): Set<number> {
    const busy = new Set<number>()
    for (const { products } of this.#running) for (const id of products) busy.add(id)
    return busy
  }

  async #flush(requests: T[], lane: FlushBuffers, giveBack: () => void): Promise<void> {
    const running = { products: new Set(requests.map(({ productId }) => productId)), points: countRows(requests) }
    this.#running.add(running)
    await this.#run(requests, lane)
    this.#running.delete(running)
    giveBack()
    this.#schedule()
  }
}
