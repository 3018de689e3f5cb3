import type { Digest } from '@trackable/api/client'

const SAMPLE_BYTES = 64 * 1024

/** The first bytes of a file, for the preview. */
export interface FileSample {
  base64: string
  /** As UTF-8, whatever it is: enough to find the signs between columns. */
  text: string
  isWhole: boolean
}

export async function readSample(file: Blob): Promise<FileSample> {
  const bytes = new Uint8Array(await file.slice(0, SAMPLE_BYTES).arrayBuffer())
  let binary = ''
  // In pieces: a call takes some ten thousand arguments at most.
  for (let i = 0; i < bytes.length; i += 8_192) binary += String.fromCharCode(...bytes.subarray(i, i + 8_192))
  return { base64: btoa(binary), text: new TextDecoder().decode(bytes), isWhole: file.size <= SAMPLE_BYTES }
}

/** What the server knows a file by. Rejects when the file cannot be read any more, such as after it was changed. */
export async function hashFile(file: Blob, onProgress: (share: number) => void): Promise<string> {
  const { hashImportFile } = await import('@trackable/api/client')
  const read = (from: number, to: number) => file.slice(from, to).arrayBuffer()
  // Over plain http, except on localhost, browsers keep their own SHA-256 to themselves.
  const digest: Digest | undefined = crypto.subtle ? undefined : await loadDigest()
  return hashImportFile(file.size, read, { digest, onProgress: (done) => onProgress(done / file.size) })
}

async function loadDigest(): Promise<Digest> {
  const { default: sha256 } = await import('fast-sha256')
  return async (bytes) => {
    // Some 40 ms of work for each slice: the page may draw and answer in between.
    await new Promise((resolve) => setTimeout(resolve))
    return sha256(bytes)
  }
}

/** Files of runs that this page began, so that going to the run's own page need not ask for them again. */
const files = new Map<string, File>()
export const keepFile = (importId: string, file: File) => files.set(importId, file)
export const findFile = (importId: string): File | undefined => files.get(importId)
