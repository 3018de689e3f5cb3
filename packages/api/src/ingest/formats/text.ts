/** What the formats share that read text. */
import { DomainError } from '../../kernel/errors'

/** Fatal: Buffer.toString would silently replace what is not UTF-8. A byte order mark is skipped (RFC 8259, 8.1). */
const utf8 = new TextDecoder('utf-8', { fatal: true })

export function decodeUtf8(body: Uint8Array): string {
  try {
    return utf8.decode(body)
  } catch (cause) {
    throw notUtf8(cause)
  }
}

export const notUtf8 = (cause: unknown) =>
  new DomainError('invalid_encoding', 'The body is not valid UTF-8.', { cause })
