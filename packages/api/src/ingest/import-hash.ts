import { IMPORT_LIMITS } from './schema-import'

/** SHA-256. */
export type Digest = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array> | Uint8Array

const subtleDigest: Digest = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))

/**
 * What a file is known by: SHA-256 over the SHA-256 digests of its consecutive slices of `hashSliceBytes`, in lower-case
 * hex. In slices, because neither a browser nor a server should hold a file of 1 GB at once. `read(from, to)` gives the
 * bytes of the half-open range. `digest` is for pages that came over plain http, where browsers have no `crypto.subtle`.
 */
export async function hashImportFile(
  fileBytes: number,
  read: (from: number, to: number) => Promise<Uint8Array<ArrayBuffer> | ArrayBuffer>,
  options: { onProgress?: (bytesDone: number) => void; digest?: Digest } = {},
): Promise<string> {
  const { onProgress, digest = subtleDigest } = options
  const { hashSliceBytes } = IMPORT_LIMITS
  const digests = new Uint8Array(Math.ceil(fileBytes / hashSliceBytes) * 32)
  for (let from = 0, i = 0; from < fileBytes; from += hashSliceBytes, i++) {
    const to = Math.min(fileBytes, from + hashSliceBytes)
    digests.set(await digest(new Uint8Array(await read(from, to))), i * 32)
    onProgress?.(to)
  }
  const hash = await digest(digests)
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
