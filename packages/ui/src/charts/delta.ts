import { formatShort } from './format'
import type { Delta, WidgetFormat } from './types'

/** Above this a percentage is noise; a factor says it in fewer characters. */
const FACTOR_FROM = 9.995

function signed(value: number, text: string): string {
  if (value > 0) return `+${text}`
  return value < 0 ? `\u2212${text}` : text
}

function deltaText(absolute: number, percent: number | null, format: WidgetFormat, locale: string): string {
  if (format.unit === 'percent') {
    const points = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(Math.abs(absolute))
    return `${signed(absolute, points)}\u00a0pp`
  }
  const isDuration = format.unit === 'duration_ms' || format.unit === 'duration_s'
  if (percent === null || isDuration) return signed(absolute, formatShort(Math.abs(absolute), format, locale))
  if (percent >= FACTOR_FROM)
    return `\u00d7${new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 0 }).format(percent + 1)}`
  const text = new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })
  return signed(percent, text.format(Math.abs(percent)))
}

/**
 * Difference of a value to the previous period, or null when either is missing. There is no percentage of a previous
 * zero or negative value: the absolute difference stands in for it, so that no chip ever reads "Infinity%".
 */
export function delta(
  current: number | null,
  previous: number | null,
  format: WidgetFormat,
  locale: string,
): Delta | null {
  if (current === null || previous === null) return null
  const absolute = current - previous
  if (!Number.isFinite(absolute)) return null
  const ratio = previous > 0 ? absolute / previous : null
  const percent = ratio !== null && Number.isFinite(ratio) ? ratio : null
  const text = deltaText(absolute, percent, format, locale)
  // What reads as zero is flat: "+0.0%" in green would claim a change nobody can see.
  const isFlat = !/[1-9]/.test(text)
  if (isFlat) return { absolute, percent, direction: 'flat', tone: 'neutral', text: text.replace(/^[+\u2212]/, '') }
  const direction = absolute > 0 ? 'up' : 'down'
  const isGood = (direction === 'up') !== format.lowerIsBetter
  return { absolute, percent, direction, tone: isGood ? 'good' : 'bad', text }
}
