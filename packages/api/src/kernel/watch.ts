import type { Bus } from './bus'
import { createCoalescer } from './coalesce'

export interface WatchOptions<T> {
  bus: Bus
  topic: string
  signal: AbortSignal | undefined
  /** At most one value in this time, the first at once. */
  intervalMs: number
  parse(text: string): T
  merge(earlier: T, later: T): T
  /** What is told when messages may have been lost; undefined when there is nothing to say. */
  onGap?: () => T
}

/**
 * What is published on a topic, as an iterator for one subscriber. It listens from the call on and not from the first
 * `next()`, so that nothing falls between a snapshot and the first wait. One value waits at most: a subscriber that
 * does not keep up gets them merged. Ends at once, and listens no more, on abort and on `return()`.
 */
export function watch<T>(options: WatchOptions<T>): AsyncIterableIterator<T> {
  const { bus, topic, signal, parse, merge, onGap } = options
  let ready: T | undefined
  let wake: (() => void) | undefined
  let isOver = false

  const coalescer = createCoalescer<T>({
    intervalMs: options.intervalMs,
    merge,
    send: (_, value) => {
      ready = ready === undefined ? value : merge(ready, value)
      wake?.()
    },
  })
  const stops = [bus.subscribe(topic, (text) => coalescer.push(topic, parse(text)))]
  if (onGap) stops.push(bus.onGap(() => coalescer.push(topic, onGap())))

  const end = () => {
    if (isOver) return
    isOver = true
    for (const stop of stops) stop()
    coalescer.close()
    signal?.removeEventListener('abort', end)
    wake?.()
  }
  if (signal?.aborted) end()
  else signal?.addEventListener('abort', end, { once: true })

  return {
    async next() {
      while (!isOver && ready === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      if (isOver || ready === undefined) return { done: true, value: undefined }
      const value = ready
      ready = undefined
      return { done: false, value }
    },
    async return() {
      end()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
