import { BUCKET_WORDS, formatRange } from './calendar'
import { formatFull, formatShort } from './format'
import { notesOf } from './notes'
import type { ChartResult, PreparedBucket, PreparedSeries, PrepareOptions } from './types'

/** The data in words, range included: `22 Oct – 20 Nov`. */
export function rangeText(result: ChartResult, locale: string): string {
  return formatRange(result.from, result.to, result.asOf, result.zone, locale)
}

/** Days of the previous period, or null when not compared. */
export function compareText(result: ChartResult, locale: string): string | null {
  if (!result.compare) return null
  return formatRange(result.compare.from, result.compare.to, result.asOf, result.zone, locale)
}

/** What stands in place of a chart without data. It says since when, because "no data" alone cannot be acted on. */
export function emptyText(result: ChartResult, locale: string): string | null {
  const hasValue = result.series.some((series) => series.points.some(([, value]) => value !== null))
  if (hasValue) return null
  if (result.lastPointAt === null) return 'No data yet'
  return `No data in this range. Last point on ${formatRange(result.lastPointAt, result.lastPointAt + 1, result.asOf, result.zone, locale)}`
}

function extremes(buckets: readonly PreparedBucket[], values: readonly (number | null)[]) {
  let low = -1
  let high = -1
  values.forEach((value, index) => {
    // A day that is not over is the lowest of most charts, and says nothing.
    if (value === null || buckets[index]?.isUnfinished) return
    if (low < 0 || value < (values[low] ?? 0)) low = index
    if (high < 0 || value > (values[high] ?? 0)) high = index
  })
  return low < 0 ? null : { low, high }
}

/** What has to be known about the figures, behind the sentence that tells them. */
const withNotes = (sentence: string, result: ChartResult) =>
  [sentence, ...notesOf(result).map(({ text }) => text)].join(' ')

/** A line or bar chart for alternative texts and screen readers: one sentence, and what has to be known about it. */
export function summarizePlot(
  result: ChartResult,
  options: PrepareOptions,
  buckets: readonly PreparedBucket[],
  series: readonly PreparedSeries[],
): string {
  return withNotes(describePlot(result, options, buckets, series), result)
}

function describePlot(
  result: ChartResult,
  options: PrepareOptions,
  buckets: readonly PreparedBucket[],
  series: readonly PreparedSeries[],
): string {
  const { format, locale, title } = options
  const head = `${title}, ${rangeText(result, locale)} by ${BUCKET_WORDS[result.granularity]}`
  const first = series[0]
  if (!first) return `${head}: no data.`
  if (series.length > 1) {
    const parts = series.map(
      (one) => `${one.label} ${one.totalText}${one.totalDelta ? ` (${one.totalDelta.text})` : ''}`,
    )
    return `${head}: ${parts.join(', ')}.`
  }
  const found = extremes(buckets, first.values)
  const change = first.totalDelta ? `, ${first.totalDelta.text} against ${compareText(result, locale)}` : ''
  if (!found) return `${head}: ${first.totalText}${change}.`
  const text = (index: number) => `${formatFull(first.values[index] ?? 0, format, locale)} (${buckets[index]?.title})`
  return `${head}: ${first.totalText}${change}, lowest ${text(found.low)}, highest ${text(found.high)}.`
}

/** The same of a number or a table's total. */
export function summarizeTotal(result: ChartResult, options: PrepareOptions, deltaText: string | null): string {
  const head = `${options.title}, ${rangeText(result, options.locale)}`
  if (result.total === null) return withNotes(`${head}: no data.`, result)
  const change = deltaText === null ? '' : `, ${deltaText} against ${compareText(result, options.locale)}`
  return withNotes(`${head}: ${formatShort(result.total, options.format, options.locale)}${change}.`, result)
}
