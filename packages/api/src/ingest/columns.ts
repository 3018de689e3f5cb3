/** What every format parses into: columns, and the points that were refused. No object per point past the parser. */
import type { RejectCode, RejectedPoint } from './schema'

/** A metric with one combination of tags. */
export interface SeriesName {
  metric: string
  /** Canonical JSON of the tags: sorted keys, no spaces. Equal for equal tags and for them only. */
  tags: string
  /** Metric and tags as one text: what caches look up. Injective, since a metric holds no U+0000. */
  key: string
}

/**
 * What makes a point the same as another of its series and timestamp.
 * - `additive`: its id. Without one it is new whatever is there.
 * - `overwrite`: nothing else. The later value replaces the earlier one, so that a blind retry is harmless (Influx,
 *   Prometheus gauges).
 * - `cumulative`: the value counts since a start; what is stored is the difference to the value before (see
 *   cumulative.ts), and a value that was seen already adds nothing.
 */
export type PointIdentity = 'additive' | 'overwrite' | 'cumulative'

/** A distribution that arrives counted. Beside `ParsedPoints.value`, which holds its sum. */
export interface Histogram {
  count: number
  min: number | null
  max: number | null
  /** Ascending log bins (see bins.ts) and how many values fell into each. */
  bins: number[]
  counts: number[]
}

/** A distribution in the buckets of its sender, before it is counted into log bins (see buckets.ts). */
export interface Buckets {
  /** The upper end of each bucket, ascending; the last may be Infinity. */
  bounds: number[]
  /** The lower ends; null where each bucket begins at the end of the one before. */
  lowers: number[] | null
  counts: number[]
  /** Powers of a base, of which empty ones may be left out and two may become one; else the bounds are fixed. */
  isExponential: boolean
  /** The extremes, where the sender knows them. */
  min: number | null
  max: number | null
}

/** What a protocol knows of a metric beside its points; it fills what nobody has said in the catalogue. */
export interface MetricHint {
  kind?: 'count' | 'gauge' | 'distribution'
  unit?: string
  description?: string
}

export interface ParsedPoints {
  /** All points of the request, refused ones included. */
  count: number
  /** Size of the body. */
  bytes: number
  /** Rows that may be stored; each of the columns has this length. */
  length: number
  /** The distinct series of the request; `seriesOf` points into it. */
  series: SeriesName[]
  seriesOf: number[]
  /** Epoch ms with microseconds as the fraction. */
  ts: number[]
  value: number[]
  /** The client's own ids; null when no point has one. */
  ids: (string | undefined)[] | null
  /** The place of each row in the request; null while row i is point i. */
  indexOf: number[] | null
  rejected: RejectedPoint[]
  /** The text of refused points, by index, as far as the format tells it; see rejected.ts. Null when it tells none. */
  raws: Map<number, string> | null
  /** One word for all rows: a request that mixes them is parsed into one ParsedPoints for each (see formats/index.ts). */
  identity: PointIdentity
  /** Of row i, when it is a distribution; null when none is. */
  histograms: (Histogram | null)[] | null
  /** With `cumulative`: epoch ms since when row i counts, null where the protocol tells none. Else null. */
  startTs: (number | null)[] | null
  /** With `cumulative`: of row i, when it is a distribution; `histograms` is then null. Else null. */
  buckets: (Buckets | null)[] | null
  /** By metric name; null when the format knows nothing. */
  hints: Map<string, MetricHint> | null
  /** What comes before `/value` in a pointer to point i: `/points/3`, `/3`, or nothing for a lone point. */
  pointerOf(index: number): string
}

/** A fault of one point, in words for whoever sent it. `path` is a JSON pointer below the point. */
export interface Fault {
  path: string
  code: RejectCode
  detail: string
}

/** As many as are kept of one key: see INBOX_LIMITS. */
const RAWS_MAX = 1_000
const RAW_CHARS_MAX = 4_096

function cutRaw(raw: () => string): string {
  try {
    // Copied, since a piece of a text keeps the whole of it in memory.
    return Buffer.from(raw().slice(0, RAW_CHARS_MAX)).toString()
  } catch {
    return '' // nested too deeply to be printed again: the reason for the refusal has to do
  }
}

/** Collects columns. A format hands in one point after the other, good or bad. */
export class ColumnBuilder {
  readonly #parsed: ParsedPoints
  readonly #places = new Map<string, number>()

  constructor(
    count: number,
    bytes: number,
    pointerOf: (index: number) => string,
    identity: PointIdentity = 'additive',
  ) {
    this.#parsed = {
      count,
      bytes,
      length: 0,
      series: [],
      seriesOf: [],
      ts: [],
      value: [],
      ids: null,
      indexOf: null,
      rejected: [],
      raws: null,
      identity,
      histograms: null,
      startTs: null,
      buckets: null,
      hints: null,
      pointerOf,
    }
  }

  /** Takes one point that is known to be good. `tags` is canonical. */
  add(index: number, metric: string, tags: string, ts: number, value: number, id: string | undefined): void {
    this.addTo(this.placeOf(metric, tags), index, ts, value, id)
  }

  /** The same for a format that knows the place of its series. */
  addTo(place: number, index: number, ts: number, value: number, id: string | undefined): void {
    const parsed = this.#parsed
    const row = parsed.length++
    parsed.seriesOf.push(place)
    parsed.ts.push(ts)
    parsed.value.push(value)
    if (id !== undefined) parsed.ids ??= new Array(row).fill(undefined)
    parsed.ids?.push(id)
    if (parsed.indexOf === null && index !== row) parsed.indexOf = Array.from({ length: row }, (_, i) => i)
    parsed.indexOf?.push(index)
  }

  /** Gives the row added last an id, when the client gave none. */
  name(id: string): void {
    const row = this.#parsed.length - 1
    this.#parsed.ids ??= new Array(row + 1).fill(undefined)
    this.#parsed.ids[row] = id
  }

  /**
   * `raw` gives the point for whoever wants to mend it: JSON of our own format where there is one, else the text that was
   * sent. Asked for the first RAWS_MAX points only, so that a body of nothing but faults stays cheap.
   */
  refuse(index: number, { path, code, detail }: Fault, raw?: () => string): void {
    const parsed = this.#parsed
    parsed.rejected.push({ index, pointer: parsed.pointerOf(index) + path, code, detail })
    if (!raw || parsed.rejected.length > RAWS_MAX) return
    parsed.raws ??= new Map()
    parsed.raws.set(index, cutRaw(raw))
  }

  /** Says that the row added last is a distribution. */
  addHistogram(histogram: Histogram): void {
    const row = this.#parsed.length - 1
    this.#parsed.histograms ??= []
    while (this.#parsed.histograms.length < row) this.#parsed.histograms.push(null)
    this.#parsed.histograms[row] = histogram
  }

  /** Says since when the row added last counts. */
  addStart(startTs: number | null): void {
    const row = this.#parsed.length - 1
    this.#parsed.startTs ??= []
    while (this.#parsed.startTs.length < row) this.#parsed.startTs.push(null)
    this.#parsed.startTs[row] = startTs
  }

  /** Says that the row added last is a distribution that counts since a start. */
  addBuckets(buckets: Buckets): void {
    const row = this.#parsed.length - 1
    this.#parsed.buckets ??= []
    while (this.#parsed.buckets.length < row) this.#parsed.buckets.push(null)
    this.#parsed.buckets[row] = buckets
  }

  hint(metric: string, hint: MetricHint): void {
    this.#parsed.hints ??= new Map()
    if (!this.#parsed.hints.has(metric)) this.#parsed.hints.set(metric, hint)
  }

  finish(): ParsedPoints {
    return this.#parsed
  }

  /** Where the series stands in `series`; new ones are appended. `tags` is canonical. */
  placeOf(metric: string, tags: string): number {
    const key = `${metric}\0${tags}`
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place = this.#parsed.series.push({ metric, tags, key }) - 1
    this.#places.set(key, place)
    return place
  }
}
