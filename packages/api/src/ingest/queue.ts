/** What waits for a flush, product by product: who sends most does not make the others wait for all of it. */

export interface Waiting {
  productId: number
  /** Points. */
  length: number
}

export class FairQueue<T extends Waiting> {
  /** In the order of their turns. */
  #byProduct = new Map<number, T[]>()
  #points = 0

  get isEmpty(): boolean {
    return this.#byProduct.size === 0
  }

  push(request: T): void {
    const requests = this.#byProduct.get(request.productId)
    if (requests) requests.push(request)
    else this.#byProduct.set(request.productId, [request])
    this.#points += request.length
  }

  /**
   * All that waits, if it is no more than about `pointsMax`; else a share from each product in turn, at least one request,
   * until so many points are together. A product that is left with more has its next turn after the others.
   */
  take(pointsMax: number): T[] {
    if (this.#points <= pointsMax || this.#byProduct.size === 1) return this.#takeInOrder(pointsMax)
    const taken: T[] = []
    let points = 0
    const share = Math.ceil(pointsMax / this.#byProduct.size)
    while (points < pointsMax && this.#byProduct.size > 0) {
      for (const productId of [...this.#byProduct.keys()]) {
        points += this.#takeOf(productId, share, taken)
        if (points >= pointsMax) break
      }
    }
    return taken
  }

  /** About so many points of products that are not among `busy`; nothing when there is no such product. */
  takeExcept(busy: ReadonlySet<number>, pointsMax: number): T[] {
    const taken: T[] = []
    let points = 0
    for (const productId of [...this.#byProduct.keys()]) {
      if (busy.has(productId)) continue
      points += this.#takeOf(productId, pointsMax - points, taken)
      if (points >= pointsMax) break
    }
    return taken
  }

  hasOtherThan(busy: ReadonlySet<number>): boolean {
    for (const productId of this.#byProduct.keys()) if (!busy.has(productId)) return true
    return false
  }

  #takeInOrder(pointsMax: number): T[] {
    const taken: T[] = []
    for (const productId of [...this.#byProduct.keys()]) this.#takeOf(productId, pointsMax, taken)
    return taken
  }

  /** Moves requests of about so many points, at least one, and the product to the end of the line. Returns the points. */
  #takeOf(productId: number, pointsMax: number, taken: T[]): number {
    const requests = this.#byProduct.get(productId) ?? []
    let points = 0
    let count = 0
    while (count < requests.length && (count === 0 || points < pointsMax)) {
      points += (requests[count++] as T).length
    }
    this.#byProduct.delete(productId)
    if (count < requests.length) this.#byProduct.set(productId, requests.splice(count))
    for (const request of requests) taken.push(request)
    this.#points -= points
    return points
  }
}
