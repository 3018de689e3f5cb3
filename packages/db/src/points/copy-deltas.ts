import { COPY_HEADER, COPY_TRAILER } from './copy-script'

export const COPY_DELTAS =
  'COPY point_delta (product_id, id, from_ms, to_ms, series, ts, value, weight, low, high) FROM STDIN (FORMAT binary)'

/** What a flush adds to the rollups: its new rows, of any products in any order. */
export interface DeltaColumns {
  length: number
  productId: Int32Array
  seriesId: Int32Array
  /** Epoch milliseconds with microseconds as the fraction. */
  ts: Float64Array
  value: Float64Array
}

const INT4 = { oid: 23, bytes: 4 }
const FLOAT8 = { oid: 701, bytes: 8 }
/** int32 length, dimensions, null flag, oid, count, lower bound. */
const ARRAY_HEAD_BYTES = 24
/** int16 field count; product_id, id, from_ms and to_ms behind their lengths; three nulls. */
const ROW_HEAD_BYTES = 2 + 8 + 12 + 12 + 12 + 3 * 4
const BYTES_PER_ELEMENT = 4 + INT4.bytes + 2 * (4 + FLOAT8.bytes)

/**
 * The rows of `point_delta` as one binary COPY payload, one row for each product. `nextId` hands out their ids (blocks of
 * `point_delta_id_seq`). Arrays and not a row per point: a row costs 24 bytes of header and an index entry.
 */
export function encodeDeltas(columns: DeltaColumns, nextId: () => number): Buffer {
  const groups = groupByProduct(columns)
  const rowBytes = ROW_HEAD_BYTES + 3 * ARRAY_HEAD_BYTES
  const size = COPY_HEADER.length + groups.length * rowBytes + columns.length * BYTES_PER_ELEMENT + COPY_TRAILER.length
  const buffer = Buffer.allocUnsafe(size)
  COPY_HEADER.copy(buffer)
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  let at = COPY_HEADER.length
  for (const group of groups) at = encodeRow(view, at, columns, group, nextId())
  COPY_TRAILER.copy(buffer, at)
  return buffer
}

interface Group {
  productId: number
  /** Places in the columns; null is all of them in order. */
  places: Int32Array | null
  length: number
}

/** Mostly a flush is of one product, or of a few. */
function groupByProduct({ productId, length }: DeltaColumns): Group[] {
  if (length === 0) return []
  const first = productId[0] as number
  let isOne = true
  for (let i = 1; i < length && isOne; i++) isOne = productId[i] === first
  if (isOne) return [{ productId: first, places: null, length }]
  const counts = new Map<number, number>()
  for (let i = 0; i < length; i++) counts.set(productId[i] as number, (counts.get(productId[i] as number) ?? 0) + 1)
  const groups = new Map<number, Group & { places: Int32Array }>()
  for (const [id, count] of counts) groups.set(id, { productId: id, places: new Int32Array(count), length: 0 })
  for (let i = 0; i < length; i++) {
    const group = groups.get(productId[i] as number)
    if (group) group.places[group.length++] = i
  }
  return [...groups.values()]
}

function encodeRow(view: DataView, start: number, columns: DeltaColumns, group: Group, id: number): number {
  const { seriesId, ts, value } = columns
  const { productId, places, length } = group
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (let i = 0; i < length; i++) {
    const ms = ts[places ? (places[i] as number) : i] as number
    if (ms < from) from = ms
    if (ms > to) to = ms
  }
  view.setInt16(start, 10)
  view.setInt32(start + 2, 4)
  view.setInt32(start + 6, productId)
  view.setInt32(start + 10, 8)
  view.setBigInt64(start + 14, BigInt(id))
  view.setInt32(start + 22, 8)
  view.setFloat64(start + 26, from)
  view.setInt32(start + 34, 8)
  view.setFloat64(start + 38, to)
  let at = encodeArrayHead(view, start + 46, INT4, length)
  for (let i = 0; i < length; i++, at += 8) {
    view.setInt32(at, INT4.bytes)
    view.setInt32(at + 4, seriesId[places ? (places[i] as number) : i] as number)
  }
  for (const column of [ts, value]) {
    at = encodeArrayHead(view, at, FLOAT8, length)
    for (let i = 0; i < length; i++, at += 12) {
      view.setInt32(at, FLOAT8.bytes)
      view.setFloat64(at + 4, column[places ? (places[i] as number) : i] as number)
    }
  }
  // weight, low and high: every row is a point.
  for (let i = 0; i < 3; i++, at += 4) view.setInt32(at, -1)
  return at
}

function encodeArrayHead(view: DataView, at: number, { oid, bytes }: typeof INT4, length: number): number {
  view.setInt32(at, ARRAY_HEAD_BYTES - 4 + length * (4 + bytes))
  view.setInt32(at + 4, 1)
  view.setInt32(at + 8, 0)
  view.setInt32(at + 12, oid)
  view.setInt32(at + 16, length)
  view.setInt32(at + 20, 1)
  return at + ARRAY_HEAD_BYTES
}
