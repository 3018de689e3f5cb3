/** Bodies that are read while they are worked on: as slow as they are stored, and never as a whole. */
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream'
import { createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { DomainError } from '@trackable/api'
import { type ContentEncoding, damaged, hasZlibHeader, tooLarge } from './inflate'

/** A sender that has nothing to say for so long, while it is waited for, is let go. */
const IDLE_MS = 30_000
/** Each holds some slices of points and what zlib needs: 100 MB for all of them. */
const STREAMS_MAX = 32
const RETRY_AFTER_S = 5
const CHUNK_BYTES = 64 * 1024

const slow = new WeakSet<IncomingMessage>()

/** Whether the body of this request may take its time; the edge ends all others after thirty seconds (OV-03). */
export const isStreaming = (incoming: IncomingMessage): boolean => slow.has(incoming)

let streams = 0

/**
 * The unpacked body in pieces. Throws 413 as soon as it is longer than `bytesMax`, packed or not, and 503 when too many are
 * being read. What is left unread stays in the socket, which then has to be closed after the answer.
 */
export async function* streamBody(
  incoming: IncomingMessage,
  encoding: ContentEncoding,
  bytesMax: number,
): AsyncGenerator<Buffer> {
  if (Number(incoming.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax)
  if (streams >= STREAMS_MAX) {
    const detail = `At most ${STREAMS_MAX} long bodies are read at the same time. Send again shortly.`
    throw new DomainError('overloaded', detail, { retryAfterS: RETRY_AFTER_S })
  }
  streams++
  slow.add(incoming)
  try {
    const packed = limit(readChunks(incoming), bytesMax)
    yield* encoding === 'identity' ? packed : limit(unpack(packed, encoding), bytesMax)
  } finally {
    streams--
    incoming.setTimeout(0)
  }
}

async function* readChunks(incoming: IncomingMessage): AsyncGenerator<Buffer> {
  // Gone before anybody listened: no event will tell.
  if (incoming.destroyed && !incoming.complete) throw incomplete()
  incoming.setTimeout(IDLE_MS, () => incoming.destroy())
  try {
    yield* incoming.iterator({ destroyOnReturn: false })
  } catch (cause) {
    throw incomplete(cause)
  }
}

async function* limit(chunks: AsyncIterable<Buffer>, bytesMax: number): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > bytesMax) throw tooLarge(bytesMax)
    yield chunk
  }
}

async function* unpack(packed: AsyncGenerator<Buffer>, encoding: 'gzip' | 'deflate'): AsyncGenerator<Buffer> {
  const first = await packed.next()
  if (first.done) throw damaged(encoding)
  const create = encoding === 'gzip' ? createGunzip : hasZlibHeader(first.value) ? createInflate : createInflateRaw
  const unpacker = create({ chunkSize: CHUNK_BYTES })
  let bytes = 0
  async function* countPacked(first: Buffer): AsyncGenerator<Buffer> {
    for await (const chunk of startWith(first, packed)) {
      bytes += chunk.length
      yield chunk
    }
  }
  // What goes wrong before it, and in it, is thrown by the loop below.
  pipeline(countPacked(first.value), unpacker, () => undefined)
  try {
    for await (const chunk of unpacker) yield chunk as Buffer
  } catch (cause) {
    throw cause instanceof DomainError ? cause : damaged(encoding, cause)
  }
  // What follows a deflate would be dropped without a word, and be lines that nobody stored.
  if (unpacker.bytesWritten !== bytes) throw damaged(encoding)
}

async function* startWith(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield* rest
}

const incomplete = (cause?: unknown) =>
  new DomainError('invalid_request', 'The body ended before it was complete.', { cause })
