/**
 * Kinds of metrics, and what may be asked of each: the one table of it, for the query path and for every list of
 * choices. Free of schemas, so that a page that only shows a list loads no schema library.
 */

/** `first` and `last` go by the time of the points, `rate` is per second, `cumulative` runs from the range's start, `unique` counts series. */
export const AGGREGATIONS = [
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'first',
  'last',
  'rate',
  'cumulative',
  'unique',
  'p50',
  'p90',
  'p95',
  'p99',
] as const
export type Aggregation = (typeof AGGREGATIONS)[number]

/**
 * `count`: things that happened, which add up. `gauge`: readings of a level. `distribution`: single measurements such as
 * durations. `ratio`: readings that were divided before they were sent.
 */
export const METRIC_KINDS = ['count', 'gauge', 'distribution', 'ratio'] as const
export type MetricKind = (typeof METRIC_KINDS)[number]

export const GRANULARITIES = ['minute', 'quarter_hour', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const
export type Granularity = (typeof GRANULARITIES)[number]

export const AGGREGATION_LABELS: Record<Aggregation, string> = {
  sum: 'Sum',
  avg: 'Average',
  count: 'Count of points',
  min: 'Minimum',
  max: 'Maximum',
  first: 'First value',
  last: 'Last value',
  rate: 'Rate per second',
  cumulative: 'Running total',
  unique: 'Distinct series',
  p50: 'Median (p50)',
  p90: '90th percentile',
  p95: '95th percentile',
  p99: '99th percentile',
}

export const KIND_LABELS: Record<MetricKind, string> = {
  count: 'Count',
  gauge: 'Gauge',
  distribution: 'Distribution',
  ratio: 'Ratio',
}

export interface KindRules {
  /** What charts of such a metric start with. */
  default: Aggregation
  /** What lists offer, the most telling first. The rest is answered all the same. */
  offered: readonly Aggregation[]
  /** Answered with a warning, which says what to ask in its place. */
  warned: Partial<Record<Aggregation, string>>
}

const QUANTILES = ['p50', 'p90', 'p95', 'p99'] as const
const READINGS = 'are readings of a level: added up over time they mean nothing. Ask for avg, last, min or max.'
const RATIOS =
  'are ratios: added up they mean nothing. Ask for avg, or divide two sums with a formula, which weighs them right.'

export const KIND_RULES: Record<MetricKind, KindRules> = {
  count: {
    default: 'sum',
    offered: ['sum', 'rate', 'cumulative', 'count', 'avg', 'min', 'max', 'unique'],
    warned: {},
  },
  gauge: {
    default: 'avg',
    offered: ['avg', 'last', 'min', 'max', 'first', ...QUANTILES, 'count', 'unique'],
    warned: { sum: READINGS, rate: READINGS, cumulative: READINGS },
  },
  distribution: {
    default: 'p95',
    offered: [...QUANTILES, 'avg', 'min', 'max', 'count', 'sum', 'rate', 'unique'],
    warned: {},
  },
  ratio: {
    default: 'avg',
    offered: ['avg', 'last', 'min', 'max', 'first', ...QUANTILES, 'count'],
    warned: { sum: RATIOS, rate: RATIOS, cumulative: RATIOS },
  },
}

/** What a list offers for a metric; everything while nobody knows its kind. `chosen` is kept in the list. */
export function offeredAggregations(kind: MetricKind | null, chosen?: Aggregation): Aggregation[] {
  const offered: readonly Aggregation[] = kind === null ? AGGREGATIONS : KIND_RULES[kind].offered
  return chosen === undefined || offered.includes(chosen) ? [...offered] : [...offered, chosen]
}

const ADDITIVE: readonly Aggregation[] = ['sum', 'count', 'rate', 'cumulative', 'unique']

/**
 * Whether silence means zero: nothing was counted, so nothing happened. A level that was not read is not known, and is
 * never zero, however it is aggregated; how many readings there were is known.
 */
export function isZeroWhenSilent(aggregation: Aggregation, kind: MetricKind | null): boolean {
  if (aggregation === 'count' || aggregation === 'unique') return true
  return ADDITIVE.includes(aggregation) && kind !== 'gauge' && kind !== 'ratio'
}

/** One group for each combination of these tags' values; without tags there is one group. */
export function groupTags(groupBy: string | readonly string[] | null | undefined): string[] {
  if (groupBy === null || groupBy === undefined) return []
  return typeof groupBy === 'string' ? [groupBy] : [...new Set(groupBy)]
}
