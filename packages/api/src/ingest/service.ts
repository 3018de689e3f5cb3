import type { ReceiptRow } from '@trackable/db/points'
import type { Context } from '../kernel/context'
import { readInTime } from '../kernel/deadline'
import { DomainError } from '../kernel/errors'
import { newId } from '../kernel/ids'
import type { ProductScope } from '../kernel/scope'
import { LONG_BYTES, takeTurn } from '../kernel/turn'
import { noting } from './attempts'
import type { ParsedPoints, SeriesName } from './columns'
import { CONTENT_TYPES, findFormat, findStreamedFormat } from './formats'
import type { CreateSliceReader } from './formats/slices'
import { notUtf8 } from './formats/text'
import { hashRequest, inFlight, mismatch, type Receipt, ReceiptTaken, readIdempotencyKey } from './receipt'
import { keepRejected } from './rejected'
import { findReceiptRow } from './repository'
import { type DryRunResult, INGEST_LIMITS, IngestResult, ReceiptResult } from './schema'
import { toIsoMicros } from './timestamp'
import type { PointWriter } from './writer'

export { noteRefusal } from './attempts'
/** For contexts on the right that bring points of their own. */
export { ColumnBuilder, type ParsedPoints } from './columns'
export { createPointWriter, type PointWriter } from './writer'

export interface IngestRequest {
  /** The inflated body. */
  body: Uint8Array
  contentType: string | undefined
  /** All points or none (`?atomic=true`). */
  isAtomic?: boolean
  /** The header Idempotency-Key: the same request again is answered like the first, and stores nothing. */
  idempotencyKey?: string
  /** The answer names a receipt, which tells later what became of the request (`?receipt=true`). */
  wantsReceipt?: boolean
  /** The body of the answer, which is kept for requests that have a key or a receipt. */
  render?(outcome: IngestOutcome): string
}

/** 200: all points are stored, now or before; 207: some are; 422: none is. */
export interface IngestOutcome {
  status: 200 | 207 | 422
  result: IngestResult
}

export interface IngestAnswer extends IngestOutcome {
  /** What `render` made of it, now or when the request came first; only for requests that have a key or a receipt. */
  body?: string
  /** The key of the receipt. */
  receipt?: string
  /** This is what was answered to an earlier request with the same key. */
  isReplayed?: boolean
}

/**
 * Takes the body of one request. Resolves after the COMMIT of its points. Throws a DomainError when the request as a
 * whole is refused or nothing is confirmed; faults of single points are in the result.
 */
export function ingest(
  ctx: Context,
  writer: PointWriter,
  product: ProductScope,
  request: IngestRequest,
): Promise<IngestAnswer> {
  const { body, contentType, isAtomic = false } = request
  return noting(ctx, product, async () => {
    const remembered = createReceipt(request)
    const run = async (receipt: Receipt | null): Promise<IngestAnswer> => {
      if (body.byteLength >= LONG_BYTES) await takeTurn()
      const parsed = parse(body, contentType, ctx.clock.now().getTime())
      const result = await writer.write(product, parsed, { isAtomic, receipt })
      if (result.rejected.length > 0) {
        keepRejected(ctx, product, { format: contentType ?? '', parsed, rejected: result.rejected })
      }
      return { status: toStatus(result, isAtomic), result }
    }
    return remembered ? runOnce(ctx, writer, product, remembered, run) : run(null)
  })
}

export interface StoreOptions {
  /** How it was sent: the name of the protocol. */
  format: string
  isAtomic?: boolean
  /** Hears what became of each part. */
  onStored?(parsed: ParsedPoints, result: IngestResult): void
}

/**
 * Stores what a protocol has parsed, one after the other, and answers for all of it together. Resolves after the last
 * COMMIT; what comes before a failure stays stored, and is sent again by whoever repeats the request. The result quotes as
 * many refusals as a JSON request can have.
 */
export function ingestParsed(
  ctx: Context,
  writer: PointWriter,
  product: ProductScope,
  parts: Iterable<ParsedPoints> | AsyncIterable<ParsedPoints>,
  { format, isAtomic = false, onStored }: StoreOptions,
): Promise<IngestOutcome> {
  return noting(ctx, product, async () => {
    const total: IngestResult = { accepted: 0, duplicates: 0, rejected: [] }
    for await (const parsed of parts) {
      const result = await writer.write(product, parsed, { isAtomic })
      const { accepted, duplicates, rejected } = result
      onStored?.(parsed, result)
      total.accepted += accepted
      total.duplicates += duplicates
      if (rejected.length === 0) continue
      for (const one of rejected.slice(0, INGEST_LIMITS.pointsPerRequestMax - total.rejected.length))
        total.rejected.push(one)
      keepRejected(ctx, product, { format, parsed, rejected })
    }
    return { status: toStatus(total, isAtomic), result: total }
  })
}

function createReceipt(request: IngestRequest): Receipt | null {
  const { body, contentType = '', isAtomic = false, idempotencyKey, wantsReceipt = false, render } = request
  if (idempotencyKey === undefined && !wantsReceipt) return null
  const key = idempotencyKey === undefined ? newId('receipt') : readIdempotencyKey(idempotencyKey)
  return {
    key,
    hash: hashRequest(body, [contentType, String(isAtomic), String(wantsReceipt)]),
    render(result) {
      const outcome = {
        status: toStatus(result, isAtomic),
        result: wantsReceipt ? { ...result, receipt: key } : result,
      }
      return { status: outcome.status, body: render ? render(outcome) : JSON.stringify(outcome.result) }
    },
  }
}

/** Keys that this process works on; one for each writer, as each process has one. */
const working = new WeakMap<PointWriter, Set<string>>()

/**
 * Runs a request that has a key: the first time it is stored together with its answer; again it is answered the same, or
 * refused when it is not the same request, or when the first is still in work, here or in another process.
 */
async function runOnce(
  ctx: Context,
  writer: PointWriter,
  product: ProductScope,
  receipt: Receipt,
  run: (receipt: Receipt) => Promise<IngestAnswer>,
): Promise<IngestAnswer> {
  const key = `${product.id}:${receipt.key}`
  const keys = working.get(writer) ?? new Set()
  working.set(writer, keys)
  if (keys.has(key)) throw inFlight()
  keys.add(key)
  try {
    const earlier = await readInTime(findReceiptRow(ctx.db.pools.meta, product, receipt.key))
    if (earlier) return replay(earlier, receipt)
    const answer = await run(receipt)
    return { ...answer, body: receipt.render(answer.result).body, receipt: receipt.key }
  } catch (error) {
    if (!(error instanceof ReceiptTaken)) throw error
    const winner = await readInTime(findReceiptRow(ctx.db.pools.meta, product, receipt.key))
    if (!winner) throw inFlight()
    return replay(winner, receipt)
  } finally {
    keys.delete(key)
  }
}

function replay({ body_hash, status, response }: ReceiptRow, receipt: Receipt): IngestAnswer {
  if (!receipt.hash.equals(body_hash)) throw mismatch()
  const result = IngestResult.parse(JSON.parse(response))
  const { key } = receipt
  return { status: status as IngestOutcome['status'], result, body: response, receipt: key, isReplayed: true }
}

/** What became of a request of this product, or null: it has not ended, or more than a day ago. */
export async function findReceipt(ctx: Context, product: ProductScope, key: string): Promise<ReceiptResult | null> {
  const row = await findReceiptRow(ctx.db.pools.meta, product, key)
  if (!row) return null
  const at = row.created_at.toISOString()
  return ReceiptResult.parse({ receipt: key, status: row.status, at, result: JSON.parse(row.response) })
}

/** Parses and stores nothing: what the points would have become. Lines of NDJSON and CSV count from 0, like points. */
export function dryRun(ctx: Context, { body, contentType }: Pick<IngestRequest, 'body' | 'contentType'>): DryRunResult {
  const now = ctx.clock.now().getTime()
  const createReader = findStreamedFormat(contentType)
  const parts = createReader ? readWhole(createReader, body, now) : [parse(body, contentType, now)]
  return { points: parts.flatMap(describePoints), rejected: parts.flatMap(({ rejected }) => rejected) }
}

function readWhole(createReader: CreateSliceReader, body: Uint8Array, now: number): ParsedPoints[] {
  const reader = createReader({ now, idPrefix: null })
  return [...reader.push(decodeUtf8(body)), ...reader.end()]
}

function decodeUtf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (cause) {
    throw notUtf8(cause)
  }
}

const describePoints = (parsed: ParsedPoints): DryRunResult['points'] =>
  Array.from({ length: parsed.length }, (_, row) => {
    const { metric, tags } = parsed.series[parsed.seriesOf[row] as number] as SeriesName
    return {
      index: parsed.indexOf?.[row] ?? row,
      metric,
      tags: JSON.parse(tags) as Record<string, string>,
      timestamp: toIsoMicros(parsed.ts[row] as number),
      value: parsed.value[row] as number,
      id: parsed.ids?.[row],
    }
  })

function parse(body: Uint8Array, contentType: string | undefined, now: number) {
  const format = findFormat(contentType)
  if (!format)
    throw new DomainError(
      'unsupported_media_type',
      `Send one of these as Content-Type: ${CONTENT_TYPES.join(', ')}, in UTF-8.`,
    )
  if (body.byteLength > INGEST_LIMITS.bodyBytesMax) {
    throw new DomainError(
      'payload_too_large',
      `A body has at most ${INGEST_LIMITS.bodyBytesMax.toLocaleString('en')} bytes. Send the points in parts.`,
    )
  }
  return format(body, now)
}

export function toStatus({ accepted, duplicates, rejected }: IngestResult, isAtomic: boolean): IngestOutcome['status'] {
  if (rejected.length === 0) return 200
  return isAtomic || accepted + duplicates === 0 ? 422 : 207
}
