import { describeBuckets } from './calendar'
import { assignSlots } from './colors'
import { delta } from './delta'
import { formatFull, formatShort, safeLocale } from './format'
import { isAdditive, prepareSeries, sumValues } from './prepare-plot'
import { ageWords } from './rhythm'
import { compareText, emptyText, rangeText, summarizeTotal } from './summary'
import type { ChartResult, PreparedNumber, PrepareOptions } from './types'

function staleText(result: ChartResult, staleAfterMs: number | undefined): string | null {
  if (staleAfterMs === undefined || result.lastPointAt === null) return null
  const age = result.asOf - result.lastPointAt
  return age <= staleAfterMs ? null : `${ageWords(age)} old`
}

/** The hero number of a tile with its change and its shape over the range. */
export function prepareNumber(result: ChartResult, given: PrepareOptions): PreparedNumber {
  const options = { ...given, locale: safeLocale(given.locale) }
  const { format, locale } = options
  const buckets = describeBuckets({ ...result, compareEdges: [] }, locale)
  const { series } = prepareSeries(result, options)
  // A shape of several averages cannot be drawn as one line; the number stands alone then.
  const hasShape = series.length === 1 || isAdditive(result.aggregation)
  const change = result.compare ? delta(result.total, result.compare.total, format, locale) : null
  const unfinishedIndex = buckets.findIndex((bucket) => bucket.isUnfinished)
  return {
    kind: 'number',
    title: options.title,
    metric: result.metric,
    locale,
    zone: result.zone,
    format,
    granularity: result.granularity,
    summary: summarizeTotal(result, options, change?.text ?? null),
    emptyText: result.total === null ? (emptyText(result, locale) ?? 'No data in this range') : null,
    rangeText: rangeText(result, locale),
    compareText: compareText(result, locale),
    value: result.total,
    valueText: result.total === null ? '\u2013' : formatShort(result.total, format, locale),
    fullText: result.total === null ? 'No data' : formatFull(result.total, format, locale),
    delta: change,
    previousText:
      result.compare && result.compare.total !== null ? formatShort(result.compare.total, format, locale) : null,
    slot:
      series[0] && series.length === 1
        ? series[0].slot
        : (assignSlots(result.metric, [{ key: '', tags: {}, isOther: false }]).get('') ?? 0),
    buckets,
    spark: hasShape
      ? sumValues(
          series.map((one) => one.values),
          buckets.length,
        )
      : [],
    unfinishedIndex: unfinishedIndex < 0 ? null : unfinishedIndex,
    staleText: staleText(result, options.staleAfterMs),
  }
}
