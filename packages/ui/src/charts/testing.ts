import type { Aggregation, ChartResult, ChartSeries, Granularity, Pair, PrepareOptions, WidgetFormat } from './types'

/** Made-up query results for tests: repeatable, and shaped like the real ones. */

const HOUR = 3_600_000
export const DAY = 24 * HOUR

export const PLAIN: WidgetFormat = { unit: 'none', lowerIsBetter: false }
export const EURO: WidgetFormat = { unit: 'currency', currency: 'EUR', lowerIsBetter: false }
export const OPTIONS: PrepareOptions = { title: 'Revenue by day', format: EURO, locale: 'en-GB' }

/** A small generator with a fixed start: the same numbers on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296
    return state / 4294967296
  }
}

export interface SampleSeries {
  label: string
  tags?: Record<string, string>
  isOther?: boolean
  values: (number | null)[]
  previous?: (number | null)[]
}

export interface Sample {
  metric?: string
  aggregation?: Aggregation
  granularity?: Granularity
  zone?: string
  /** Start of each bucket and the end of the last one. */
  edges: number[]
  compareEdges?: number[]
  asOf?: number
  series: SampleSeries[]
}

const sum = (values: readonly (number | null)[]) =>
  values.reduce<number | null>((all, value) => (value === null ? all : (all ?? 0) + value), null)

const pairs = (edges: readonly number[], values: readonly (number | null)[]): Pair[] =>
  values.map((value, index) => [edges[index] ?? 0, value])

function seriesOf(sample: SampleSeries, edges: readonly number[], values: (number | null)[]): ChartSeries {
  const tags = sample.tags ?? {}
  return {
    key: sample.isOther ? 'other' : JSON.stringify(tags),
    label: sample.label,
    tags,
    isOther: sample.isOther ?? false,
    points: pairs(edges, values),
    total: sum(values),
  }
}

/** Fills in everything a test does not care about. */
export function makeResult(sample: Sample): ChartResult {
  const { edges, compareEdges = [] } = sample
  const from = edges[0] ?? 0
  const to = edges.at(-1) ?? from
  const asOf = sample.asOf ?? to
  const open = edges.slice(0, -1).find((start, index) => start <= asOf && asOf < (edges[index + 1] ?? 0))
  const series = sample.series.map((one) => seriesOf(one, edges, one.values))
  const before = sample.series.flatMap((one) => (one.previous ? [seriesOf(one, compareEdges, one.previous)] : []))
  return {
    metric: sample.metric ?? 'revenue',
    unit: null,
    aggregation: sample.aggregation ?? 'sum',
    granularity: sample.granularity ?? 'day',
    zone: sample.zone ?? 'Europe/Berlin',
    from,
    to,
    asOf,
    edges: [...edges],
    unfinishedFrom: open ?? null,
    series,
    total: sum(series.map((one) => one.total)),
    lastPointAt: asOf - 2000,
    compare:
      before.length === 0
        ? null
        : {
            from: compareEdges[0] ?? 0,
            to: compareEdges.at(-1) ?? 0,
            edges: compareEdges,
            series: before,
            total: sum(before.map((one) => one.total)),
          },
  }
}

/** Edges of `count` days from midnight in Berlin on a date, across the end of summer time where it falls in between. */
export function berlinDays(date: string, count: number): number[] {
  const noon = Date.parse(`${date}T12:00:00Z`)
  return Array.from({ length: count + 1 }, (_, index) => {
    const at = noon + index * DAY
    const hour = Number(
      new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', hourCycle: 'h23' }).format(at),
    )
    return at - hour * HOUR
  })
}

function wave(count: number, seed: number, level: number, swing: number): number[] {
  const random = randomFrom(seed)
  return Array.from({ length: count }, (_, index) => {
    const week = index % 7 >= 5 ? 0.72 : 1
    return Math.round(level * week * (1 + index * 0.004) + (random() - 0.5) * swing)
  })
}

/** Thirty days of revenue with the thirty before; today is not over. */
export function revenueResult(): ChartResult {
  const edges = berlinDays('2026-10-22', 30)
  const values = wave(30, 7, 11_000, 4_000)
  values[29] = 5_210
  return makeResult({
    edges,
    compareEdges: berlinDays('2026-09-22', 30),
    asOf: (edges[29] ?? 0) + 15 * HOUR,
    series: [{ label: 'revenue', values, previous: wave(30, 11, 9_600, 3_500) }],
  })
}

/** New subscriptions of three plans, stacked. */
export function plansResult(): ChartResult {
  const edges = berlinDays('2026-10-22', 30)
  const plan = (label: string, seed: number, level: number): SampleSeries => {
    const values = wave(30, seed, level, level * 0.5)
    values[29] = Math.round((values[29] ?? 0) * 0.6)
    return { label, tags: { plan: label.toLowerCase() }, values }
  }
  return makeResult({
    metric: 'subscription.started',
    aggregation: 'count',
    edges,
    asOf: (edges[29] ?? 0) + 15 * HOUR,
    series: [plan('Solo', 3, 32), plan('Team', 5, 18), plan('Business', 9, 8)],
  })
}

/** Ninety days of response times in four regions, with outages nobody measured. */
export function gapsResult(): ChartResult {
  const edges = berlinDays('2026-08-23', 90)
  const region = (label: string, seed: number, level: number, gap: [number, number]): SampleSeries => ({
    label,
    tags: { region: label },
    values: wave(90, seed, level, level * 0.3).map((value, index) =>
      (index >= gap[0] && index < gap[1]) || index === gap[0] - 2 ? null : value,
    ),
  })
  return makeResult({
    metric: 'api.latency',
    aggregation: 'avg',
    edges,
    series: [
      region('eu-west', 2, 120, [30, 38]),
      region('us-east', 4, 180, [60, 66]),
      region('ap-south', 6, 260, [12, 13]),
      region('sa-east', 8, 310, [75, 90]),
    ],
  })
}

/** A week of hours in Berlin in which summer time ends: 169 buckets. */
export function hourlyResult(): ChartResult {
  const days = berlinDays('2026-10-21', 7)
  const edges: number[] = []
  for (let at = days[0] ?? 0; at <= (days[7] ?? 0); at += HOUR) edges.push(at)
  const random = randomFrom(21)
  const values = edges
    .slice(0, -1)
    .map((at) => Math.round(400 + 350 * Math.sin(((at / HOUR - 4) / 24) * 2 * Math.PI - 1.6) + random() * 120))
  return makeResult({
    metric: 'sessions',
    aggregation: 'count',
    granularity: 'hour',
    edges,
    series: [{ label: 'sessions', values }],
  })
}
