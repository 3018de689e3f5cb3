/**
 * The bus carries hints between processes, never data: a message says that something changed, the reader reads it from
 * Postgres. Delivery is at most once; `onGap` fires after every reconnect and means "you may have missed something".
 */
export interface Bus {
  /** `text` is at most BUS_TEXT_BYTES_MAX bytes of UTF-8. Resolves when handed to the transport. */
  publish(topic: string, text: string): Promise<void>
  /** Returns the function that ends the subscription. The handler must not throw. */
  subscribe(topic: string, handler: (text: string) => void): () => void
  onGap(handler: () => void): () => void
  close(): Promise<void>
}

/** NOTIFY carries less than 8000 bytes, the topic and the envelope included. */
export const BUS_TEXT_BYTES_MAX = 7000

/** A topic is a short name of ours and holds no blank; a text that is too long is a bug of the publisher. */
export function assertBusText(topic: string, text: string): void {
  if (!/^[\w.:-]{1,200}$/.test(topic)) throw new Error(`"${topic}" is not a bus topic.`)
  const bytes = Buffer.byteLength(text)
  if (bytes > BUS_TEXT_BYTES_MAX) {
    throw new Error(
      `A bus text of ${bytes} bytes on ${topic}: at most ${BUS_TEXT_BYTES_MAX}. Publish a hint, not data.`,
    )
  }
}
