import type { WidgetFormat } from './types'

const MS: Record<'duration_ms' | 'duration_s', number> = { duration_ms: 1, duration_s: 1000 }
const DURATION_UNITS = [
  { ms: 86_400_000, symbol: 'd' },
  { ms: 3_600_000, symbol: 'h' },
  { ms: 60_000, symbol: 'min' },
  { ms: 1000, symbol: 's' },
  { ms: 1, symbol: 'ms' },
] as const
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const

/** A duration in milliseconds. Seconds near the largest number would overflow; nobody can tell them apart from it. */
function toMs(value: number, unit: 'duration_ms' | 'duration_s'): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value * MS[unit]))
}

/** No break between a number and its unit: a tile must never wrap inside a value. */
const NBSP = '\u00a0'

// Building an Intl formatter costs about 30 µs and a chart needs hundreds of strings.
const formatters = new Map<string, Intl.NumberFormat>()

function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale}|${JSON.stringify(options)}`
  const known = formatters.get(key)
  if (known) return known
  const made = new Intl.NumberFormat(locale, options)
  formatters.set(key, made)
  return made
}

/** Intl writes a hyphen for a minus in most locales; the real minus is as wide as a digit. */
const withMinus = (text: string) => text.replace('-', '\u2212')

/** English compact notation says 1.2K; the usual short form is 1.2k. */
const withSmallK = (text: string, locale: string) => (locale.startsWith('en') ? text.replace(/(\d)K/, '$1k') : text)

function isCurrency(format: WidgetFormat): boolean {
  return format.unit === 'currency' && /^[A-Za-z]{3}$/.test(format.currency ?? '')
}

interface Digits {
  min?: number
  max: number
}

function formatNumber(value: number, format: WidgetFormat, locale: string, digits: Digits, isCompact: boolean): string {
  const isHuge = Math.abs(value) >= 1e15
  const options: Intl.NumberFormatOptions = {
    maximumFractionDigits: isHuge ? 2 : digits.max,
    minimumFractionDigits: isHuge ? 0 : Math.min(digits.min ?? 0, digits.max),
    notation: isHuge ? 'scientific' : isCompact ? 'compact' : 'standard',
  }
  if (isCurrency(format)) {
    options.style = 'currency'
    options.currency = format.currency
    options.currencyDisplay = 'narrowSymbol'
  } else if (format.unit === 'percent') {
    options.style = 'percent'
  }
  const shown = format.unit === 'percent' ? value / 100 : value
  const text = withSmallK(withMinus(numberFormat(locale, options).format(shown === 0 ? 0 : shown)), locale)
  if (format.unit === 'custom' && format.suffix)
    return `${text}${/^[\p{L}\p{N}]/u.test(format.suffix) ? NBSP : ''}${format.suffix}`
  return text
}

/** How many decimals say something: three significant digits below one, two up to a hundred, fewer beyond. */
function usefulDecimals(value: number): number {
  const size = Math.abs(value)
  if (size === 0) return 0
  if (size < 1) return Math.min(8, 2 - Math.floor(Math.log10(size)))
  if (size < 100) return 2
  return size < 1000 ? 1 : 0
}

function plain(value: number, locale: string, digits: Digits): string {
  return withMinus(
    numberFormat(locale, {
      maximumFractionDigits: digits.max,
      minimumFractionDigits: Math.min(digits.min ?? 0, digits.max),
    }).format(value === 0 ? 0 : value),
  )
}

function formatBytes(value: number, locale: string, decimals: number): string {
  const size = Math.abs(value)
  const step = size < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(size) / 3 + 1e-12))
  return `${plain(value / 1000 ** step, locale, { max: step === 0 ? 0 : decimals })}${NBSP}${BYTE_UNITS[step]}`
}

function durationUnit(ms: number): (typeof DURATION_UNITS)[number] {
  const size = Math.abs(ms)
  return DURATION_UNITS.find((unit) => size >= unit.ms) ?? DURATION_UNITS[4]
}

function formatDurationShort(ms: number, locale: string, decimals: number): string {
  const unit = durationUnit(ms)
  const scaled = ms / unit.ms
  return `${plain(scaled, locale, { max: ms === 0 ? 0 : decimals })}${NBSP}${unit.symbol}`
}

/** Two units where one would round away what matters: 3 h 12 min, 4 min 5 s. */
function formatDurationFull(ms: number, locale: string): string {
  const unit = durationUnit(ms)
  if (unit.ms <= 1000) return formatDurationShort(ms, locale, 2)
  const next = DURATION_UNITS[DURATION_UNITS.indexOf(unit) + 1] ?? unit
  const rounded = Math.round(Math.abs(ms) / next.ms)
  const perUnit = unit.ms / next.ms
  const major = Math.floor(rounded / perUnit)
  const minor = rounded % perUnit
  const sign = ms < 0 ? '\u2212' : ''
  const head = `${sign}${plain(major, locale, { max: 0 })}${NBSP}${unit.symbol}`
  return minor === 0 ? head : `${head} ${minor}${NBSP}${next.symbol}`
}

/** The whole value, for tooltips and the table view: `€10,432.10`, `4 min 5 s`, `1,536 B` as `1.54 kB`. */
export function formatFull(value: number, format: WidgetFormat, locale: string): string {
  if (format.unit === 'bytes') return formatBytes(value, locale, format.decimals ?? 2)
  if (format.unit === 'duration_ms' || format.unit === 'duration_s')
    return formatDurationFull(toMs(value, format.unit), locale)
  if (format.decimals !== undefined)
    return formatNumber(value, format, locale, { min: format.decimals, max: format.decimals }, false)
  if (isCurrency(format) && !Number.isInteger(value))
    return formatNumber(value, format, locale, { min: 2, max: 2 }, false)
  return formatNumber(value, format, locale, { max: Math.max(2, usefulDecimals(value)) }, false)
}

/** For tiles, legends and table cells: exact below a million, where it still fits, compact from there on. */
export function formatShort(value: number, format: WidgetFormat, locale: string): string {
  if (format.unit === 'bytes') return formatBytes(value, locale, format.decimals ?? 1)
  if (format.unit === 'duration_ms' || format.unit === 'duration_s')
    return formatDurationShort(toMs(value, format.unit), locale, format.decimals ?? 1)
  if (Math.abs(value) >= 999_999.5) return formatNumber(value, format, locale, { max: 2 }, true)
  if (format.decimals !== undefined)
    return formatNumber(value, format, locale, { min: format.decimals, max: format.decimals }, false)
  if (isCurrency(format)) {
    const hasCents = Math.abs(value) < 1000 && !Number.isInteger(value)
    return formatNumber(value, format, locale, hasCents ? { min: 2, max: 2 } : { max: 0 }, false)
  }
  return formatNumber(
    value,
    format,
    locale,
    { max: format.unit === 'percent' ? Math.max(1, usefulDecimals(value) - 1) : usefulDecimals(value) },
    false,
  )
}

/** The shortest honest form: `1.2k`, `3.4M`, `€15k`. */
export function formatCompact(value: number, format: WidgetFormat, locale: string): string {
  if (format.unit === 'bytes') return formatBytes(value, locale, 1)
  if (format.unit === 'duration_ms' || format.unit === 'duration_s')
    return formatDurationShort(toMs(value, format.unit), locale, 1)
  const digits = Math.abs(value) < 1 ? usefulDecimals(value) : 1
  return formatNumber(value, format, locale, { max: digits }, true)
}

const isExact = (value: number, decimals: number) =>
  Math.abs(value * 10 ** decimals - Math.round(value * 10 ** decimals)) < 1e-6

function decimalsFor(values: readonly number[], scale: (value: number) => number): number {
  for (let decimals = 0; decimals < 12; decimals++) {
    if (values.every((value) => isExact(scale(value), decimals))) return decimals
  }
  return 12
}

function compactScale(value: number): number {
  const size = Math.abs(value)
  const unit = [1e12, 1e9, 1e6, 1e3].find((step) => size >= step) ?? 1
  return value / unit
}

function formatDurationTick(ms: number, locale: string): string {
  if (ms === 0) return '0'
  // 80 min reads better than 1.33 h: the largest unit that needs at most one decimal.
  const unit =
    DURATION_UNITS.find((candidate) => Math.abs(ms) >= candidate.ms && isExact(ms / candidate.ms, 1)) ??
    durationUnit(ms)
  return `${plain(ms / unit.ms, locale, { max: decimalsFor([ms / unit.ms], (value) => value) })}${NBSP}${unit.symbol}`
}

/** Labels of a whole axis: compact, with just the decimals that keep every label exact and so every two apart. */
export function formatTicks(values: readonly number[], format: WidgetFormat, locale: string): string[] {
  const unit = format.unit
  if (unit === 'duration_ms' || unit === 'duration_s')
    return values.map((value) => formatDurationTick(toMs(value, unit), locale))
  if (unit === 'bytes') return values.map((value) => (value === 0 ? '0' : formatBytes(value, locale, 3)))
  const max = decimalsFor(values, compactScale)
  return values.map((value) => formatNumber(value, format, locale, { max }, true))
}

/** A locale Intl accepts: the given one, or English when a browser or a stored setting sends something else. */
export function safeLocale(locale: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf([locale])[0] ?? 'en'
  } catch {
    // RangeError: not a BCP 47 tag at all. A chart in English beats no chart.
    return 'en'
  }
}
