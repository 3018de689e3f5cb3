import type { IdBlock } from '@trackable/db/points'

/** Hands out ids. They are numbers, not BigInts: 2^53 of them are enough for 285 years of a million a second. */
export type NextId = () => number

/** Ids of points, or of what else a flush numbers, handed out from blocks of the database's sequence. */
export class IdBlocks {
  readonly #allocate: () => Promise<IdBlock>
  readonly #blocks: { next: number; left: number }[] = []
  #left = 0

  constructor(allocate: () => Promise<IdBlock>) {
    this.#allocate = allocate
  }

  /** Whether `next` can be called so many times. */
  covers(count: number): boolean {
    return this.#left >= count
  }

  async fetch(): Promise<void> {
    const { first, size } = await this.#allocate()
    this.#blocks.push({ next: Number(first), left: size })
    this.#left += size
  }

  readonly next: NextId = () => {
    const [block] = this.#blocks
    if (!block) throw new Error('more ids were taken than covers() had promised')
    this.#left--
    if (--block.left === 0) this.#blocks.shift()
    return block.next++
  }

  /** Takes so many at once, for use after a wait; each call of what it returns hands out the same ones from the first. */
  reserve(count: number): () => NextId {
    const ids = Array.from({ length: count }, this.next)
    return () => {
      let at = 0
      return () => {
        const id = ids[at++]
        if (id === undefined) throw new Error('more ids were taken than had been reserved')
        return id
      }
    }
  }
}
