/**
 * What samples of Prometheus are, whether they arrive by remote-write or as text: counters, levels, and the series
 * `_bucket`, `_sum` and `_count` that are one distribution.
 */
import type { Buckets, Fault, MetricHint } from '../columns'
import { type AgentPoints, type AgentSeries, isFault, toSeries } from './agent-points'
import type { MetricType } from './prometheus-schema'

/** A sample in its place. `value` may be anything that a float64 can be. */
export interface PrometheusSample {
  /** Epoch ms. */
  ts: number
  /** Since when it counts; 0 where that is not known. */
  startMs: number
  value: number
}

export interface PrometheusSeries {
  name: string
  labels: ReadonlyMap<string, string>
  /** Null where the sender tells none; the name then decides. */
  type: MetricType | null
  hint: MetricHint
  samples: readonly PrometheusSample[]
  /** JSON pointer to the list of samples. */
  pointer: string
}

/** How many samples of the request a stored row stands for, by its index: a distribution is made of several. */
export type SampleWeights = Map<number, number>

/**
 * NaN says that there is no value: the marker of a series that has ended (staleness), or the quantile of a summary that
 * has seen nothing. It is passed over.
 */
const isNothing = (value: number) => Number.isNaN(value)

/** Buckets of one histogram of one time; each is a row of the table of distributions. */
const BUCKETS_MAX = 1_000

export function addSamples(points: AgentPoints, all: readonly PrometheusSeries[]): SampleWeights {
  const weights: SampleWeights = new Map()
  const taken = addDistributions(points, all, weights)
  for (const series of all) {
    if (!taken.has(series)) addSeries(points, series)
  }
  return weights
}

function addSeries(points: AgentPoints, series: PrometheusSeries): void {
  if (series.samples.length === 0) return
  points.beginList(series.pointer)
  const known = toSeries(series.name, series.labels)
  if (isFault(known)) {
    for (const { ts, value } of series.samples) {
      const tags = Object.fromEntries(series.labels)
      if (isNothing(value)) points.skip()
      else points.refuse(known, () => JSON.stringify({ metric: series.name, value, timestamp: ts, tags }))
    }
    return
  }
  const isCounter = isCumulative(series)
  const identity = isCounter ? 'cumulative' : 'overwrite'
  for (const { ts, startMs, value } of series.samples) {
    if (isNothing(value)) points.skip()
    else points.add({ identity, series: known, ts, startMs, value })
  }
  points.hint(identity, series.name, { ...series.hint, kind: isCounter ? 'count' : 'gauge' })
}

/** The parts of a summary or a histogram count like counters, but for the quantiles, which are levels. */
function isCumulative({ name, labels, type }: PrometheusSeries): boolean {
  if (type === 'counter') return true
  if (type === 'gauge' || type === 'gaugehistogram' || type === 'info' || type === 'stateset') return false
  if (type === 'summary') return /_(sum|count)$/.test(name)
  return /_(total|sum|count)$/.test(name) || (name.endsWith('_bucket') && labels.has('le'))
}

interface Part {
  series: PrometheusSeries
  sample: PrometheusSample
}

/** What there is of one histogram at one time. */
interface Group {
  base: string
  labels: ReadonlyMap<string, string>
  buckets: { le: number; part: Part }[]
  sum: Part | null
  count: Part | null
}

/**
 * Makes one row of each histogram that is there with its sum and its count, and answers the series that are used up. A
 * sender may split a histogram over requests (Prometheus does at the end of a batch, and over its shards): what lacks
 * its sum or count is stored as counters under the names that it has.
 */
function addDistributions(
  points: AgentPoints,
  all: readonly PrometheusSeries[],
  weights: SampleWeights,
): Set<PrometheusSeries> {
  const taken = new Set<PrometheusSeries>()
  const families = collectFamilies(all)
  for (const family of families) {
    const groups = [...groupByTime(family).values()]
    if (!groups.every(isWhole)) continue
    for (const group of groups) addDistribution(points, group, weights)
    for (const series of family.series) taken.add(series)
  }
  return taken
}

interface Family {
  base: string
  labels: ReadonlyMap<string, string>
  series: PrometheusSeries[]
}

const PART = /^(.+)_(bucket|sum|count)$/

function collectFamilies(all: readonly PrometheusSeries[]): Family[] {
  const families = new Map<string, Family>()
  const keyOf = (base: string, labels: ReadonlyMap<string, string>) => {
    const sorted = [...labels].filter(([name]) => name !== 'le').sort(([a], [b]) => (a < b ? -1 : 1))
    return JSON.stringify([base, sorted])
  }
  for (const series of all) {
    const base = PART.exec(series.name)?.[1]
    if (!base || !series.name.endsWith('_bucket') || !series.labels.has('le') || series.type === 'gaugehistogram')
      continue
    const key = keyOf(base, series.labels)
    let family = families.get(key)
    if (!family) {
      const labels = new Map(series.labels)
      labels.delete('le')
      family = { base, labels, series: [] }
      families.set(key, family)
    }
    family.series.push(series)
  }
  if (families.size === 0) return []
  for (const series of all) {
    const [, base, part] = PART.exec(series.name) ?? []
    if (base && part !== 'bucket') families.get(keyOf(base, series.labels))?.series.push(series)
  }
  return [...families.values()]
}

function groupByTime({ base, labels, series: all }: Family): Map<number, Group> {
  const groups = new Map<number, Group>()
  for (const series of all) {
    for (const sample of series.samples) {
      let group = groups.get(sample.ts)
      if (!group) {
        group = { base, labels, buckets: [], sum: null, count: null }
        groups.set(sample.ts, group)
      }
      const part = { series, sample }
      if (series.name.endsWith('_sum')) group.sum = part
      else if (series.name.endsWith('_count')) group.count = part
      else group.buckets.push({ le: toBound(series.labels.get('le') ?? ''), part })
    }
  }
  return groups
}

const toBound = (le: string): number => (le === '+Inf' || le === 'Inf' ? Number.POSITIVE_INFINITY : Number(le))

const isWhole = ({ sum, count, buckets }: Group): boolean =>
  sum !== null && count !== null && buckets.length > 0 && buckets.every(({ le }) => !Number.isNaN(le))

function addDistribution(points: AgentPoints, group: Group, weights: SampleWeights): void {
  const { base, labels, sum, count } = group
  if (!sum || !count) return
  const weight = group.buckets.length + 2
  points.beginList(count.series.pointer)
  const index = points.count
  weights.set(index, weight)
  if (isNothing(sum.sample.value) || isNothing(count.sample.value)) {
    points.skip()
    return
  }
  const series: AgentSeries | Fault = toSeries(base, labels)
  const buckets = isFault(series) ? series : countBuckets(group, count.sample.value)
  if (isFault(series) || 'code' in buckets) {
    points.refuse('code' in buckets ? buckets : (series as Fault))
    return
  }
  const { ts, startMs } = count.sample
  points.add({ identity: 'cumulative', series, ts, startMs, value: sum.sample.value, buckets })
  points.hint('cumulative', base, { ...count.series.hint, kind: 'distribution' })
}

/** `le` counts what is below, so each bucket is the difference to the one before. */
function countBuckets({ buckets }: Group, total: number): Buckets | Fault {
  if (buckets.length > BUCKETS_MAX) return invalid(`A histogram has at most ${BUCKETS_MAX} buckets.`)
  const sorted = [...buckets].sort((a, b) => a.le - b.le)
  if (sorted.at(-1)?.le !== Number.POSITIVE_INFINITY) {
    const last = sorted.at(-1)
    if (last)
      sorted.push({
        le: Number.POSITIVE_INFINITY,
        part: { ...last.part, sample: { ...last.part.sample, value: total } },
      })
  }
  let below = 0
  const counts: number[] = []
  for (const { part } of sorted) {
    const { value } = part.sample
    if (!Number.isSafeInteger(value)) return invalid('The buckets of a histogram hold whole numbers.')
    if (value < below) return invalid('A bucket of a histogram holds less than the one below it.')
    counts.push(value - below)
    below = value
  }
  return { bounds: sorted.map(({ le }) => le), lowers: null, counts, isExponential: false, min: null, max: null }
}

const invalid = (detail: string): Fault => ({ path: '', code: 'invalid_histogram', detail })
