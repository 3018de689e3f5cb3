import type { Queryable } from '@trackable/db'
import { allocatePointIds } from '@trackable/db/points'

/** Ids of points, handed out from blocks of the database's sequence. */
export class PointIds {
  readonly #db: Queryable
  readonly #blocks: { next: number; left: number }[] = []
  #left = 0

  constructor(db: Queryable) {
    this.#db = db
  }

  /** Whether `next` can be called so many times. */
  covers(count: number): boolean {
    return this.#left >= count
  }

  async fetch(): Promise<void> {
    const { first, size } = await allocatePointIds(this.#db)
    this.#blocks.push({ next: Number(first), left: size })
    this.#left += size
  }

  readonly next = (): number => {
    const [block] = this.#blocks
    if (!block) throw new Error('more point ids were taken than covers() had promised')
    this.#left--
    if (--block.left === 0) this.#blocks.shift()
    return block.next++
  }
}
