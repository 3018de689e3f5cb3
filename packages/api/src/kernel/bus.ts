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
