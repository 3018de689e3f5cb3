/**
 * What StatsD clients send between two writes, put together as StatsD means it:
 * - counters are added up: a point is the sum of what came, divided by its sample rate;
 * - of a gauge the last value counts, and `+3` or `-3` changes what this process saw last (0 at first);
 * - timings, histograms and distributions stay single values; with a sample rate a value stands for 1 / rate of them;
 * - a set becomes a gauge: how many different members came within SET_WINDOW_MS.
 */
import { binOf } from '@trackable/db/points'
import { customId } from '../kernel/secrets'
import { ColumnBuilder, type Fault, type Histogram, type MetricHint, type ParsedPoints } from './columns'
import type { AgentSeries } from './formats/agent-points'
import { parseStatsdLine, type StatsdSample } from './formats/statsd'
import { INGEST_LIMITS } from './schema'

/** Of sums, values and members in memory. */
const HELD_MAX = 50_000
const HELD_BYTES = 200
/** Gauges whose last value is remembered for `+` and `-`. */
const GAUGES_MAX = 50_000
/** Broken lines of one write that go to the inbox; all are counted. */
const FAULTS_MAX = 100
const SET_WINDOW_MS = 10_000

export interface StatsdCounts {
  samples: number
  /** Lines that could not be read. */
  malformed: number
  /** Samples that found no room. */
  dropped: number
}

interface Held {
  series: AgentSeries
  /** Epoch ms; null: when it is written. */
  ts: number | null
  value: number
}

export class StatsdAggregate {
  readonly counts: StatsdCounts = { samples: 0, malformed: 0, dropped: 0 }
  /** Ids of points begin with it, so that a write whose outcome is unknown can be tried again. */
  readonly #run = customId(12)
  #sequence = 0
  #sums = new Map<string, Held>()
  #gauges = new Map<string, Held>()
  #values: (Held & { rate: number })[] = []
  #sets = new Map<string, { series: AgentSeries; members: Set<string> }>()
  #setSize = 0
  #setsSince: number | null = null
  #faults: { fault: Fault; line: string }[] = []
  #lastGauges = new Map<string, number>()

  /** Things to write, of sets only what is due by now. */
  get size(): number {
    return this.#sums.size + this.#gauges.size + this.#values.length
  }

  /** A datagram: one metric or many, each on a line of its own. `now` is epoch ms. */
  add(packet: string, now: number): void {
    for (const line of packet.split('\n'))
      if (line !== '') this.#addLine(line.endsWith('\r') ? line.slice(0, -1) : line, now)
  }

  #addLine(line: string, now: number): void {
    const sample = parseStatsdLine(line)
    if (sample === null) return
    if ('code' in sample) {
      this.counts.malformed++
      if (this.#faults.length < FAULTS_MAX) this.#faults.push({ fault: sample, line })
      return
    }
    for (const value of sample.values) {
      this.counts.samples++
      if (this.size + this.#setSize >= HELD_MAX) this.counts.dropped++
      else this.#hold(sample, value, now)
    }
  }

  #hold({ type, series, isDelta, rate, ts }: StatsdSample, text: string, now: number): void {
    const name = `${series.metric}\0${series.tags}`
    const key = ts === null ? name : `${name}\0${ts}`
    const value = Number(text)
    if (type === 'count') {
      const sum = this.#sums.get(key)
      if (sum) sum.value += value / rate
      else this.#sums.set(key, { series, ts, value: value / rate })
    } else if (type === 'gauge') {
      const last = isDelta ? (this.#lastGauges.get(name) ?? 0) : 0
      if (this.#lastGauges.size >= GAUGES_MAX && !this.#lastGauges.has(name)) this.#lastGauges.clear()
      this.#lastGauges.set(name, last + value)
      this.#gauges.set(key, { series, ts, value: last + value })
    } else if (type === 'distribution') this.#values.push({ series, ts, value, rate })
    else this.#addMember(name, series, text, now)
  }

  #addMember(name: string, series: AgentSeries, member: string, now: number): void {
    this.#setsSince ??= now
    let set = this.#sets.get(name)
    if (!set) {
      set = { series, members: new Set() }
      this.#sets.set(name, set)
    }
    if (set.members.has(member)) return
    set.members.add(member)
    this.#setSize++
  }

  /** What is to be written, and forgets it. Sets wait for the end of their window, unless `isLast`. Null: nothing. */
  take(now: number, isLast = false): ParsedPoints | null {
    const areSetsDue = this.#setsSince !== null && (isLast || now - this.#setsSince >= SET_WINDOW_MS)
    if (this.size === 0 && this.#faults.length === 0 && !areSetsDue) return null
    const columns = new ColumnBuilder(0, 0, (index) => `/${index}`)
    let index = 0
    const put = ({ series, ts, value }: Held, hint: MetricHint, rate = 1) => {
      const at = ts ?? now
      if (!Number.isFinite(value)) columns.refuse(index, NOT_FINITE)
      else if (at > now + INGEST_LIMITS.futureMsMax) columns.refuse(index, OUT_OF_WINDOW)
      else {
        const weight = hint === DISTRIBUTION ? Math.round(1 / rate) : 1
        // Adding 0 turns -0 into 0, as everywhere.
        columns.add(index, series.metric, series.tags, at, value * weight + 0, `${this.#run}:${this.#sequence++}`)
        if (weight > 1) columns.addHistogram(repeat(value, weight))
        columns.hint(series.metric, hint)
      }
      index++
    }
    for (const sum of this.#sums.values()) put(sum, COUNT)
    for (const gauge of this.#gauges.values()) put(gauge, GAUGE)
    for (const value of this.#values) put(value, DISTRIBUTION, value.rate)
    if (areSetsDue) {
      for (const { series, members } of this.#sets.values()) put({ series, ts: null, value: members.size }, GAUGE)
      this.#sets = new Map()
      this.#setSize = 0
      this.#setsSince = null
    }
    for (const { fault, line } of this.#faults) columns.refuse(index++, fault, () => line)
    this.#sums = new Map()
    this.#gauges = new Map()
    this.#values = []
    this.#faults = []
    const parsed = columns.finish()
    parsed.count = index
    parsed.bytes = index * HELD_BYTES
    return parsed
  }
}

/** A value that stands for several. */
const repeat = (value: number, count: number): Histogram => ({
  count,
  min: value,
  max: value,
  bins: [binOf(value)],
  counts: [count],
})

const COUNT: MetricHint = { kind: 'count' }
const GAUGE: MetricHint = { kind: 'gauge' }
const DISTRIBUTION: MetricHint = { kind: 'distribution' }

const NOT_FINITE: Fault = { path: '', code: 'not_finite', detail: 'The value is too large for a 64-bit float.' }
const OUT_OF_WINDOW: Fault = {
  path: '',
  code: 'timestamp_out_of_window',
  detail: 'Timestamps from 1970 to 24 hours ahead are accepted.',
}
