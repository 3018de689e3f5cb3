/** One flush: the rows of many requests in columns, and what became of each request. */
import { createHash } from 'node:crypto'
import { allocatePointColumns, type InsertedPoint, type PointColumns } from '@trackable/db/points'
import type { ParsedPoints } from './columns'
import type { Flush } from './repository'

/** What a request brings to a flush. */
export interface Rows {
  productId: number
  parsed: ParsedPoints
  /** Ids of `parsed.series`, by place; 0 is a series that was refused, whose rows are left out. */
  seriesIds: Int32Array | number[]
  /** Rows to store: those of `parsed` whose series was not refused. */
  length: number
}

export const countRows = (requests: readonly Rows[]) => requests.reduce((sum, { length }) => sum + length, 0)

/** Hands out point ids. They are numbers, not BigInts: 2^53 of them are enough for 285 years of a million a second. */
export type NextPointId = () => number

/** Buffers that a lane of the writer uses again and again: allocating five typed arrays a flush is slower than filling them. */
export class FlushBuffers {
  #fresh = allocatePointColumns(256)
  #named = allocatePointColumns(0)

  /** Valid until the next call. */
  fill(requests: readonly Rows[], nextId: NextPointId): Flush {
    let freshCount = 0
    let namedCount = 0
    for (const { parsed, length } of requests) {
      if (parsed.ids === null) freshCount += length
      else namedCount += length
    }
    this.#fresh = sized(this.#fresh, freshCount + namedCount)
    this.#named = sized(this.#named, namedCount)
    this.#fresh.length = 0
    this.#named.length = 0
    for (const request of requests) {
      if (request.parsed.ids === null) appendFresh(this.#fresh, request, nextId)
      else appendMixed(this.#fresh, this.#named, request, nextId)
    }
    return { fresh: this.#fresh, named: this.#named }
  }
}

function sized(columns: PointColumns, length: number): PointColumns {
  return columns.value.length >= length ? columns : allocatePointColumns(Math.max(length, columns.value.length * 2))
}

function appendFresh(columns: PointColumns, { productId, parsed, seriesIds }: Rows, nextId: NextPointId): void {
  const { seriesOf, ts, value } = parsed
  let at = columns.length
  for (let row = 0; row < parsed.length; row++) {
    const seriesId = seriesIds[seriesOf[row] as number] as number
    if (seriesId === 0) continue
    columns.productId[at] = productId
    columns.seriesId[at] = seriesId
    columns.ts[at] = ts[row] as number
    columns.id[at] = BigInt(nextId())
    columns.value[at] = value[row] as number
    at++
  }
  columns.length = at
}

function appendMixed(fresh: PointColumns, named: PointColumns, request: Rows, nextId: NextPointId): void {
  const { productId, parsed, seriesIds } = request
  for (let row = 0; row < parsed.length; row++) {
    const seriesId = seriesIds[parsed.seriesOf[row] as number] as number
    if (seriesId === 0) continue
    const id = parsed.ids?.[row]
    const columns = id === undefined ? fresh : named
    const at = columns.length++
    columns.productId[at] = productId
    columns.seriesId[at] = seriesId
    columns.ts[at] = parsed.ts[row] as number
    columns.id[at] = id === undefined ? BigInt(nextId()) : hashPointId(id)
    columns.value[at] = parsed.value[row] as number
  }
}

/**
 * A client's id as part of the key: the first 63 bits of its SHA-256, made negative, so that it never meets a generated
 * one. Two different ids of the same series and instant collide once in 10^18.
 */
export function hashPointId(id: string): bigint {
  const hash = createHash('sha256').update(id, 'utf8').digest()
  return -(hash.readBigUInt64BE(0) >> 1n) - 1n
}

/**
 * How many rows of each request were there already. Of the same key several times in a flush, the first is the new one.
 * Walks the named rows in the order in which `fill` wrote them.
 */
export function countDuplicates(requests: readonly Rows[], named: PointColumns, inserted: InsertedPoint[]): number[] {
  const fresh = new Set(inserted.map((key) => `${key.series_id}:${key.ts_us}:${key.id}`))
  let at = 0
  return requests.map(({ parsed, seriesIds }) => {
    if (parsed.ids === null) return 0
    let duplicates = 0
    for (let row = 0; row < parsed.length; row++) {
      if (seriesIds[parsed.seriesOf[row] as number] === 0 || parsed.ids[row] === undefined) continue
      const key = `${named.seriesId[at]}:${Math.round((named.ts[at] as number) * 1000)}:${named.id[at]}`
      if (!fresh.delete(key)) duplicates++
      at++
    }
    return duplicates
  })
}
