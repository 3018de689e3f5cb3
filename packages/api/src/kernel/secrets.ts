import { createHash, randomBytes, randomInt } from 'node:crypto'
import { encodeBase64urlNoPadding } from '@oslojs/encoding'

const BASE36 = 'abcdefghijklmnopqrstuvwxyz0123456789'
const BASE62 = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${BASE36}`

const pick = (alphabet: string, length: number) =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')

export const customId = (length: number) => pick(BASE36, length)

/** 32 random bytes as text: session cookies, set-up links. Shown once, stored as `hashToken`. */
export const newToken = () => encodeBase64urlNoPadding(randomBytes(32))

/** What is stored of a token. A plain SHA-256 suffices because the token has 256 random bits to guess. */
export const hashToken = (token: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHash('sha256').update(token, 'utf8').digest())

/** `trk_live_` makes a leaked key easy to find by secret scanners; 32 characters of base 62 are 190 bits. */
export const API_KEY_PREFIX = 'trk_live_'
export const newApiKey = () => API_KEY_PREFIX + pick(BASE62, 32)
