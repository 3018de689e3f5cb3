export type DeltaDirection = 'up' | 'down' | 'flat'
export type DeltaTone = 'good' | 'bad' | 'neutral'

/** What a delta chip shows: a text with its sign, where the number went, and whether that is welcome. */
export interface Delta {
  text: string
  direction: DeltaDirection
  tone: DeltaTone
}

export interface DeltaOptions {
  /** For reply times, error rates and churn, where a falling number is good news. */
  lowerIsBetter?: boolean
  locale?: string
  /** Formats the absolute difference (always positive) instead of the relative one, such as `6 min`. */
  format?: (difference: number) => string
}

/**
 * Compares a number with its predecessor. `null` when there is nothing to say: one of them is missing, or the change is
 * relative to zero. A change that rounds to 0.0 % is flat, so that the arrow never contradicts the text.
 */
export function formatDelta(
  current: number | null,
  previous: number | null,
  { lowerIsBetter = false, locale, format }: DeltaOptions = {},
): Delta | null {
  if (current === null || previous === null || !Number.isFinite(current) || !Number.isFinite(previous)) return null
  const difference = current - previous
  if (format) return toDelta(difference, format(Math.abs(difference)), lowerIsBetter)
  if (previous === 0) return current === 0 ? { text: percent(0, locale), direction: 'flat', tone: 'neutral' } : null
  const tenths = Math.round((difference / Math.abs(previous)) * 1000)
  return toDelta(tenths, percent(Math.abs(tenths) / 1000, locale), lowerIsBetter)
}

function toDelta(change: number, amount: string, lowerIsBetter: boolean): Delta {
  if (change === 0) return { text: amount, direction: 'flat', tone: 'neutral' }
  const isGood = change > 0 !== lowerIsBetter
  // U+2212 is as wide as the plus sign, a hyphen is not.
  return {
    text: `${change > 0 ? '+' : '\u2212'}${amount}`,
    direction: change > 0 ? 'up' : 'down',
    tone: isGood ? 'good' : 'bad',
  }
}

function percent(ratio: number, locale: string | undefined): string {
  const digits = ratio >= 10 ? 0 : 1
  return new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(ratio)
}
