import { BUCKET_HEADS, describeBuckets } from './calendar'
import { delta } from './delta'
import { formatFull, safeLocale } from './format'
import { headOf } from './head'
import { prepareSeries } from './prepare-plot'
import { compareText, emptyText, rangeText, summarizeTotal } from './summary'
import type {
  ChartResult,
  PreparedBucket,
  PreparedSeries,
  PreparedTable,
  PreparedTableRow,
  PrepareOptions,
} from './types'

type Row = Omit<PreparedTableRow, 'valueText' | 'share' | 'previousText' | 'delta'>

function seriesRow(series: PreparedSeries): Row {
  return {
    key: series.key,
    label: series.label,
    slot: series.slot,
    value: series.total,
    previous: series.previousTotal,
    isUnfinished: false,
  }
}

function bucketRow(bucket: PreparedBucket, index: number, series: PreparedSeries): Row {
  return {
    key: String(bucket.from),
    label: bucket.title,
    slot: null,
    value: series.values[index] ?? null,
    previous: series.previous[index] ?? null,
    isUnfinished: bucket.isUnfinished,
  }
}

function finish(rows: readonly Row[], options: PrepareOptions): PreparedTableRow[] {
  const { format, locale } = options
  const longest = rows.reduce((max, row) => Math.max(max, Math.abs(row.value ?? 0)), 0)
  return rows.map((row) => ({
    ...row,
    valueText: row.value === null ? '\u2013' : formatFull(row.value, format, locale),
    share: longest === 0 ? 0 : Math.abs(row.value ?? 0) / longest,
    previousText: row.previous === null ? '\u2013' : formatFull(row.previous, format, locale),
    // Half a day against a whole one always looks like a fall.
    delta: row.isUnfinished ? null : delta(row.value, row.previous, format, locale),
  }))
}

function labelHead(result: ChartResult, isGrouped: boolean): string {
  if (!isGrouped) return BUCKET_HEADS[result.granularity]
  const tags = result.series.find((one) => !one.isOther)?.tags ?? {}
  return headOf(Object.keys(tags).join(', '), 'Series')
}

/** Grouped data lists its series, biggest first; a single series lists its buckets, newest first. */
export function prepareTable(result: ChartResult, given: PrepareOptions): PreparedTable {
  const options = { ...given, locale: safeLocale(given.locale) }
  const { locale } = options
  const { series, note } = prepareSeries(result, options)
  const only = series.length === 1 ? series[0] : undefined
  const isGrouped = only === undefined || Object.keys(result.series[0]?.tags ?? {}).length > 0
  const rows =
    isGrouped || !only
      ? series.map((one) => seriesRow(one))
      : describeBuckets({ ...result, compareEdges: [] }, locale)
          .map((bucket, index) => bucketRow(bucket, index, only))
          .reverse()
  const change = result.compare ? delta(result.total, result.compare.total, options.format, locale) : null
  return {
    kind: 'table',
    title: options.title,
    metric: result.metric,
    locale,
    zone: result.zone,
    format: options.format,
    granularity: result.granularity,
    summary: summarizeTotal(result, options, change?.text ?? null),
    emptyText: emptyText(result, locale),
    rangeText: rangeText(result, locale),
    compareText: compareText(result, locale),
    labelHead: labelHead(result, isGrouped),
    valueHead: headOf(result.metric, 'Value'),
    isCompared: result.compare !== null,
    rows: finish(rows, options),
    note,
  }
}
