/**
 * When rollups are brought up to date. Nothing waits for it: a query adds what is not folded yet. It only gets slower
 * with every point that waits, and a fold gets cheaper for each point the more there are.
 */
import { foldPoints, selectUnfolded } from '@trackable/db/points'
import type { Context } from '../kernel/context'
import { onDeltas } from './events'
import { localDays } from './zone'

export interface Folder {
  /** Folds whatever is there, of every product, and resolves when nothing is left. For tests and the command line. */
  flush(): Promise<void>
  /** Looks for what other processes have left behind; also done every SWEEP_MS. */
  sweep(): Promise<void>
  /** Begins no more folds; resolves when the running one has ended. What is left waits in the database. */
  close(): Promise<void>
}

export interface FolderOptions {
  /** Points of a product that are folded without waiting longer. */
  pointsMax?: number
  /** How long the first point of a product waits for others. */
  delayMs?: number
  sweepMs?: number
}

/** A query reads 50,000 waiting points in 40 ms. */
const POINTS_MAX = 50_000
const DELAY_MS = 1_000
/** Deltas of a process that died are read by every query until somebody folds them. */
const SWEEP_MS = 15_000
/** After a fold it pauses for nine times as long: at most a tenth of one core, and of the database. */
const PAUSE_PER_FOLD = 9
/** A long fold took much at once; the next one of a product that is flooded must not wait for minutes. */
const PAUSE_MAX_MS = 10_000

export const createFolder = (ctx: Context, options: FolderOptions = {}): Folder => new ProcessFolder(ctx, options)

class ProcessFolder implements Folder {
  readonly #ctx: Context
  readonly #options: Required<FolderOptions>
  /** Points that wait, by product. */
  readonly #waiting = new Map<number, number>()
  readonly #unsubscribe: () => void
  readonly #sweeper: NodeJS.Timeout
  #timer: NodeJS.Timeout | undefined
  #isUrgent = false
  #pausedUntil = 0
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(ctx: Context, options: FolderOptions) {
    this.#ctx = ctx
    this.#options = { pointsMax: POINTS_MAX, delayMs: DELAY_MS, sweepMs: SWEEP_MS, ...options }
    this.#unsubscribe = onDeltas(ctx.bus, (points) => this.#note(points))
    this.#sweeper = setInterval(() => {
      this.sweep().catch((error) => ctx.log.warn({ err: error }, 'could not look for points that wait to be rolled up'))
    }, this.#options.sweepMs).unref()
  }

  async flush(): Promise<void> {
    for (let ids = await this.#unfolded(); ids.length > 0; ids = await this.#unfolded()) {
      for (const id of ids) while (await this.#fold(id));
    }
  }

  async sweep(): Promise<void> {
    for (const id of await this.#unfolded()) if (!this.#waiting.has(id)) this.#waiting.set(id, 0)
    this.#schedule()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
    clearInterval(this.#sweeper)
    clearTimeout(this.#timer)
    await this.#running
  }

  #unfolded(): Promise<number[]> {
    return selectUnfolded(this.#ctx.db.pools.meta)
  }

  #note(points: ReadonlyMap<number, number>): void {
    for (const [id, count] of points) {
      const total = (this.#waiting.get(id) ?? 0) + count
      this.#waiting.set(id, total)
      if (total >= this.#options.pointsMax && !this.#isUrgent) {
        this.#isUrgent = true
        clearTimeout(this.#timer)
        this.#timer = undefined
      }
    }
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isClosed || this.#running || this.#timer || this.#waiting.size === 0) return
    const now = performance.now()
    const delay = Math.max(this.#isUrgent ? 0 : this.#options.delayMs, this.#pausedUntil - now)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#running = this.#foldWaiting().finally(() => {
        this.#running = undefined
        this.#schedule()
      })
    }, delay).unref()
  }

  /** One fold of each product that waits; what is left of one comes again in the next round. */
  async #foldWaiting(): Promise<void> {
    this.#isUrgent = false
    const startedAt = performance.now()
    const ids = [...this.#waiting.keys()]
    this.#waiting.clear()
    for (const id of ids) {
      if (this.#isClosed) return
      try {
        if (await this.#fold(id)) this.#waiting.set(id, this.#waiting.get(id) ?? 0)
      } catch (error) {
        // Every answer stays right without it, and the deltas stay where they are: the next sweep tries again.
        this.#ctx.log.warn({ err: error, productId: id }, 'points could not be rolled up')
      }
    }
    const endedAt = performance.now()
    this.#pausedUntil = endedAt + Math.min(PAUSE_MAX_MS, (endedAt - startedAt) * PAUSE_PER_FOLD)
  }

  /** True when there is more to do. */
  async #fold(productId: number): Promise<boolean> {
    return (await foldPoints(this.#ctx.db.pools.meta, productId, localDays)).hasMore
  }
}
