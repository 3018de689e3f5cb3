/** Numbers and timestamps of line protocol, read from the middle of a text without cutting it up. */

const MINUS = 45
const PLUS = 43
const DOT = 46
const SMALL_I = 105
const SMALL_U = 117

/** Powers of ten that a 64-bit float holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, power) => 10 ** power)
/** So many digits are below 2^53: their integer, and its quotient by an exact power of ten, is the nearest float (Clinger 1990). */
const EXACT_DIGITS = 15
const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n
const UINT64_MAX = 2n ** 64n - 1n

const BOOLEANS = new Map([
  ...['t', 'T', 'true', 'True', 'TRUE'].map((word) => [word, 1] as const),
  ...['f', 'F', 'false', 'False', 'FALSE'].map((word) => [word, 0] as const),
])
const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/**
 * The value between two places: a float, an integer (`3i`), an unsigned one (`3u`), or a boolean as 1 or 0. NaN when it
 * is none of them, and an infinity when it is beyond its range.
 */
export function readFieldValue(text: string, from: number, to: number): number {
  let at = from
  let code = text.charCodeAt(at)
  const isNegative = code === MINUS
  if (isNegative || code === PLUS) code = text.charCodeAt(++at)
  const start = at
  let digits = 0
  let scale = 0
  while (at < to && code >= 48 && code <= 57) {
    digits = digits * 10 + code - 48
    code = text.charCodeAt(++at)
  }
  let count = at - start
  if (at < to && code === DOT) {
    const dot = at
    code = text.charCodeAt(++at)
    while (at < to && code >= 48 && code <= 57) {
      digits = digits * 10 + code - 48
      code = text.charCodeAt(++at)
    }
    scale = at - dot - 1
    count += scale
  } else if (at === to - 1 && count > 0 && (code === SMALL_I || code === SMALL_U)) {
    return readInteger(text, from, at, code === SMALL_U)
  }
  if (at === to && count > 0 && count <= EXACT_DIGITS) {
    const size = digits / (POWERS[scale] as number)
    return isNegative ? -size : size
  }
  return readSlowly(text.slice(from, to))
}

/** InfluxDB refuses what does not fit its 64 bits; what is beyond 2^53 is rounded like every other number here. */
function readInteger(text: string, from: number, to: number, isUnsigned: boolean): number {
  const word = text.slice(from, to)
  const value = Number(word)
  if (isUnsigned && text.charCodeAt(from) === MINUS) return Number.NaN
  // As a float, the last integer that fits and the first that does not are the same number.
  const fits = to - from <= EXACT_DIGITS || isWithin(BigInt(word), isUnsigned)
  return fits ? value : Number.POSITIVE_INFINITY
}

const isWithin = (value: bigint, isUnsigned: boolean) =>
  isUnsigned ? value <= UINT64_MAX : value >= INT64_MIN && value <= INT64_MAX

function readSlowly(word: string): number {
  if (FLOAT.test(word)) return Number(word)
  return BOOLEANS.get(word) ?? Number.NaN
}

/** The unit of timestamps; `auto` tells it by the size (see timestamp.ts). */
export const PRECISIONS = ['auto', 'ns', 'us', 'ms', 's', 'm', 'h'] as const
export type Precision = (typeof PRECISIONS)[number]

const MICROS: Record<Exclude<Precision, 'auto' | 'ns'>, number> = { us: 1, ms: 1e3, s: 1e6, m: 6e7, h: 3.6e9 }

/** Epoch ms with microseconds as the fraction; NaN when the text is no integer. What is finer is cut off. */
export function readLineTimestamp(text: string, from: number, to: number, precision: Precision): number {
  const isNegative = text.charCodeAt(from) === MINUS
  const start = isNegative ? from + 1 : from
  const count = to - start
  // Nanoseconds of our time have 19 digits, which no float holds: the last three are left away before, not after.
  const unit = precision === 'auto' ? unitOf(text, start, count) : precision
  let number = 0
  for (let at = start; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) return Number.NaN
    if (unit !== 'ns' || at < to - 3) number = number * 10 + code - 48
  }
  if (count === 0) return Number.NaN
  const micros = unit === 'ns' ? number : number * MICROS[unit]
  // What was cut off must not make a time before 1970 one of 1970.
  return (isNegative ? -Math.max(micros, 1) : micros) / 1000
}

/** As InfluxDB 3 reads them: below 5e9 seconds, below 5e12 milliseconds, below 5e15 microseconds, else nanoseconds. */
function unitOf(text: string, from: number, count: number): Exclude<Precision, 'auto'> {
  const isSmall = count > 0 && text.charCodeAt(from) < 53
  if (count < 10 || (count === 10 && isSmall)) return 's'
  if (count < 13 || (count === 13 && isSmall)) return 'ms'
  if (count < 16 || (count === 16 && isSmall)) return 'us'
  return 'ns'
}
