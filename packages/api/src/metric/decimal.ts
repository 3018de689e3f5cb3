/** Sums of decimal texts without rounding, as PostgreSQL writes its numeric: digits, at most one point, no exponent. */
export interface DecimalSum {
  add(text: string): DecimalSum
  /** The nearest float64; infinite beyond them. */
  toNumber(): number
  toString(): string
}

export const decimalSum = (): DecimalSum => sumOf(0n, 0)

/** The sum is `digits / 10^scale`. */
function sumOf(digits: bigint, scale: number): DecimalSum {
  const toText = () => {
    if (scale === 0) return digits.toString()
    const isNegative = digits < 0n
    const text = (isNegative ? -digits : digits).toString().padStart(scale + 1, '0')
    return `${isNegative ? '-' : ''}${text.slice(0, -scale)}.${text.slice(-scale)}`
  }
  return {
    add(text) {
      const [whole = '0', fraction = ''] = text.split('.')
      const more = BigInt(whole + fraction)
      const wide = Math.max(scale, fraction.length)
      const widen = (value: bigint, from: number) => (from === wide ? value : value * 10n ** BigInt(wide - from))
      return sumOf(widen(digits, scale) + widen(more, fraction.length), wide)
    },
    toNumber: () => Number(toText()),
    toString: toText,
  }
}
