/** Bodies that arrive compressed: `gzip` and `deflate`, never larger than announced limits once unpacked (IN-14). */
import { promisify } from 'node:util'
import { gunzip, inflate, inflateRaw, type ZlibOptions } from 'node:zlib'
import { DomainError } from '@trackable/api'

/** What is read, for the answer to whoever sends another. */
const ENCODINGS = ['gzip', 'deflate', 'identity'] as const
export type ContentEncoding = (typeof ENCODINGS)[number]

/**
 * zlib runs on the four threads of libuv, which files and DNS need too. Two of them unpack 500 MB a second, more than is
 * parsed in that time.
 */
const RUNNING_MAX = 2
/** Output buffers: one round trip to the thread pool for each, so that few are large and a small body costs a small one. */
const CHUNK_BYTES_MIN = 16 * 1024
const CHUNK_BYTES_MAX = 256 * 1024
/** Text packs to a tenth: a first buffer of this size mostly holds it all. */
const TYPICAL_RATIO = 10

/** Throws 415 for what is not read, two layers included: nobody sends them, and each would be a bomb inside a bomb. */
export function readContentEncoding(header: string | undefined): ContentEncoding {
  const name = header?.trim().toLowerCase() ?? ''
  if (name === '' || name === 'identity') return 'identity'
  // RFC 9110, 8.4.1.3: the two names mean the same.
  if (name === 'gzip' || name === 'x-gzip') return 'gzip'
  if (name === 'deflate') return 'deflate'
  throw new DomainError(
    'unsupported_media_type',
    `The content encoding "${name}" is not read. Send one of these: ${ENCODINGS.join(', ')}.`,
  )
}

/** Unpacks a whole body. Throws 413 as soon as it grows beyond `bytesMax`, 400 when it is damaged or cut off. */
export async function inflateBody(body: Buffer, encoding: ContentEncoding, bytesMax: number): Promise<Buffer> {
  if (encoding === 'identity') return body
  if (body.length === 0) throw damaged(encoding)
  await takeTurn()
  try {
    return await unpack(body, encoding, bytesMax)
  } finally {
    giveTurn()
  }
}

/** What zlib answers with `info`: the engine knows how much of the input it has used. */
interface Unpacked {
  buffer: Buffer
  engine: { bytesWritten: number }
}

type Unpack = (body: Buffer, options: ZlibOptions) => Promise<Unpacked>

// The types of Node know nothing of `info`.
const run = {
  gunzip: promisify(gunzip) as unknown as Unpack,
  inflate: promisify(inflate) as unknown as Unpack,
  inflateRaw: promisify(inflateRaw) as unknown as Unpack,
}

async function unpack(body: Buffer, encoding: 'gzip' | 'deflate', bytesMax: number): Promise<Buffer> {
  const method = encoding === 'gzip' ? 'gunzip' : hasZlibHeader(body) ? 'inflate' : 'inflateRaw'
  const chunkSize = Math.min(Math.max(body.length * TYPICAL_RATIO, CHUNK_BYTES_MIN), CHUNK_BYTES_MAX)
  try {
    const { buffer, engine } = await run[method](body, { maxOutputLength: bytesMax, chunkSize, info: true })
    // The members of a gzip follow one another and are all unpacked; what follows a deflate is dropped without a word.
    if (engine.bytesWritten !== body.length) throw damaged(encoding)
    return buffer
  } catch (cause) {
    if (cause instanceof DomainError) throw cause
    if (cause instanceof RangeError) throw tooLarge(bytesMax)
    throw damaged(encoding, cause)
  }
}

/** RFC 1950; HTTP's "deflate" is this, and still some send bare RFC 1951. The check sum tells them apart. */
export function hasZlibHeader(body: Buffer): boolean {
  const [method = 0, flags = 0] = body
  return (method & 0x0f) === 8 && ((method << 8) | flags) % 31 === 0
}

export const tooLarge = (bytesMax: number) =>
  new DomainError(
    'payload_too_large',
    `The body is larger than ${bytesMax} bytes once it is unpacked. Send it in several requests.`,
  )

export const damaged = (encoding: string, cause?: unknown) =>
  new DomainError('invalid_encoding', `The body is no complete ${encoding}, as its Content-Encoding says it is.`, {
    cause,
  })

let running = 0
const waiting: (() => void)[] = []

/** First come, first served. Who waits holds no more than the packed body, which readBody has counted and capped. */
function takeTurn(): Promise<void> | void {
  if (running < RUNNING_MAX) return void running++
  return new Promise((resolve) => waiting.push(resolve))
}

function giveTurn(): void {
  const next = waiting.shift()
  if (next) next()
  else running--
}
