import { describeBuckets } from './calendar'
import { assignSlots, SLOT_COUNT } from './colors'
import { delta } from './delta'
import { formatShort, formatTicks, safeLocale } from './format'
import { compareText, emptyText, rangeText, summarizePlot } from './summary'
import { niceScale } from './ticks'
import { timeTickSets } from './time-ticks'
import type {
  Aggregation,
  ChartResult,
  ChartSeries,
  ColorSlot,
  Granularity,
  LegendEntry,
  LegendMode,
  PreparedBucket,
  PreparedLine,
  PreparedSeries,
  PrepareOptions,
} from './types'

type Values = (number | null)[]

/** Named series per chart: as many as there are colours. */
export const SERIES_MAX = SLOT_COUNT
const DIRECT_LABELS_MAX = 4

const ADDITIVE: readonly (Aggregation | null)[] = ['sum', 'count', 'rate', 'cumulative', 'unique']

/** Sums and counts of parts add up to the whole; averages, extremes, last values and formulas do not. */
export const isAdditive = (aggregation: Aggregation | null) => ADDITIVE.includes(aggregation)

/** Values on the grid of the edges. Points that are not on it would be drawn in the wrong place, so they are left out. */
function valuesOf(series: ChartSeries, starts: readonly number[]): Values {
  const byStart = new Map(series.points)
  return starts.map((start) => {
    const value = byStart.get(start)
    return value === undefined || value === null || !Number.isFinite(value) ? null : value
  })
}

/** Adds series bucket by bucket. A bucket nobody measured stays missing. */
export function sumValues(rows: readonly Values[], length: number): Values {
  return Array.from({ length }, (_, index) =>
    rows.reduce<number | null>((sum, row) => {
      const value = row[index] ?? null
      return value === null ? sum : (sum ?? 0) + value
    }, null),
  )
}

interface Grid {
  starts: readonly number[]
  compareStarts: readonly number[]
}

function gridOf(result: ChartResult): Grid {
  return { starts: result.edges.slice(0, -1), compareStarts: result.compare?.edges.slice(0, -1) ?? [] }
}

const byTotal = (a: ChartSeries, b: ChartSeries) =>
  (b.total ?? Number.NEGATIVE_INFINITY) - (a.total ?? Number.NEGATIVE_INFINITY) || (a.key < b.key ? -1 : 1)

interface Picked {
  named: ChartSeries[]
  rest: ChartSeries[]
}

/** The biggest eight keep a name and a colour. What the API already called "other" is always part of the rest. */
function pickSeries(series: readonly ChartSeries[]): Picked {
  const sorted = series.filter((one) => !one.isOther).sort(byTotal)
  return {
    named: sorted.slice(0, SERIES_MAX),
    rest: [...sorted.slice(SERIES_MAX), ...series.filter((one) => one.isOther)],
  }
}

function sumTotals(series: readonly ChartSeries[]): number | null {
  return series.reduce<number | null>((sum, one) => (one.total === null ? sum : (sum ?? 0) + one.total), null)
}

function alignPrevious(values: Values, length: number): Values {
  return Array.from({ length }, (_, index) => values[index] ?? null)
}

function prepareOne(
  series: ChartSeries,
  slot: ColorSlot,
  result: ChartResult,
  grid: Grid,
  options: PrepareOptions,
): PreparedSeries {
  const before = result.compare?.series.find((one) => one.key === series.key)
  const { format, locale } = options
  return {
    key: series.key,
    label: series.label,
    slot,
    values: valuesOf(series, grid.starts),
    previous: before ? alignPrevious(valuesOf(before, grid.compareStarts), grid.starts.length) : [],
    total: series.total,
    previousTotal: before?.total ?? null,
    totalText: series.total === null ? '\u2013' : formatShort(series.total, format, locale),
    totalDelta: before ? delta(series.total, before.total, format, locale) : null,
  }
}

/** Merges the rest of an additive chart into one grey series. */
function prepareRest(
  rest: readonly ChartSeries[],
  result: ChartResult,
  grid: Grid,
  options: PrepareOptions,
): PreparedSeries {
  const keys = new Set(rest.map((one) => one.key))
  const before = result.compare?.series.filter((one) => keys.has(one.key)) ?? []
  const total = sumTotals(rest)
  const totalBefore = sumTotals(before)
  const { format, locale } = options
  return {
    key: 'other',
    label: rest.length === 1 ? (rest[0]?.label ?? 'Other') : 'Other',
    slot: 'other',
    values: sumValues(
      rest.map((one) => valuesOf(one, grid.starts)),
      grid.starts.length,
    ),
    previous:
      before.length === 0
        ? []
        : sumValues(
            before.map((one) => valuesOf(one, grid.compareStarts)),
            grid.starts.length,
          ),
    total,
    previousTotal: totalBefore,
    totalText: total === null ? '\u2013' : formatShort(total, format, locale),
    totalDelta: before.length === 0 ? null : delta(total, totalBefore, format, locale),
  }
}

export interface PlotSeries {
  series: PreparedSeries[]
  note: string | null
}

/** Top eight by total in their colours, then the grey rest where it can be computed honestly. */
export function prepareSeries(result: ChartResult, options: PrepareOptions): PlotSeries {
  const { named, rest } = pickSeries(result.series)
  const slots = assignSlots(result.metric, named)
  const grid = gridOf(result)
  const series = named.map((one) => prepareOne(one, slots.get(one.key) ?? 'other', result, grid, options))
  if (rest.length === 0) return { series, note: null }
  const only = rest.length === 1 ? rest[0] : undefined
  if (only?.isOther) return { series: [...series, prepareOne(only, 'other', result, grid, options)], note: null }
  if (isAdditive(result.aggregation))
    return { series: [...series, prepareRest(rest, result, grid, options)], note: null }
  return { series, note: `${rest.length} more series not shown` }
}

function legendOf(series: readonly PreparedSeries[], isCompared: boolean, isLine: boolean): LegendMode {
  // One series needs no name, but two periods need to be told apart.
  if (series.length <= 1) return isCompared ? 'rows' : 'none'
  return isLine && series.length <= DIRECT_LABELS_MAX ? 'direct' : 'rows'
}

/** One grey line for one series, where there was anything to compare with. Several would need a line each, and one across a stack hides what it crosses. */
function compareLineOf(series: readonly PreparedSeries[]): Values | null {
  const [first] = series
  if (!first || series.length > 1 || first.previous.every((value) => value === null)) return null
  return first.previous
}

const SO_FAR: Record<Granularity, string> = {
  minute: 'This minute so far',
  quarter_hour: 'This quarter of an hour so far',
  hour: 'This hour so far',
  day: 'Today so far',
  week: 'This week so far',
  month: 'This month so far',
  quarter: 'This quarter so far',
  year: 'This year so far',
}

function legendEntriesOf(
  result: ChartResult,
  series: readonly PreparedSeries[],
  mode: PlotMode,
  hasCompareLine: boolean,
  locale: string,
): LegendEntry[] {
  const first = series[0]
  const before: LegendEntry[] = hasCompareLine
    ? [{ mark: 'compare', slot: 'other', label: compareText(result, locale) ?? '', value: null }]
    : []
  if (!first) return []
  if (series.length > 1) {
    const names = series.map<LegendEntry>((one) => ({
      mark: 'square',
      slot: one.slot,
      label: one.label,
      value: mode === 'stacked' ? one.totalText : null,
    }))
    return [...names, ...before]
  }
  const own: LegendEntry = {
    mark: mode === 'lines' ? 'line' : 'square',
    slot: first.slot,
    label: rangeText(result, locale),
    value: null,
  }
  const isOpen = mode === 'lines' && result.unfinishedFrom !== null
  const open: LegendEntry[] = isOpen
    ? [{ mark: 'dotted', slot: first.slot, label: SO_FAR[result.granularity], value: null }]
    : []
  return [own, ...before, ...open]
}

function unfinishedIndexOf(buckets: readonly PreparedBucket[]): number | null {
  const index = buckets.findIndex((bucket) => bucket.isUnfinished)
  return index < 0 ? null : index
}

function stackHeights(series: readonly PreparedSeries[], length: number): number[] {
  // Recharts stacks positive and negative parts away from zero on either side.
  const heights: number[] = []
  for (let index = 0; index < length; index++) {
    const values = series.map((one) => one.values[index] ?? 0)
    heights.push(
      values.filter((value) => value > 0).reduce((a, b) => a + b, 0),
      values.filter((value) => value < 0).reduce((a, b) => a + b, 0),
    )
  }
  return heights
}

export type PlotMode = 'lines' | 'stacked' | 'grouped'

/** Everything lines and bars have in common. */
export function preparePlot(result: ChartResult, given: PrepareOptions, mode: PlotMode): Omit<PreparedLine, 'kind'> {
  const options = { ...given, locale: safeLocale(given.locale) }
  const { format, locale } = options
  const buckets = describeBuckets({ ...result, compareEdges: result.compare?.edges ?? [] }, locale)
  const { series, note } = prepareSeries(result, options)
  const compareLine = compareLineOf(series)
  const drawn = [
    ...(mode === 'stacked' ? stackHeights(series, buckets.length) : series.flatMap((one) => one.values)),
    ...(compareLine ?? []),
  ]
  // Numbers of things: 0.95 signups on an axis is nobody.
  const isWhole =
    (isAdditive(result.aggregation) || format.decimals === 0) &&
    drawn.every((value) => value === null || Number.isInteger(value))
  const scale = niceScale(drawn, { zeroBased: mode !== 'lines', isWhole, unit: format.unit })
  const labels = formatTicks(scale.ticks, format, locale)
  const starts = result.edges.slice(0, -1)
  return {
    title: options.title,
    metric: result.metric,
    locale,
    zone: result.zone,
    format,
    granularity: result.granularity,
    summary: summarizePlot(result, options, buckets, series),
    emptyText: emptyText(result, locale),
    rangeText: rangeText(result, locale),
    compareText: compareText(result, locale),
    buckets,
    series,
    compareLine,
    y: { domain: scale.domain, ticks: scale.ticks.map((at, index) => ({ at, label: labels[index] ?? '' })) },
    x: timeTickSets(starts, result.granularity, result.zone, locale),
    legend: legendOf(series, compareLine !== null, mode === 'lines'),
    legendEntries: legendEntriesOf(result, series, mode, compareLine !== null, locale),
    unfinishedIndex: unfinishedIndexOf(buckets),
    note,
  }
}
