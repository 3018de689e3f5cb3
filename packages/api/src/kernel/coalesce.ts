/**
 * Sends at once, and then at most once in `intervalMs` for each key; what comes in between is merged and sent at the end
 * of the interval. So the first of a burst is not late, the last is not lost, and the burst costs little.
 */
export interface Coalescer<T> {
  push(key: string, value: T): void
  /** Sends what waits and forgets all timers. */
  close(): void
}

export function createCoalescer<T>(options: {
  intervalMs: number
  merge(earlier: T, later: T): T
  send(key: string, value: T): void
}): Coalescer<T> {
  const { intervalMs, merge, send } = options
  const open = new Map<string, { waiting: T | undefined; timer: NodeJS.Timeout }>()

  const start = (key: string) => {
    const timer = setTimeout(() => {
      const entry = open.get(key)
      open.delete(key)
      if (entry?.waiting === undefined) return
      start(key)
      send(key, entry.waiting)
    }, intervalMs)
    // A hint must not keep a process alive.
    timer.unref()
    open.set(key, { waiting: undefined, timer })
  }

  return {
    push(key, value) {
      const entry = open.get(key)
      if (entry) {
        entry.waiting = entry.waiting === undefined ? value : merge(entry.waiting, value)
        return
      }
      start(key)
      send(key, value)
    },
    close() {
      for (const [key, { waiting, timer }] of open) {
        clearTimeout(timer)
        if (waiting !== undefined) send(key, waiting)
      }
      open.clear()
    },
  }
}
