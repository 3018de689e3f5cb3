import { createHash, randomBytes, randomFillSync } from 'node:crypto'
import { generateRandomString, type RandomReader } from '@oslojs/crypto/random'
import { encodeBase64urlNoPadding } from '@oslojs/encoding'

const BASE36 = 'abcdefghijklmnopqrstuvwxyz0123456789'
const BASE62 = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${BASE36}`

const systemRandom: RandomReader = { read: (bytes) => void randomFillSync(bytes) }

/** Every character is equally likely: the library draws again instead of folding the range. */
const pick = (alphabet: string, length: number) => generateRandomString(systemRandom, alphabet, length)

export const customId = (length: number) => pick(BASE36, length)

/** 32 random bytes as text: session cookies, set-up links. Shown once, stored as `hashToken`. */
export const newToken = () => encodeBase64urlNoPadding(randomBytes(32))

/** What is stored of a token. A plain SHA-256 suffices because the token has 256 random bits to guess. */
export const hashToken = (token: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHash('sha256').update(token, 'utf8').digest())

/** `trk_live_` makes a leaked key easy to find by secret scanners. */
export const API_KEY_PREFIX = 'trk_live_'
/** 26 characters of base 62 are 154 bits, more than anybody guesses; six more tell a mistyped key from an unknown one. */
const KEY_RANDOM_CHARS = 26
const KEY_CHECKSUM_CHARS = 6

export function newApiKey(): string {
  const random = pick(BASE62, KEY_RANDOM_CHARS)
  return API_KEY_PREFIX + random + keyChecksum(random)
}

/** Says nothing about whether the key exists; only that it is complete and was typed correctly. */
export function hasKeyChecksum(key: string): boolean {
  const body = key.slice(API_KEY_PREFIX.length)
  if (!key.startsWith(API_KEY_PREFIX) || body.length !== KEY_RANDOM_CHARS + KEY_CHECKSUM_CHARS) return false
  return body.slice(KEY_RANDOM_CHARS) === keyChecksum(body.slice(0, KEY_RANDOM_CHARS))
}

/** 32 bits of SHA-256 in base 62: one mistyped key in four thousand million passes, and is then merely unknown. */
function keyChecksum(random: string): string {
  let rest = createHash('sha256').update(random).digest().readUInt32BE(0)
  let text = ''
  for (let i = 0; i < KEY_CHECKSUM_CHARS; i++) {
    text = BASE62.charAt(rest % BASE62.length) + text
    rest = Math.floor(rest / BASE62.length)
  }
  return text
}
