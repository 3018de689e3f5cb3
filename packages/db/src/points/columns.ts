/**
 * Points as columns. Past the parser there is never an object per point.
 *
 * `ts` is epoch milliseconds with microseconds as the fraction, in a float64. It is what every parser already holds, it
 * costs no BigInt per point (reading one back from a BigInt64Array allocates), and the 53 bits keep whole microseconds
 * exact until the year 2255 and whole milliseconds for any year from 1 to 4253.
 */
export interface PointColumns {
  length: number
  productId: Int32Array
  seriesId: Int32Array
  ts: Float64Array
  /** Part of the key: generated (> 0), derived from the client's own id (< 0), or 0 where the protocol overwrites. */
  id: BigInt64Array
  value: Float64Array
}

export function allocatePointColumns(length: number): PointColumns {
  return {
    length,
    productId: new Int32Array(length),
    seriesId: new Int32Array(length),
    ts: new Float64Array(length),
    id: new BigInt64Array(length),
    value: new Float64Array(length),
  }
}

/** Rounded, not cut: the fraction of a float64 may lie a hair below the microsecond it stands for. */
export function toMicros(ms: number): number {
  return Math.round(ms * 1000)
}
