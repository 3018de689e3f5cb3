import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { PictureRequest, WorkerAnswer } from './protocol'
import { bundleWorker } from './worker-source'

export type { PictureRequest } from './protocol'

export interface Picture {
  id: string
  png: Buffer<ArrayBuffer>
  /** The vector form of the same picture. */
  svg: string
}

export interface PictureRenderer {
  /** Draws in order; all or nothing. Rejects with a `PictureError` that names the widget which could not be drawn. */
  renderPictures(requests: readonly PictureRequest[]): Promise<Picture[]>
  close(): Promise<void>
}

export interface PictureRendererOptions {
  /** Where the worker's code is. Default: `render-worker.mjs` beside the bundle, or the source in development and tests. */
  workerUrl?: URL
  /** Longest time for one picture, the start of the worker included. */
  timeoutMs?: number
  /** How long an unused worker is kept. */
  idleMs?: number
}

/** A widget that could not be drawn. The message names it and is safe to show. */
export class PictureError extends Error {
  override readonly name = 'PictureError'
  readonly widgetId: string
  /** Whether the worker failed and not the chart: then the same widget may well be drawn next time. */
  readonly isRendererFailure: boolean

  constructor(request: PictureRequest, reason: string, isRendererFailure = true) {
    super(`The widget "${request.title}" (${request.id}) could not be drawn: ${reason}`)
    this.widgetId = request.id
    this.isRendererFailure = isRendererFailure
  }
}

const TIMEOUT_MS = 30_000
const IDLE_MS = 10_000
/** The rasteriser's native memory is invisible to the garbage collector and grows by about 1.5 MB a picture. */
const PICTURES_PER_WORKER = 60

/** The bundle beside the server, or from source a bundle made once per process. */
const findWorker = (() => {
  let found: URL | undefined
  return (): URL => {
    if (found) return found
    const bundled = new URL('./render-worker.mjs', import.meta.url)
    found = existsSync(fileURLToPath(bundled)) ? bundled : bundleWorker()
    return found
  }
})()

/** Asks the worker for one picture. Whatever ends the worker first settles the promise. */
function drawOne(worker: Worker, request: PictureRequest, timeoutMs: number): Promise<Picture> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      clearTimeout(timer)
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      outcome()
    }
    const fail = (reason: string) => settle(() => reject(new PictureError(request, reason)))
    const onMessage = (answer: WorkerAnswer) => {
      if (!answer.isDrawn) return settle(() => reject(new PictureError(request, answer.reason, false)))
      settle(() => resolve({ id: request.id, png: Buffer.from(answer.png.buffer), svg: answer.svg }))
    }
    const onError = (error: Error) => fail(`the renderer crashed (${error.message})`)
    const onExit = (code: number) => fail(`the renderer ended (exit code ${code})`)
    const timer = setTimeout(() => fail(`it took longer than ${timeoutMs / 1000} s`), timeoutMs)
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    worker.postMessage(request)
  })
}

/**
 * Draws charts to PNG in one worker thread. Reports wait for each other, which keeps the memory of a night of reports at
 * that of one; the worker ends when it was idle, after sixty pictures, and after any failure.
 */
export function createPictureRenderer(options: PictureRendererOptions = {}): PictureRenderer {
  const { timeoutMs = TIMEOUT_MS, idleMs = IDLE_MS } = options
  let worker: Worker | null = null
  let drawnCount = 0
  let idleTimer: NodeJS.Timeout | undefined
  let queue: Promise<unknown> = Promise.resolve()
  let isClosed = false

  function takeWorker(): Worker {
    if (worker) return worker
    const started = new Worker(options.workerUrl ?? findWorker())
    // Between two reports nobody else listens, and an unheard `error` event would end the whole process.
    started.on('error', () => undefined)
    started.on('exit', () => {
      if (worker === started) worker = null
    })
    worker = started
    return started
  }

  async function endWorker(): Promise<void> {
    const ending = worker
    worker = null
    drawnCount = 0
    await ending?.terminate()
  }

  async function renderBatch(requests: readonly PictureRequest[]): Promise<Picture[]> {
    if (isClosed) throw new Error('The picture renderer is closed.')
    clearTimeout(idleTimer)
    const pictures: Picture[] = []
    try {
      for (const request of requests) {
        if (drawnCount >= PICTURES_PER_WORKER) await endWorker()
        const drawing = takeWorker()
        drawing.ref()
        pictures.push(await drawOne(drawing, request, timeoutMs))
        drawnCount += 1
      }
    } catch (error) {
      // A worker that failed once is in an unknown state.
      await endWorker()
      throw error
    }
    // An idle worker keeps no process alive.
    worker?.unref()
    idleTimer = setTimeout(endWorker, idleMs)
    idleTimer.unref()
    return pictures
  }

  return {
    renderPictures(requests) {
      const batch = queue.then(() => renderBatch(requests))
      // The next report does not fail because this one did.
      queue = batch.catch(() => undefined)
      return batch
    },
    async close() {
      isClosed = true
      clearTimeout(idleTimer)
      await queue
      await endWorker()
    },
  }
}
