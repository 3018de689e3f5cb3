/** How much may be in memory: of everybody together, and of each product, so that none shuts the others out. */

/** Bodies whose points wait. What is kept of them (distinct metrics and tags) is mostly far less, and never more. */
const BYTES_MAX = 64 * 1024 * 1024
/** Of all points, what one product may bring: beyond it that product is told to wait, and the others are not. */
const PRODUCT_SHARE = 0.6

interface Load {
  productId: number
  parsed: { length: number; bytes: number }
}

export class Admission {
  readonly #pointsMax: number
  readonly #ofProduct = new Map<number, number>()
  #points = 0
  #bytes = 0
  #requests = 0
  #waiters: (() => void)[] = []

  constructor(pointsMax: number) {
    this.#pointsMax = pointsMax
  }

  get points(): number {
    return this.#points
  }

  isFull(): boolean {
    return this.#points >= this.#pointsMax || this.#bytes >= BYTES_MAX
  }

  isFullOf(productId: number): boolean {
    const points = this.#ofProduct.get(productId)
    return points !== undefined && points >= this.#pointsMax * PRODUCT_SHARE
  }

  enter({ productId, parsed: { length, bytes } }: Load): void {
    this.#points += length
    this.#bytes += bytes
    this.#requests++
    this.#ofProduct.set(productId, (this.#ofProduct.get(productId) ?? 0) + length)
  }

  leave({ productId, parsed: { length, bytes } }: Load): void {
    this.#points -= length
    this.#bytes -= bytes
    const left = (this.#ofProduct.get(productId) ?? 0) - length
    if (left > 0) this.#ofProduct.set(productId, left)
    else this.#ofProduct.delete(productId)
    if (--this.#requests > 0) return
    for (const wake of this.#waiters) wake()
    this.#waiters = []
  }

  /** Resolves when everybody who has entered has left. */
  async untilEmpty(): Promise<void> {
    if (this.#requests > 0) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }
}
