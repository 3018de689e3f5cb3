/** How many person colours theme.css has (`--person-1` and so on). */
export const PERSON_COLORS = 6

/** One or two capital letters for a name or an e-mail address: first letter of the first and of the last word. */
export function initials(name: string): string {
  const local = name.includes('@') && !name.includes(' ') ? name.slice(0, name.indexOf('@')) : name
  const words = local.split(/[\s._-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const first = firstLetter(words[0])
  const last = words.length > 1 ? firstLetter(words[words.length - 1]) : ''
  return first + last || '?'
}

/**
 * The number of the colour that a person has everywhere, 1 to 6. FNV-1a over the id: the same in every browser and on the
 * server, and spread enough for ids that share a prefix.
 */
export function personColor(id: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0
  }
  // The last shift makes the mixed bits unsigned again; a negative remainder would name no colour.
  return (((hash ^ (hash >>> 16)) >>> 0) % PERSON_COLORS) + 1
}

function firstLetter(word: string | undefined): string {
  const match = word?.match(/[\p{L}\p{N}]/u)
  return match ? match[0].toLocaleUpperCase() : ''
}
