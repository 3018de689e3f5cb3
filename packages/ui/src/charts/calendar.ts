import type { Granularity, PreparedBucket } from './types'

/** Wall-clock parts of an instant in a zone. Weekday 1 is Monday. */
export interface ZonedParts {
  year: number
  month: number
  day: number
  weekday: number
  hour: number
  minute: number
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

const formats = new Map<string, Intl.DateTimeFormat>()

function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale}|${JSON.stringify(options)}`
  const known = formats.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat(locale, options)
  formats.set(key, made)
  return made
}

/** Reads the clock on the wall of a zone. Intl carries the zone rules, so no date library is needed in the browser. */
export function zonedParts(epochMs: number, zone: string): ZonedParts {
  const format = dateFormat('en-US-u-ca-iso8601', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
  })
  const found: Record<string, string> = {}
  for (const part of format.formatToParts(epochMs)) found[part.type] = part.value
  return {
    year: Number(found.year),
    month: Number(found.month),
    day: Number(found.day),
    weekday: WEEKDAYS.indexOf(found.weekday ?? '') + 1,
    hour: Number(found.hour),
    minute: Number(found.minute),
  }
}

/** Intl sets ranges and meridiems with thin and non-breaking narrow spaces, which Inter draws as boxes in the pictures. */
const tidy = (text: string) => text.replace(/\u2009/g, ' ').replace(/\u202f/g, '\u00a0')

/**
 * Formats without the comma after a weekday: `Tue 3 Nov`. Versions of the locale data disagree about it, and a mail's
 * picture is drawn with the server's data while the page uses the browser's.
 */
function formatDate(epochMs: number, options: Intl.DateTimeFormatOptions, locale: string): string {
  const parts = dateFormat(locale, options).formatToParts(epochMs)
  const texts = parts.map((part, index) =>
    parts[index - 1]?.type === 'weekday' && part.value === ', ' ? ' ' : part.value,
  )
  return tidy(texts.join(''))
}

export type LabelStyle = 'time' | 'day' | 'weekday' | 'month' | 'year'

const LABEL_OPTIONS: Record<LabelStyle, Intl.DateTimeFormatOptions> = {
  time: { hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
  weekday: { weekday: 'short', day: 'numeric' },
  month: { month: 'short', year: 'numeric' },
  year: { year: 'numeric' },
}

/** A tick label: `14:00`, `27 Oct`, `Mon 10`, `Oct 2026`. */
export function formatMoment(epochMs: number, style: LabelStyle, zone: string, locale: string): string {
  return formatDate(epochMs, { timeZone: zone, ...LABEL_OPTIONS[style] }, locale)
}

/** Days covered by a half-open range, in words: `22 Oct – 20 Nov`. The year only stands where it is not the reader's own. */
export function formatRange(from: number, to: number, asOf: number, zone: string, locale: string): string {
  const last = Math.max(from, to - 1)
  const isOwnYear = [from, last].every((at) => zonedParts(at, zone).year === zonedParts(asOf, zone).year)
  const options: Intl.DateTimeFormatOptions = {
    timeZone: zone,
    day: 'numeric',
    month: 'short',
    ...(isOwnYear ? {} : { year: 'numeric' }),
  }
  return tidy(dateFormat(locale, options).formatRange(from, last))
}

function bucketTitle(
  from: number,
  to: number,
  granularity: Granularity,
  asOf: number,
  isOwnYear: boolean,
  zone: string,
  locale: string,
): string {
  if (granularity === 'week' || granularity === 'quarter' || granularity === 'year') {
    return formatRange(from, to, asOf, zone, locale)
  }
  if (granularity === 'month') return formatDate(from, { timeZone: zone, month: 'long', year: 'numeric' }, locale)
  const year: Intl.DateTimeFormatOptions = isOwnYear ? {} : { year: 'numeric' }
  const time: Intl.DateTimeFormatOptions = isOfClock(granularity) ? { hour: '2-digit', minute: '2-digit' } : {}
  return formatDate(
    from,
    { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short', ...year, ...time },
    locale,
  )
}

const offsetName = (epochMs: number, zone: string) =>
  dateFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' })
    .formatToParts(epochMs)
    .find((part) => part.type === 'timeZoneName')?.value ?? ''

function titlesOf(
  edges: readonly number[],
  granularity: Granularity,
  asOf: number,
  zone: string,
  locale: string,
): string[] {
  // One answer for the range: a tooltip that shows the year for some of its buckets only looks like a mistake.
  const year = zonedParts(asOf, zone).year
  const isOwnYear = [edges[0] ?? asOf, (edges.at(-1) ?? asOf) - 1].every((at) => zonedParts(at, zone).year === year)
  const titles = edges
    .slice(0, -1)
    .map((from, index) => bucketTitle(from, edges[index + 1] ?? from, granularity, asOf, isOwnYear, zone, locale))
  // The hour that happens twice in autumn is told apart by its offset.
  return titles.map((title, index) =>
    title === titles[index - 1] || title === titles[index + 1]
      ? `${title} ${offsetName(edges[index] ?? 0, zone)}`
      : title,
  )
}

/** Fiscal quarters and years have no short name that everybody reads alike: they are called by the month they begin with. */
export const ROW_STYLE: Record<Granularity, LabelStyle> = {
  minute: 'time',
  quarter_hour: 'time',
  hour: 'time',
  day: 'day',
  week: 'day',
  month: 'month',
  quarter: 'month',
  year: 'month',
}

/** As they stand in a sentence. */
export const BUCKET_WORDS: Record<Granularity, string> = {
  minute: 'minute',
  quarter_hour: 'quarter of an hour',
  hour: 'hour',
  day: 'day',
  week: 'week',
  month: 'month',
  quarter: 'quarter',
  year: 'year',
}

/** As they head a column. */
export const BUCKET_HEADS: Record<Granularity, string> = {
  minute: 'Minute',
  quarter_hour: 'Quarter of an hour',
  hour: 'Hour',
  day: 'Day',
  week: 'Week',
  month: 'Month',
  quarter: 'Quarter',
  year: 'Year',
}

const isOfClock = (granularity: Granularity) => ROW_STYLE[granularity] === 'time'

interface BucketSource {
  edges: readonly number[]
  granularity: Granularity
  asOf: number
  zone: string
  unfinishedFrom: number | null
  compareEdges: readonly number[]
}

/** Names every bucket once, for axis, tooltip and table view alike. */
export function describeBuckets(source: BucketSource, locale: string): PreparedBucket[] {
  const { edges, granularity, asOf, zone } = source
  const titles = titlesOf(edges, granularity, asOf, zone, locale)
  const before = source.compareEdges.length > 1 ? titlesOf(source.compareEdges, granularity, asOf, zone, locale) : []
  return titles.map((title, index) => {
    const from = edges[index] ?? 0
    return {
      from,
      to: edges[index + 1] ?? from,
      label: isOfClock(granularity) ? title : formatMoment(from, ROW_STYLE[granularity], zone, locale),
      title,
      compareTitle: before[index] ?? null,
      isUnfinished: source.unfinishedFrom !== null && from >= source.unfinishedFrom,
    }
  })
}
