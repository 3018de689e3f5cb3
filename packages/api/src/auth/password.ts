import { hash, needsRehash, verify } from 'argon2'
import { DomainError } from '../kernel/errors'
import { PASSWORD_CHARS_MIN } from './schema'

/** Argon2id at OWASP's recommendation (Password Storage Cheat Sheet, 2025): 19 MiB, two passes, one lane. */
export const ARGON2_PARAMS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** Hashing runs in libuv's four threads, which files and name lookups need too; 19 MiB each also bounds the memory. */
const HASHES_AT_ONCE_MAX = 2
/** About two seconds of work. Beyond it an answer "later" is kinder than a queue that never empties. */
const HASHES_WAITING_MAX = 64

let running = 0
const waiting: (() => void)[] = []

async function withHashingSlot<T>(work: () => Promise<T>): Promise<T> {
  if (running >= HASHES_AT_ONCE_MAX) {
    if (waiting.length >= HASHES_WAITING_MAX) {
      throw new DomainError('overloaded', 'Too many people are signing in right now. Try again in a few seconds.', {
        retryAfterS: 3,
      })
    }
    // The one that ends hands its slot over, so `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else {
    running++
  }
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}

/** NIST 800-63B: the same password typed on another keyboard may arrive in another normal form. Nothing is cut off. */
const normalize = (password: string) => password.normalize('NFKC')

/** A PHC string: algorithm, parameters, a salt of its own, and the hash. */
export function hashPassword(password: string): Promise<string> {
  return withHashingSlot(() => hash(normalize(password), ARGON2_PARAMS))
}

/**
 * Compared with when there is no such account, so that the answer takes as long: today's parameters over a salt and a
 * hash that nobody's password has.
 */
const DUMMY_HASH = `$argon2id$v=19$m=${ARGON2_PARAMS.memoryCost},t=${ARGON2_PARAMS.timeCost},p=${ARGON2_PARAMS.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const isMatch = await withHashingSlot(() => verify(passwordHash ?? DUMMY_HASH, normalize(password)))
  return isMatch && passwordHash !== null
}

/** True when the parameters were raised since the hash was made; the next login has the password to do it again with. */
export const isHashOutdated = (passwordHash: string) => needsRehash(passwordHash, ARGON2_PARAMS)

/** Words that long passwords are padded with, after undoing the usual disguises (see `undisguise`). */
const COMMON_WORDS = [
  'password passwort motdepasse contrasena passord parola senha wachtwoord letmein welcome willkommen changeme change',
  'qwertyuiop qwertzuiop azertyuiop asdfghjkl yxcvbnm zxcvbnm qwerty qwertz azerty asdfgh asdf zxcvbn qazwsxedc qazwsx',
  'iloveyou loveyou sunshine princess football baseball basketball dragon monkey shadow master superman batman',
  'starwars pokemon michael jordan charlie jessica ashley liverpool arsenal chelsea barcelona whatever trustno',
  'administrator admin root user guest login test testing demo sample secret default temp temporary access server',
  'company summer winter spring autumn january february march april june july august september october november december',
  'monday tuesday wednesday thursday friday saturday sunday hello hallo computer internet google facebook samsung',
  'correcthorsebatterystaple abcdefghijklmnopqrstuvwxyz abcdef abcd abc onetwothree trackable kpi my the is new your this',
]
  .flatMap((line) => line.split(' '))
  .sort((a, b) => b.length - a.length)

/** What must be left of a password when everything guessable is taken out. */
const REMAINDER_CHARS_MIN = 4
const DISTINCT_CHARS_MIN = 5
/** Shorter names occur inside honest words: "Al" in "also". */
const OWN_WORD_CHARS_MIN = 4

const DISGUISES: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
}
const lettersOf = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
const undisguise = (text: string) => [...text.toLowerCase()].map((c) => DISGUISES[c] ?? c).join('')

/**
 * Refuses what guessing tools try first. Needs no network and no large list, and is no substitute for one: it knows
 * patterns (repeats, runs, keyboard rows), common words with digits around them, and what is near at hand (`ownWords`:
 * the e-mail's name, the person's, the team's). It does not know which passwords have leaked.
 */
export function assertPasswordStrong(password: string, ownWords: readonly string[]): void {
  const reason = findWeakness(password, ownWords)
  if (reason) {
    throw new DomainError('password_too_weak', reason, {
      errors: [{ pointer: '/password', code: 'password_too_weak', detail: reason }],
    })
  }
}

export function findWeakness(password: string, ownWords: readonly string[]): string | null {
  const chars = [...normalize(password)]
  // Schemas count UTF-16 units; six emoji are twelve of those, and six choices.
  if (chars.length < PASSWORD_CHARS_MIN) return `Use at least ${PASSWORD_CHARS_MIN} characters.`
  if (new Set(chars).size < DISTINCT_CHARS_MIN) return 'This password repeats very few characters. Use several words.'
  if (isRepeated(chars)) return 'This password is one short piece repeated. Use several different words.'
  if (isMostlyRuns(chars)) return 'This password is a run such as 123456 or abcdef. Use several words.'
  const plain = lettersOf(password)
  for (const word of [...ownWords, 'trackable'].map(lettersOf)) {
    if (word.length >= OWN_WORD_CHARS_MIN && plain.includes(word))
      return `Leave "${word}" out of your password: it is easily guessed.`
  }
  if (isCommon(password))
    return 'This is among the first passwords that guessing tools try. Use several unrelated words.'
  return null
}

function isRepeated(chars: readonly string[]): boolean {
  const text = chars.join('').toLowerCase()
  for (let size = 1; size <= text.length / 2; size++) {
    const piece = text.slice(0, size)
    if (piece.repeat(Math.ceil(text.length / size)).startsWith(text)) return true
  }
  return false
}

/** A step of +1 or -1 between neighbours (a run), or of 0; a password of little else carries no choice. */
function isMostlyRuns(chars: readonly string[]): boolean {
  const codes = chars.map((c) => c.toLowerCase().codePointAt(0) ?? 0)
  const steps = codes.slice(1).map((code, i) => code - (codes[i] ?? 0))
  const predictable = steps.filter(
    (step, i) => Math.abs(step) <= 1 && (i === 0 || step === steps[i - 1] || step === 0),
  ).length
  // 9 is followed by 0 on every keyboard, and a run may end in a sign or two.
  return predictable >= steps.length - 3
}

function isCommon(password: string): boolean {
  let left = undisguise(password)
  const before = left
  for (const word of COMMON_WORDS) left = left.replaceAll(word, ' ')
  if (left === before) return false
  // Digits are compared as they were typed: undisguising turned some of them into letters.
  const digitsAsLetters = /[oieast]*/
  const remainder = left
    .replaceAll(/[^\p{L}]/gu, ' ')
    .split(' ')
    .filter((part) => part.replace(digitsAsLetters, '').length > 0)
  return remainder.join('').length < REMAINDER_CHARS_MIN
}
