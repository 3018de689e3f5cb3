/**
 * Postgres stores no U+0000 in a text and no half of a surrogate pair in JSON (22021, 22P05), and the driver would turn
 * the latter into U+FFFD elsewhere. Both are looked for in one place, so that no schema can forget them.
 */
export const UNSTORABLE = /[\0\p{Surrogate}]/u

interface Place {
  value: unknown
  key: string
  parent: Place | null
}

/** The path of a text (or a field's name) that cannot be stored, null when there is none. `input` is what a decoder made. */
export function findUnstorable(input: unknown): string[] | null {
  // A list instead of recursion, and each object once: the decoder builds what it is told, however deep, and loops too.
  const open: Place[] = [{ value: input, key: '', parent: null }]
  const seen = new Set<object>()
  for (let place = open.pop(); place; place = open.pop()) {
    const { value } = place
    if (typeof value === 'string' && UNSTORABLE.test(value)) return pathOf(place)
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    seen.add(value)
    for (const [key, child] of Object.entries(value)) {
      const inside: Place = { value: child, key, parent: place }
      if (UNSTORABLE.test(key)) return pathOf(inside)
      if (typeof child === 'string' || typeof child === 'object') open.push(inside)
    }
  }
  return null
}

function pathOf(place: Place): string[] {
  const path: string[] = []
  for (let at = place; at.parent; at = at.parent) path.push(at.key)
  return path.reverse()
}
