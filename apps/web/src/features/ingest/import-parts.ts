import type { ImportRun } from '@trackable/api/client'

/** What one request carries; the server takes up to twice as much. */
export const PART_BYTES = 2 * 1024 * 1024
/** A server that restarts is back within half a minute. */
const RETRIES_MAX = 6
const RETRY_MS = 1_000
const RETRY_MS_MAX = 15_000

/** Why a part was not taken. */
export class PartError extends Error {
  readonly status: number | null
  readonly requestId: string | undefined
  readonly retryAfterMs: number | null

  constructor(message: string, status: number | null, requestId?: string, retryAfterMs: number | null = null) {
    super(message)
    this.status = status
    this.requestId = requestId
    this.retryAfterMs = retryAfterMs
  }

  /** Asking again can help: no answer came, or the server said that it is busy or at fault. */
  get isTransient(): boolean {
    return this.status === null || this.status === 429 || this.status >= 500
  }
}

export interface SendPartsOptions {
  run: ImportRun
  file: Blob
  signal: AbortSignal
  onRun: (run: ImportRun) => void
  send?: typeof sendPart
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

/**
 * Sends a file from where its run stands, part by part, until it is over. A slice of a file is read from the disk when it
 * is sent, so a file of any size takes the memory of one part. Rejects with the signal's reason, and with a PartError when
 * the server refuses or stays away.
 */
export async function sendParts(options: SendPartsOptions): Promise<ImportRun> {
  const { file, signal, onRun, send = sendPart, wait = sleep } = options
  let { run } = options
  let failures = 0
  while (run.status === 'running') {
    signal.throwIfAborted()
    const offset = run.bytesDone
    try {
      run = await send(run.id, offset, file.slice(offset, offset + PART_BYTES), signal)
      failures = 0
      onRun(run)
    } catch (error) {
      if (signal.aborted || !(error instanceof PartError) || !error.isTransient || ++failures > RETRIES_MAX) throw error
      await wait(error.retryAfterMs ?? Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MS_MAX), signal)
    }
  }
  return run
}

async function sendPart(importId: string, offset: number, part: Blob, signal: AbortSignal): Promise<ImportRun> {
  const url = `/api/imports/${encodeURIComponent(importId)}/parts?offset=${offset}`
  const headers = { 'content-type': 'application/octet-stream' }
  const response = await fetch(url, { method: 'POST', headers, body: part, signal }).catch((cause: unknown) => {
    if (signal.aborted) throw cause
    throw new PartError('The server could not be reached.', null)
  })
  if (response.ok) return (await response.json()) as ImportRun
  const problem = (await response.json().catch(() => ({}))) as { detail?: string; requestId?: string }
  const retryAfterS = Number(response.headers.get('retry-after') ?? Number.NaN)
  throw new PartError(
    problem.detail ?? `The server answered ${response.status}.`,
    response.status,
    problem.requestId,
    Number.isFinite(retryAfterS) ? retryAfterS * 1_000 : null,
  )
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    })
  })
}
