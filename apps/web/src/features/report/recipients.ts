import { EmailAddress, RECIPIENTS_MAX } from '@trackable/api/client'

/** Whatever separates addresses when a list is typed or pasted from a mail program: `Ann <ann@a.org>; bob@b.org`. */
export function splitAddresses(text: string): string[] {
  return text
    .split(/[,;\n\r\t]+/)
    .flatMap((part) => {
      const inBrackets = /<([^<>]*)>/.exec(part)
      return inBrackets ? [inBrackets[1] ?? ''] : part.split(/\s+/)
    })
    .map((address) => address.trim().toLowerCase())
    .filter((address) => address !== '')
}

/** The list with the new addresses at its end, each once; wrong ones too, so that they can be corrected in sight. */
export function addAddresses(list: readonly string[], text: string): string[] {
  return [...new Set([...list, ...splitAddresses(text)])]
}

export const isAddress = (address: string): boolean => EmailAddress.safeParse(address).success

/** What is wrong with a list of recipients, in a sentence; null when it can be saved. */
export function recipientsProblem(list: readonly string[]): string | null {
  const wrong = list.filter((address) => !isAddress(address))
  if (wrong.length === 1) return `${wrong[0]} is not an e-mail address. Remove it and enter it again.`
  if (wrong.length > 1) return `${wrong.length} of these are not e-mail addresses. Remove them and enter them again.`
  if (list.length === 0) return 'Enter at least one recipient.'
  if (list.length > RECIPIENTS_MAX) return `A report goes to at most ${RECIPIENTS_MAX} addresses.`
  return null
}
