import type { PoolClient } from '../client'
import { type PointColumns, toMicros } from './columns'
import { COPY_HEADER, COPY_TRAILER, runCopyScript } from './copy-script'

export const COPY_POINTS = 'COPY point (product_id, series_id, ts, id, value) FROM STDIN (FORMAT binary)'
/** int16 field count, then five fields, each behind an int32 length: 2 + (4+4) + (4+4) + (4+8) + (4+8) + (4+8). */
const ROW_BYTES = 54
/** Rows of one COPY statement: bounds the buffer a connection keeps to 3.5 MB. */
const ROWS_MAX = 65_536
/** Postgres counts from 2000-01-01. */
const POSTGRES_EPOCH_MICROS = 946_684_800_000_000
const UINT32 = 4_294_967_296

/** One buffer for each connection, which runs one COPY at a time; the driver copies the bytes when they are sent. */
const buffers = new WeakMap<PoolClient, Buffer>()

/**
 * Writes points through binary COPY. Returns the number of rows.
 *
 * Against unnest (`insertPoints`), on two busy cores with 700,000 points in the table and keys in random order: 100
 * points take 0.6 ms instead of 1.4, 1,000 take 6.7 instead of 7.6, 10,000 take 53 instead of 73.
 *
 * COPY knows no ON CONFLICT: a key that exists (SQLSTATE 23505) fails the batch, so give it generated ids only.
 * It takes a client because it belongs into the writer's transaction, which also holds the statements of a batch of
 * more than 65,536 rows together. The partitions must exist (`ensurePartitionsFor`).
 */
export async function copyPoints(client: PoolClient, points: PointColumns): Promise<number> {
  let copied = 0
  for (let start = 0; start < points.length; start += ROWS_MAX) {
    const end = Math.min(points.length, start + ROWS_MAX)
    const [rows = 0] = await runCopyScript(client, COPY_POINTS, [encodePoints(client, points, start, end)])
    copied += rows
  }
  return copied
}

/** The rows `start … end - 1` as the payload of COPY_POINTS; valid until the next call for the same connection. */
export function encodePoints(client: PoolClient, points: PointColumns, start = 0, end = points.length): Buffer {
  const buffer = bufferOf(client, end - start)
  return buffer.subarray(0, encodeRows(points, start, end, buffer))
}

function bufferOf(client: PoolClient, rows: number): Buffer {
  const bytes = COPY_HEADER.length + rows * ROW_BYTES + COPY_TRAILER.length
  const known = buffers.get(client)
  if (known && known.length >= bytes) return known
  const fresh = Buffer.allocUnsafeSlow(bytes)
  COPY_HEADER.copy(fresh)
  buffers.set(client, fresh)
  return fresh
}

/** Writes the rows `start … end - 1` and the trailer behind the header; returns where they end. */
function encodeRows(points: PointColumns, start: number, end: number, buffer: Buffer): number {
  const { productId, seriesId, ts, id, value } = points
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  let at = COPY_HEADER.length
  for (let i = start; i < end; i++) {
    // 64 bits out of a float64 in two halves: a BigInt per row would be garbage to collect.
    const micros = toMicros(ts[i] as number) - POSTGRES_EPOCH_MICROS
    const high = Math.floor(micros / UINT32)
    view.setInt16(at, 5)
    view.setInt32(at + 2, 4)
    view.setInt32(at + 6, productId[i] as number)
    view.setInt32(at + 10, 4)
    view.setInt32(at + 14, seriesId[i] as number)
    view.setInt32(at + 18, 8)
    view.setInt32(at + 22, high)
    view.setUint32(at + 26, micros - high * UINT32)
    view.setInt32(at + 30, 8)
    view.setBigInt64(at + 34, id[i] as bigint)
    view.setInt32(at + 42, 8)
    view.setFloat64(at + 46, value[i] as number)
    at += ROW_BYTES
  }
  COPY_TRAILER.copy(buffer, at)
  return at + COPY_TRAILER.length
}
