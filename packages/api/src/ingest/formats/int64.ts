/** 64 bits as the protobuf decoder gives them: a number, or two halves of 32 bits. */
export type Int64 = number | { low: number; high: number; toNumber(): number; toString(): string }

/** Beyond 2^53 rounded to the next float64, like every number here. */
export const toInteger = (value: Int64): number => (typeof value === 'number' ? value : value.toNumber())

const UINT32 = 4_294_967_296

/**
 * Nanoseconds to epoch ms with microseconds as the fraction; what is finer is cut off. A float64 of nanoseconds would be
 * wrong by up to 128 of them, so the two halves are divided one after the other.
 */
export function nanosToMs(nanos: Int64): number {
  if (typeof nanos === 'number') return Math.floor(nanos / 1000) / 1000
  const high = nanos.high >>> 0
  const micros = Math.floor(high / 1000) * UINT32 + Math.floor(((high % 1000) * UINT32 + (nanos.low >>> 0)) / 1000)
  return micros / 1000
}
