/** One flush: the rows of many requests in columns, and what became of each request. */
import { createHash } from 'node:crypto'
import {
  allocatePointColumns,
  encodeDeltas,
  type HistogramRow,
  histogramKeyOf,
  type PointColumns,
  pointKeyOf,
} from '@trackable/db/points'
import type { Histogram, ParsedPoints } from './columns'
import { collectStreams, type Stream } from './cumulative'
import type { IdBlocks, NextId } from './point-ids'
import type { Receipt } from './receipt'

/** What a request brings to a flush. */
export interface Rows {
  productId: number
  parsed: ParsedPoints
  /** Ids of `parsed.series`, by place; 0 is a series that was refused, whose rows are left out. */
  seriesIds: readonly number[]
  /** Rows to store: those of `parsed` whose series was not refused. */
  length: number
  /** What must be remembered of the request, in the same transaction. */
  receipt: Receipt | null
}

/** What a flush writes. */
export interface Flush {
  /** Rows with ids that this process allocated: they are new by construction. */
  fresh: PointColumns
  /** Rows with ids that clients gave: they may be there already, or twice in here. */
  named: PointColumns
  /** Rows with the id 0: a later value takes the place of an earlier one. */
  overwriting: PointColumns
  histograms: HistogramRow[]
  /** Values that count since a start; what is stored of them is known when their state has been read. */
  streams: Stream[]
  /** The payload for `point_delta` when there are fresh rows and nothing else. */
  deltas: Buffer | null
  /** For the differences of `streams`; called at the start of each attempt, which all take the same ids. */
  pointIds: () => NextId
  deltaIds: () => NextId
  hasReceipts: boolean
  /** Epoch ms: how old a point is decides whether it may be packed. */
  nowMs: number
}

/** What became of a flush; every list holds keys of `pointKeyOf` or `histogramKeyOf`. */
export interface Stored {
  /** Of the rows that could have been there; null when all of them were new. */
  written: ReadonlySet<string> | null
  /** Of the cumulative rows, by request: how many had been seen before. */
  seen: ReadonlyMap<number, number>
}

export const countRows = (requests: readonly Rows[]) => requests.reduce((sum, { length }) => sum + length, 0)

export function countProducts(requests: readonly Rows[]): number {
  const [first] = requests
  if (requests.every(({ productId }) => productId === first?.productId)) return 1
  return new Set(requests.map(({ productId }) => productId)).size
}

/** Buffers that a lane of the writer uses again and again: allocating five typed arrays a flush is slower than filling them. */
export class FlushBuffers {
  #fresh = allocatePointColumns(256)
  #named = allocatePointColumns(0)
  #overwriting = allocatePointColumns(0)

  /** Valid until the next call. */
  fill(requests: readonly Rows[], pointIds: IdBlocks, deltaIds: IdBlocks, nowMs: number): Flush {
    let freshCount = 0
    let otherCount = 0
    for (const { parsed, length } of requests) {
      if (isPlain(parsed)) freshCount += length
      else otherCount += length
    }
    this.#fresh = sized(this.#fresh, freshCount + otherCount)
    this.#named = sized(this.#named, otherCount)
    this.#overwriting = sized(this.#overwriting, otherCount)
    const [fresh, named, overwriting] = [this.#fresh, this.#named, this.#overwriting]
    for (const columns of [fresh, named, overwriting]) columns.length = 0
    const histograms: HistogramRow[] = []
    for (const request of requests) {
      if (isPlain(request.parsed)) appendFresh(fresh, request, pointIds.next)
      else if (request.parsed.identity !== 'cumulative') {
        appendMixed({ fresh, named, overwriting, histograms }, request, pointIds.next)
      }
    }
    const streams = otherCount > 0 ? collectStreams(requests) : []
    const hasReceipts = requests.some(({ receipt }) => receipt !== null)
    const isPlainFlush = fresh.length > 0 && otherCount === 0 && !hasReceipts
    return {
      fresh,
      named,
      overwriting,
      histograms,
      streams,
      deltas: isPlainFlush ? encodeDeltas(fresh, deltaIds.next) : null,
      pointIds: pointIds.reserve(streams.reduce((sum, { rows }) => sum + rows.length, 0)),
      deltaIds: deltaIds.reserve(isPlainFlush ? 0 : countProducts(requests)),
      hasReceipts,
      nowMs,
    }
  }
}

/** Nothing but new points: the usual request, and the one that COPY can take. */
const isPlain = ({ ids, identity, histograms }: ParsedPoints) =>
  ids === null && identity === 'additive' && histograms === null

function sized(columns: PointColumns, length: number): PointColumns {
  return columns.value.length >= length ? columns : allocatePointColumns(Math.max(length, columns.value.length * 2))
}

function appendFresh(columns: PointColumns, { productId, parsed, seriesIds }: Rows, nextId: NextId): void {
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

type Targets = Pick<Flush, 'fresh' | 'named' | 'overwriting' | 'histograms'>

function appendMixed(targets: Targets, request: Rows, nextId: NextId): void {
  const { productId, parsed, seriesIds } = request
  const isOverwriting = parsed.identity === 'overwrite'
  for (let row = 0; row < parsed.length; row++) {
    const seriesId = seriesIds[parsed.seriesOf[row] as number] as number
    if (seriesId === 0) continue
    const named = parsed.ids?.[row]
    const id = isOverwriting ? 0n : named === undefined ? BigInt(nextId()) : hashPointId(named)
    const ts = parsed.ts[row] as number
    const value = parsed.value[row] as number
    const histogram = parsed.histograms?.[row]
    if (histogram) targets.histograms.push(toHistogramRow({ productId, seriesId, ts, id }, value, histogram))
    else {
      const columns = isOverwriting ? targets.overwriting : id > 0n ? targets.fresh : targets.named
      appendPoint(columns, { productId, seriesId, ts, id }, value)
    }
  }
}

interface Key {
  productId: number
  seriesId: number
  ts: number
  id: bigint
}

function appendPoint(columns: PointColumns, { productId, seriesId, ts, id }: Key, value: number): void {
  const at = columns.length++
  columns.productId[at] = productId
  columns.seriesId[at] = seriesId
  columns.ts[at] = ts
  columns.id[at] = id
  columns.value[at] = value
}

export const toHistogramRow = (key: Key, sum: number, histogram: Histogram): HistogramRow => ({
  ...key,
  sum,
  ...histogram,
})

/**
 * A client's id as part of the key: the first 63 bits of its SHA-256, made negative, so that it never meets a generated
 * one. Two different ids of the same series and instant collide once in 10^18.
 */
export function hashPointId(id: string): bigint {
  const hash = createHash('sha256').update(id, 'utf8').digest()
  return -(hash.readBigUInt64BE(0) >> 1n) - 1n
}

/**
 * How many rows of each request added nothing, because they were there already. Of a client's id several times in a flush,
 * the first is the new one; of several values that overwrite each other, all fare like the last. Walks the rows in the
 * order in which `fill` wrote them.
 */
export function countDuplicates(requests: readonly Rows[], flush: Flush, { written, seen }: Stored): number[] {
  const left = written === null ? null : new Set(written)
  const places = { named: 0, overwriting: 0, histograms: 0 }
  return requests.map((request, i) => {
    const { parsed } = request
    if (parsed.identity === 'cumulative') return seen.get(i) ?? 0
    if (left === null || isPlain(parsed)) return 0
    return countRepeated(request, flush, left, places)
  })
}

function countRepeated(
  { parsed, seriesIds }: Rows,
  { named, overwriting, histograms }: Flush,
  left: Set<string>,
  places: { named: number; overwriting: number; histograms: number },
): number {
  const isOverwriting = parsed.identity === 'overwrite'
  let repeated = 0
  for (let row = 0; row < parsed.length; row++) {
    if (seriesIds[parsed.seriesOf[row] as number] === 0) continue
    const isNamed = parsed.ids?.[row] !== undefined
    let key: string
    if (parsed.histograms?.[row]) key = histogramKeyOf(histograms[places.histograms++] as HistogramRow)
    else if (isOverwriting) key = pointKeyOf(overwriting, places.overwriting++)
    else if (isNamed) key = pointKeyOf(named, places.named++)
    else continue
    // A generated id is new by construction, and nobody was asked about it.
    if (!isOverwriting && !isNamed) continue
    const isNew = isOverwriting ? left.has(key) : left.delete(key)
    if (!isNew) repeated++
  }
  return repeated
}
