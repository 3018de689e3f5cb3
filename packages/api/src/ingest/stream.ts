/** NDJSON and CSV: bodies of any length, written slice by slice while they arrive. */
import { setTimeout as sleep } from 'node:timers/promises'
import { TextDecoder } from 'node:util'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { takeTurn } from '../kernel/turn'
import { noting } from './attempts'
import type { ParsedPoints } from './columns'
import { findStreamedFormat } from './formats'
import type { SliceReader } from './formats/slices'
import { notUtf8 } from './formats/text'
import { readIdempotencyKey } from './receipt'
import { keepRejected } from './rejected'
import { INGEST_LIMITS, type IngestResult } from './schema'
import { type IngestOutcome, toStatus } from './service'
import type { PointWriter } from './writer'

export interface IngestStream {
  /** The unpacked body in pieces. */
  body: AsyncIterable<Uint8Array>
  contentType: string | undefined
  /** All points or none (`?atomic=true`); then the body may have no more points than a slice. */
  isAtomic?: boolean
  /**
   * Points without an id get one from this and their line, so that the same body sent again adds nothing. There is no
   * look at the whole body, which is gone by the time it has ended, and so no comparison with the body of the first time.
   */
  idempotencyKey?: string
}

/** Slices that are being written while the next one is read: one waits for its fsync, the other for its turn. */
const WRITING_MAX = 2
const FULL_INTERVAL_MS = 20
/** Longer than this the sender is told to come back, as one is whose body is short. */
const FULL_MAX_MS = 15_000
/** Pieces that are decoded at once: the first slice of a large piece is being written while the rest of it is read. */
const PIECE_BYTES = 256 * 1024

/** Whether a content type is read by `ingestStream` and not by `ingest`. */
export const isStreamed = (contentType: string | undefined): boolean => findStreamedFormat(contentType) !== null

/**
 * Resolves after the COMMIT of the last slice. Throws a DomainError when the body cannot be read to its end or nothing
 * more can be written; its detail says what is stored by then.
 */
export function ingestStream(
  ctx: Context,
  writer: PointWriter,
  product: ProductScope,
  { body, contentType, isAtomic = false, idempotencyKey }: IngestStream,
): Promise<IngestOutcome> {
  return noting(ctx, product, async () => {
    const createReader = findStreamedFormat(contentType)
    if (!createReader) throw new DomainError('unsupported_media_type', 'This content type is not read in slices.')
    const idPrefix = idempotencyKey === undefined ? null : readIdempotencyKey(idempotencyKey)
    const reader = createReader({ now: ctx.clock.now().getTime(), idPrefix })
    const write = async (points: ParsedPoints) => {
      const result = await writer.write(product, points, { isAtomic })
      keepRejected(ctx, product, { format: contentType ?? '', parsed: points, rejected: result.rejected })
      return result
    }
    const writing = new SliceWriter(write, () => writer.isFull())
    try {
      if (isAtomic) await writeTogether(readSlices(reader, body), writing)
      else for await (const slice of readSlices(reader, body)) await writing.add(slice)
      const result = await writing.finish()
      return { status: toStatus(result, isAtomic), result }
    } catch (error) {
      throw error instanceof DomainError ? withProgress(error, await writing.settle()) : error
    }
  })
}

async function* readSlices(reader: SliceReader, body: AsyncIterable<Uint8Array>): AsyncGenerator<ParsedPoints> {
  // Fatal and with memory: a character may be cut in two by the end of a piece.
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of body) {
    for (let from = 0; from < chunk.length; from += PIECE_BYTES)
      yield* reader.push(decode(utf8, chunk.subarray(from, from + PIECE_BYTES), true))
  }
  yield* reader.push(decode(utf8, new Uint8Array(0), false))
  yield* reader.end()
}

function decode(utf8: TextDecoder, bytes: Uint8Array, stream: boolean): string {
  try {
    return utf8.decode(bytes, { stream })
  } catch (cause) {
    throw notUtf8(cause)
  }
}

async function writeTogether(slices: AsyncIterable<ParsedPoints>, writing: SliceWriter): Promise<void> {
  let only: ParsedPoints | null = null
  for await (const slice of slices) {
    if (only) {
      const max = INGEST_LIMITS.pointsPerSliceMax.toLocaleString('en')
      throw new DomainError(
        'payload_too_large',
        `With atomic=true a body of this content type has at most ${max} points.`,
      )
    }
    only = slice
  }
  if (only) await writing.add(only)
}

/** Writes a few slices at a time and adds up what became of them. */
class SliceWriter {
  readonly #write: (points: ParsedPoints) => Promise<IngestResult>
  readonly #isFull: () => boolean
  readonly #running = new Set<Promise<void>>()
  readonly #result: Required<IngestResult> = { accepted: 0, duplicates: 0, rejected: [], rejectedCount: 0 }
  #failure: unknown = null

  constructor(write: (points: ParsedPoints) => Promise<IngestResult>, isFull: () => boolean) {
    this.#write = write
    this.#isFull = isFull
  }

  /** Resolves when there is room for another slice: whoever reads the body in between is held back by that. */
  async add(points: ParsedPoints): Promise<void> {
    await this.#waitForRoom()
    const running = this.#write(points).then(
      (result) => this.#count(result),
      (error) => {
        this.#failure ??= error
      },
    )
    this.#running.add(running)
    void running.then(() => this.#running.delete(running))
    while (this.#running.size >= WRITING_MAX) await Promise.race(this.#running)
    if (this.#failure !== null) throw this.#failure
    if (this.#result.rejectedCount > INGEST_LIMITS.streamRejectedMax) throw tooManyRefused(this.#result)
    // The next slice is read from here on. Others come first, also when there was nothing to wait for.
    await takeTurn()
  }

  async finish(): Promise<IngestResult> {
    const result = await this.settle()
    if (this.#failure !== null) throw this.#failure
    const { rejectedCount, rejected, ...counts } = result
    rejected.sort((one, other) => one.index - other.index)
    return rejectedCount > rejected.length ? { ...counts, rejected, rejectedCount } : { ...counts, rejected }
  }

  /** When nothing runs any more: what is stored. */
  async settle(): Promise<Required<IngestResult>> {
    await Promise.all(this.#running)
    return this.#result
  }

  /** A long body waits for its turn where a short one is sent away: it would have to come again as a whole. */
  async #waitForRoom(): Promise<void> {
    for (let waitedMs = 0; waitedMs < FULL_MAX_MS && this.#isFull(); waitedMs += FULL_INTERVAL_MS)
      await sleep(FULL_INTERVAL_MS)
  }

  #count({ accepted, duplicates, rejected }: IngestResult): void {
    const result = this.#result
    result.accepted += accepted
    result.duplicates += duplicates
    result.rejectedCount += rejected.length
    result.rejected.push(...rejected.slice(0, INGEST_LIMITS.rejectedShownMax - result.rejected.length))
  }
}

function tooManyRefused({ rejected }: IngestResult): DomainError {
  const max = INGEST_LIMITS.streamRejectedMax.toLocaleString('en')
  const detail = `More than ${max} points of the body cannot be stored, and it is not read further. errors has the first.`
  return new DomainError('invalid_request', detail, { errors: rejected })
}

function withProgress(error: DomainError, { accepted, duplicates }: IngestResult): DomainError {
  const stored = accepted + duplicates
  if (stored === 0) return error
  const detail = `${error.detail} ${stored.toLocaleString('en')} points before it are stored.`
  const { errors, retryAfterS, cause } = error
  return new DomainError(error.code, detail, { errors, cause, ...(retryAfterS === undefined ? {} : { retryAfterS }) })
}
