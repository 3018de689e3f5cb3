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
  /** What comes before `/value` in a pointer to point i: `/points/3`, `/3`, or nothing for a lone point. */
  pointerOf(index: number): string
}

/** A fault of one point, in words for whoever sent it. `path` is a JSON pointer below the point. */
export interface Fault {
  path: string
  code: RejectCode
  detail: string
}

/** Collects columns. A format hands in one point after the other, good or bad. */
export class ColumnBuilder {
  readonly #parsed: ParsedPoints
  readonly #places = new Map<string, number>()

  constructor(count: number, bytes: number, pointerOf: (index: number) => string) {
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
      pointerOf,
    }
  }

  /** Takes one point that is known to be good. `tags` is canonical. */
  add(index: number, metric: string, tags: string, ts: number, value: number, id: string | undefined): void {
    const parsed = this.#parsed
    const row = parsed.length++
    parsed.seriesOf.push(this.#placeOf(metric, tags))
    parsed.ts.push(ts)
    parsed.value.push(value)
    if (id !== undefined) parsed.ids ??= new Array(row).fill(undefined)
    parsed.ids?.push(id)
    if (parsed.indexOf === null && index !== row) parsed.indexOf = Array.from({ length: row }, (_, i) => i)
    parsed.indexOf?.push(index)
  }

  refuse(index: number, { path, code, detail }: Fault): void {
    this.#parsed.rejected.push({ index, pointer: this.#parsed.pointerOf(index) + path, code, detail })
  }

  finish(): ParsedPoints {
    return this.#parsed
  }

  #placeOf(metric: string, tags: string): number {
    const key = `${metric}\0${tags}`
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place = this.#parsed.series.push({ metric, tags, key }) - 1
    this.#places.set(key, place)
    return place
  }
}
