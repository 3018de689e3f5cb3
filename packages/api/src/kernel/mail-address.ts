/**
 * What may stand in a mail header. Names and subjects come from people and metric names from machines: neither may end
 * a header line, and an address must be exactly one.
 */
import { MailError } from './mail'

/** One plain mailbox: no list, no display name, no comment, no quoting; what the forms of the product accept. */
const ADDRESS = /^[^\s@<>()[\]\\,;:"\p{Cc}]+@[^\s@<>()[\]\\,;:"\p{Cc}]+$/u
const MAILBOX = /^\s*"?([^"<>]*?)"?\s*<([^<>]+)>\s*$/

export interface Mailbox {
  name: string
  address: string
}

/** The address as it is, or a permanent failure: what is not one address must not reach a server as two. */
export function plainAddress(text: string): string {
  if (text.length <= 254 && ADDRESS.test(text)) return text
  throw new MailError('This is not one plain e-mail address.', true)
}

/** `Trackable <reports@example.org>` or a bare address. */
export function parseMailbox(text: string): Mailbox {
  const match = MAILBOX.exec(text)
  if (!match) return { name: '', address: plainAddress(text.trim()) }
  return { name: headerText(match[1] ?? ''), address: plainAddress((match[2] ?? '').trim()) }
}

/** Text on one line: control characters (line ends first of all) and runs of spaces become one space. */
export function headerText(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
}

/** Header values on one line. Names are ours, and are checked because a wrong one would break every mail. */
export function plainHeaders(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (!/^[A-Za-z0-9-]+$/.test(name))
        throw new MailError(`The header name ${JSON.stringify(name)} is not valid.`, true)
      return [name, headerText(value)]
    }),
  )
}
