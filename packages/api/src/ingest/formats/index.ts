/**
 * The formats of `POST /api/v1/ingest`. A new one is a file beside this one and a line in the table.
 */
import type { ParsedPoints } from '../columns'
import { parseJson } from './json'

/** Whole body in, columns out. Throws a DomainError when the body as a whole cannot be read. `now` is epoch ms. */
export type ParseFormat = (body: Uint8Array, now: number) => ParsedPoints

const FORMATS = new Map<string, ParseFormat>([['application/json', parseJson]])

export const CONTENT_TYPES: readonly string[] = [...FORMATS.keys()]

/** Null for a content type that is not read, or one in another charset than UTF-8. */
export function findFormat(contentType: string | undefined): ParseFormat | null {
  // The usual spelling, before anything is taken apart.
  const exact = FORMATS.get(contentType ?? '')
  if (exact) return exact
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';')
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith('charset='))
  if (charset && !/^charset="?utf-?8"?$/.test(charset)) return null
  return FORMATS.get(type.trim()) ?? null
}
