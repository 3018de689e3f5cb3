/**
 * The shapes of the chart layer. What comes in mirrors the answer of the query API, what goes out
 * (`Prepared*`) is plain JSON: it crosses into the picture worker and draws there exactly as in a browser.
 */

/** One bucket of a series: its start in epoch milliseconds and its value. `null` is missing, which is a gap and never a zero. */
export type Pair = [epochMs: number, value: number | null]

export type Aggregation =
  | 'sum'
  | 'avg'
  | 'count'
  | 'min'
  | 'max'
  | 'first'
  | 'last'
  | 'rate'
  | 'cumulative'
  | 'unique'
  | 'p50'
  | 'p90'
  | 'p95'
  | 'p99'
export type Granularity = 'minute' | 'quarter_hour' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year'

export interface ChartSeries {
  key: string
  label: string
  tags: Record<string, string>
  isOther: boolean
  points: Pair[]
  total: number | null
}

/** The query result of one widget, exactly as the API returns it. Ranges are half-open, instants are epoch milliseconds. */
export interface ChartResult {
  metric: string
  unit: string | null
  /** Null for a formula over metrics. */
  aggregation: Aggregation | null
  granularity: Granularity
  /** IANA name of the zone in which the buckets were cut. */
  zone: string
  from: number
  to: number
  asOf: number
  /** n + 1 edges of n buckets. */
  edges: number[]
  /** Start of the bucket that contains `asOf`, or null when every bucket is over. */
  unfinishedFrom: number | null
  series: ChartSeries[]
  total: number | null
  lastPointAt: number | null
  compare: null | { from: number; to: number; edges: number[]; series: ChartSeries[]; total: number | null }
  /** Absent in records of older versions. Durations in ms; `lateAfterMs` is null when no rhythm is known. */
  freshness?: { lastPointAt: number | null; cadenceMs: number | null; lateAfterMs: number | null }
  warnings?: { code: string; detail: string }[]
}

/** How values read. `percent` takes values as they are pushed: 4.2 reads as 4.2%. */
export interface WidgetFormat {
  unit: 'none' | 'percent' | 'bytes' | 'duration_ms' | 'duration_s' | 'currency' | 'custom'
  /** ISO 4217 code, only read with `currency`. */
  currency?: string
  /** Written after the number, only read with `custom`. */
  suffix?: string
  decimals?: number
  lowerIsBetter: boolean
}

export type ChartKind = 'number' | 'line' | 'bar' | 'table'
export type ThemeName = 'light' | 'dark'

/** What a widget says about itself beyond the data. */
export interface PrepareOptions {
  title: string
  format: WidgetFormat
  /** BCP 47 tag of the viewer, or of the report's recipients. */
  locale: string
  /** A number is stale when its newest point is older than this at `asOf`. Absent: never stale. */
  staleAfterMs?: number
}

/** Index into the eight series colours, or the grey of "everything else". */
export type ColorSlot = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 'other'

/** Difference to the previous period. `text` carries its sign; `tone` already knows whether lower is better. */
export interface Delta {
  absolute: number
  /** Relative change as a fraction (0.132), null where a percentage would mislead (previous zero or negative). */
  percent: number | null
  direction: 'up' | 'down' | 'flat'
  tone: 'good' | 'bad' | 'neutral'
  text: string
}

export interface PreparedBucket {
  from: number
  to: number
  /** Short name for table rows: `3 Nov`, `14:00`, `Oct 2026`. */
  label: string
  /** Full name for the tooltip: `Tue 3 Nov 2026`, `3 – 9 Nov`. */
  title: string
  /** The bucket of the previous period it is compared with. */
  compareTitle: string | null
  isUnfinished: boolean
}

export interface PreparedSeries {
  key: string
  label: string
  slot: ColorSlot
  /** One value per bucket, null where nothing was measured. */
  values: (number | null)[]
  /** The previous period, aligned by bucket index; empty when there is no comparison. */
  previous: (number | null)[]
  total: number | null
  previousTotal: number | null
  totalText: string
  totalDelta: Delta | null
}

export interface Tick {
  /** A value on the y axis, a bucket index on the x axis. */
  at: number
  label: string
}

interface PreparedBase {
  title: string
  metric: string
  locale: string
  zone: string
  format: WidgetFormat
  granularity: Granularity
  /** One sentence for alt texts and screen readers. */
  summary: string
  /** Set when there is nothing to draw: says so, and since when. */
  emptyText: string | null
  /** Range of the data and of the comparison in words: `22 Oct – 20 Nov`. */
  rangeText: string
  compareText: string | null
}

/** How the series are named: not at all, at their line's end, or in rows above the plot. */
export type LegendMode = 'none' | 'direct' | 'rows'

/** One name in the rows above a plot. Lines mark periods: the range itself, the previous one, the part that is not over. */
export interface LegendEntry {
  mark: 'square' | 'line' | 'compare' | 'dotted'
  slot: ColorSlot
  label: string
  /** Total of the series, where adding its buckets up means something. */
  value: string | null
}

interface PreparedPlot extends PreparedBase {
  buckets: PreparedBucket[]
  series: PreparedSeries[]
  /** Drawn as a thin grey line; null when not compared or when several lines would need one each. */
  compareLine: (number | null)[] | null
  y: { domain: [number, number]; ticks: Tick[] }
  /** `wide` from 360 px of plot width on, `narrow` below. */
  x: { wide: Tick[]; narrow: Tick[] }
  legend: LegendMode
  /** What the rows above the plot list. Narrow charts use them in place of direct labels too. */
  legendEntries: LegendEntry[]
  /** Index of the first bucket that is not over, null when all are. */
  unfinishedIndex: number | null
  /** What the data leaves out, in words: `4 more series not shown`. */
  note: string | null
}

export interface PreparedLine extends PreparedPlot {
  kind: 'line'
}

export interface PreparedBar extends PreparedPlot {
  kind: 'bar'
  /** Only sums and counts stack: a stack of averages would show a height nobody measured. */
  layout: 'stacked' | 'grouped'
}

export interface PreparedNumber extends PreparedBase {
  kind: 'number'
  value: number | null
  valueText: string
  /** Unabbreviated, for the title attribute and the table view. */
  fullText: string
  delta: Delta | null
  previousText: string | null
  slot: ColorSlot
  buckets: PreparedBucket[]
  spark: (number | null)[]
  unfinishedIndex: number | null
  /** Age of the newest point in words when it is too old, else null. */
  staleText: string | null
}

export interface PreparedTableRow {
  key: string
  label: string
  /** Null for rows that are buckets and not series. */
  slot: ColorSlot | null
  value: number | null
  valueText: string
  /** Length of the in-cell bar, 0 to 1. */
  share: number
  previous: number | null
  previousText: string
  delta: Delta | null
  isUnfinished: boolean
}

export interface PreparedTable extends PreparedBase {
  kind: 'table'
  /** Heads of the label and the value column. */
  labelHead: string
  valueHead: string
  /** Whether the change and previous columns exist. */
  isCompared: boolean
  rows: PreparedTableRow[]
  note: string | null
}

export type PreparedChart = PreparedNumber | PreparedLine | PreparedBar | PreparedTable

/** What every chart component takes. Sizes are CSS pixels; without `interactive` there is no tooltip and no focus stop. */
export interface ChartProps<P extends PreparedChart = PreparedChart> {
  prepared: P
  width: number
  height: number
  theme: ThemeName
  interactive: boolean
}
