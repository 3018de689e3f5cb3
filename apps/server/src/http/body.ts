import type { IncomingMessage } from 'node:http'
import { DomainError } from '@trackable/api'

const tooLarge = (bytesMax: number) =>
  new DomainError('payload_too_large', `The body is larger than ${bytesMax} bytes. Send it in several requests.`)

/**
 * Bodies that are being read or, unpacked, are in work, all requests together. Whoever has a key could otherwise hold 25 MB
 * on each connection, or send 25 kB that become as much.
 */
const READING_BYTES_MAX = 64 * 1024 * 1024
const RETRY_AFTER_S = 1
let readingBytes = 0

const tooMany = () =>
  new DomainError('overloaded', 'Too many bodies arrive at once. Send again shortly.', { retryAfterS: RETRY_AFTER_S })

const incomplete = () => new DomainError('invalid_request', 'The body ended before it was complete.')

/**
 * The bytes of a request, at most `bytesMax` of them: a length that is announced is refused before anything is read,
 * one that is not as soon as the limit is passed (IN-13). Straight from the socket's stream, because a web Request over
 * it costs more than storing the points does.
 */
export function readBody(
  incoming: IncomingMessage,
  bytesMax: number,
  readingBytesMax = READING_BYTES_MAX,
): Promise<Buffer> {
  const announced = Number(incoming.headers['content-length'] ?? 0)
  if (announced > bytesMax) return Promise.reject(tooLarge(bytesMax))
  // Gone before anybody listened, while a key or a session was looked up: no event will tell.
  if (incoming.destroyed) return Promise.reject(incomplete())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const finish = (settle: () => void) => {
      readingBytes -= length
      incoming.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone)
      settle()
    }
    const onData = (chunk: Buffer) => {
      length += chunk.length
      readingBytes += chunk.length
      if (length > bytesMax) finish(() => reject(tooLarge(bytesMax)))
      else if (readingBytes > readingBytesMax) finish(() => reject(tooMany()))
      else chunks.push(chunk)
    }
    const onEnd = () =>
      finish(() => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length)))
    // The sender is gone, so nobody reads the answer; the code keeps it out of the list of our own failures.
    const onGone = () => finish(() => reject(incomplete()))
    incoming.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone)
  })
}

/**
 * Counts a body while it is in work. Throws when there are too many; what it returns is called when the body is let go.
 */
export function holdBody(bytes: number, readingBytesMax = READING_BYTES_MAX): () => void {
  if (readingBytes > 0 && readingBytes + bytes > readingBytesMax) throw tooMany()
  readingBytes += bytes
  return () => {
    readingBytes -= bytes
  }
}
