import type { Logger } from 'pino'
import { assertBusText, type Bus } from './bus'

/**
 * The bus of a single process, and of tests. Delivers after the publisher's turn, as a real transport does, so that no
 * code comes to rely on a handler having run when `publish` returns.
 */
export function createMemoryBus(options: { log?: Logger } = {}): Bus & { breakOnce(): void } {
  const topics = new Topics(options.log)
  let isClosed = false
  return {
    async publish(topic, text) {
      assertBusText(topic, text)
      if (!isClosed) setImmediate(() => topics.deliver(topic, text))
    },
    subscribe: (topic, handler) => topics.subscribe(topic, handler),
    onGap: (handler) => topics.onGap(handler),
    /** For tests: what subscribers see when a real transport lost its connection for a moment. */
    breakOnce: () => topics.reportGap(),
    async close() {
      isClosed = true
      topics.clear()
    },
  }
}

/** Who listens to what; the part that all transports share. */
export class Topics {
  readonly #handlers = new Map<string, Set<(text: string) => void>>()
  readonly #gapHandlers = new Set<() => void>()

  constructor(readonly log: Logger | undefined) {}

  subscribe(topic: string, handler: (text: string) => void): () => void {
    const handlers = this.#handlers.get(topic) ?? new Set()
    this.#handlers.set(topic, handlers)
    // Wrapped, so that the same function subscribed twice is two subscriptions with an end each.
    const own = (text: string) => handler(text)
    handlers.add(own)
    return () => {
      handlers.delete(own)
      if (handlers.size === 0 && this.#handlers.get(topic) === handlers) this.#handlers.delete(topic)
    }
  }

  onGap(handler: () => void): () => void {
    const own = () => handler()
    this.#gapHandlers.add(own)
    return () => this.#gapHandlers.delete(own)
  }

  deliver(topic: string, text: string): void {
    for (const handler of [...(this.#handlers.get(topic) ?? [])]) this.#guard(() => handler(text))
  }

  reportGap(): void {
    for (const handler of [...this.#gapHandlers]) this.#guard(handler)
  }

  clear(): void {
    this.#handlers.clear()
    this.#gapHandlers.clear()
  }

  /** One subscriber's bug must not cost the others their message, nor the process its life. */
  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.log?.error({ err: error }, 'a bus handler threw')
    }
  }
}
