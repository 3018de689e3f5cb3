/** What the formats of agents share: points of several identities in one body, each with its place in it. */
import { DomainError } from '../../kernel/errors'
import { toPointer } from '../../kernel/pointer'
import { UNSTORABLE } from '../../kernel/storable'
import {
  type Buckets,
  ColumnBuilder,
  type Fault,
  type Histogram,
  type MetricHint,
  type ParsedPoints,
  type PointIdentity,
} from '../columns'
import { INGEST_LIMITS } from '../schema'

export const AGENT_LIMITS = {
  /** Of the unpacked body. The OpenTelemetry protocol names no number; its collector and others stop at 20 MiB. */
  bodyBytesMax: 20 * 1024 * 1024,
  /** A collector sends 8,192 at once, Prometheus 2,000. Nobody else is served while they are read: 6 µs each. */
  pointsPerRequestMax: 50_000,
} as const

/** As the catalogue has them. */
const UNIT_CHARS_MAX = 20
const DESCRIPTION_CHARS_MAX = 500

/** The difference of two values has to be a number, too. */
const CUMULATIVE_SIZE_MAX = Number.MAX_VALUE / 2

/** A series that is known to be good. */
export interface AgentSeries {
  metric: string
  /** Canonical JSON. */
  tags: string
}

export interface AgentPoint {
  identity: PointIdentity
  series: AgentSeries
  /** Epoch ms with microseconds as the fraction. */
  ts: number
  /** Of a distribution: its sum. */
  value: number
  /** With `cumulative`: epoch ms, 0 where the protocol tells none. */
  startMs?: number
  /** A distribution: `buckets` with `cumulative`, `histogram` with the others. */
  buckets?: Buckets
  histogram?: Histogram
}

export class AgentPoints {
  readonly #bytes: number
  readonly #now: number
  readonly #builders = new Map<PointIdentity, ColumnBuilder>()
  readonly #lists: { first: number; pointer: string }[] = []
  #count = 0
  #skipped = 0

  /** `bytes` is the size of the body, `now` epoch ms. */
  constructor(bytes: number, now: number) {
    this.#bytes = bytes
    this.#now = now
  }

  /** Points so far, whatever became of them; the index of the next one. */
  get count(): number {
    return this.#count
  }

  /** The points from here on are the members of the list at `pointer`. */
  beginList(pointer: string): void {
    this.#lists.push({ first: this.#count, pointer })
  }

  /** Takes the point, or refuses it for its value or time. */
  add(point: AgentPoint): void {
    const fault = this.#findFault(point)
    if (fault) this.refuse(fault, () => printPoint(point))
    else this.#put(this.#next(), point)
  }

  /** One more series of the point that was added last, which has several: a summary has its count, sum and quantiles. */
  addBeside(point: AgentPoint): void {
    if (this.#findFault(point) === null) this.#put(this.#count - 1, point)
  }

  #put(index: number, point: AgentPoint): void {
    const { identity, series, ts, value, startMs, buckets, histogram } = point
    const builder = this.#builderOf(identity)
    // Adding 0 turns -0 into 0, as everywhere.
    builder.add(index, series.metric, series.tags, ts, value + 0, undefined)
    if (identity === 'cumulative') builder.addStart(startMs ? startMs : null)
    if (buckets) builder.addBuckets(buckets)
    if (histogram) builder.addHistogram(histogram)
  }

  /** A point that says nothing: it counts as taken, and nothing is stored. */
  skip(): void {
    this.#next()
    this.#skipped++
  }

  /** `raw` is the point for whoever wants to mend it (see ColumnBuilder.refuse). */
  refuse(fault: Fault, raw?: () => string): void {
    this.#builderOf('overwrite').refuse(this.#next(), fault, raw)
  }

  hint(identity: PointIdentity, metric: string, hint: MetricHint): void {
    const { kind, unit, description } = hint
    this.#builderOf(identity).hint(metric, {
      ...(kind ? { kind } : {}),
      ...(unit && unit !== '1' ? { unit: unit.slice(0, UNIT_CHARS_MAX) } : {}),
      ...(description ? { description: description.slice(0, DESCRIPTION_CHARS_MAX) } : {}),
    })
  }

  /** One ParsedPoints for each identity that occurs. */
  finish(): ParsedPoints[] {
    const parts = [...this.#builders.values()].map((builder) => builder.finish())
    for (const part of parts) part.count = part.length + part.rejected.length
    if (parts[0]) parts[0].count += this.#skipped
    return parts
  }

  #next(): number {
    if (this.#count >= AGENT_LIMITS.pointsPerRequestMax) {
      const max = AGENT_LIMITS.pointsPerRequestMax.toLocaleString('en')
      throw new DomainError(
        'payload_too_large',
        `At most ${max} points are taken at once. Send them in smaller batches.`,
      )
    }
    return this.#count++
  }

  #builderOf(identity: PointIdentity): ColumnBuilder {
    let builder = this.#builders.get(identity)
    if (!builder) {
      // The body counts once: what it keeps in memory is what all parts share.
      const bytes = this.#builders.size === 0 ? this.#bytes : 0
      builder = new ColumnBuilder(0, bytes, (index) => this.#pointerOf(index), identity)
      this.#builders.set(identity, builder)
    }
    return builder
  }

  #pointerOf(index: number): string {
    let low = 0
    let high = this.#lists.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lists[middle]?.first ?? 0) <= index) low = middle
      else high = middle - 1
    }
    const list = this.#lists[low]
    return list ? `${list.pointer}/${index - list.first}` : `/${index}`
  }

  #findFault({ identity, ts, value, buckets, histogram }: AgentPoint): Fault | null {
    // Written so that NaN fails it.
    if (!(Math.abs(value) <= (identity === 'cumulative' ? CUMULATIVE_SIZE_MAX : Number.MAX_VALUE)))
      return {
        path: '',
        code: 'not_finite',
        detail: 'The value is not a number, infinite, or too large for a 64-bit float.',
      }
    const counts = (buckets ?? histogram)?.counts
    if (counts && !isCountable(counts)) return NOT_COUNTABLE
    if (ts >= INGEST_LIMITS.timestampMsMin && ts <= this.#now + INGEST_LIMITS.futureMsMax) return null
    const detail = 'Timestamps from 1970 to 24 hours ahead are accepted.'
    return { path: '', code: 'timestamp_out_of_window', detail }
  }
}

/** What the database has no number for would cost the whole request there. */
function isCountable(counts: readonly number[]): boolean {
  let total = 0
  for (const count of counts) {
    if (!(count >= 0)) return false
    total += count
  }
  return total <= Number.MAX_SAFE_INTEGER
}

const NOT_COUNTABLE: Fault = {
  path: '',
  code: 'invalid_histogram',
  detail: 'The counts of a histogram are not negative, and together less than 2^53.',
}

/** In fields of our own format, as far as it has them: somebody may mend it (see rejected.ts). */
function printPoint({ identity, series, ts, value, buckets, histogram }: AgentPoint): string {
  return JSON.stringify({
    metric: series.metric,
    // JSON knows no NaN and no infinity.
    value: Number.isFinite(value) ? value : String(value),
    timestamp: ts,
    tags: JSON.parse(series.tags) as unknown,
    ...(buckets || histogram ? { distribution: true } : {}),
    ...(identity === 'cumulative' ? { cumulative: true } : {}),
  })
}

/** A metric and its tags, checked; `tags` is sorted here. Of tags with the same name the last one counts. */
export function toSeries(metric: string, tags: ReadonlyMap<string, string>): AgentSeries | Fault {
  const { metricCharsMax, tagsPerPointMax } = INGEST_LIMITS
  if (metric === '') return { path: '', code: 'missing_field', detail: 'The name of the metric is empty.' }
  if (metric.length > metricCharsMax)
    return { path: '', code: 'too_long', detail: `The name of a metric has at most ${metricCharsMax} characters.` }
  if (NEEDS_CARE.test(metric) && UNSTORABLE.test(metric)) return unstorable('', 'name of the metric')
  if (tags.size > tagsPerPointMax) {
    const detail = `A point has at most ${tagsPerPointMax} tags, and this one has ${tags.size}.`
    return { path: '', code: 'too_many_tags', detail }
  }
  let canonical = '{'
  for (const key of sortKeys(tags)) {
    const value = tags.get(key) ?? ''
    const isPlain = !NEEDS_CARE.test(key) && !NEEDS_CARE.test(value)
    const fault = findTagFault(key, value, isPlain)
    if (fault) return fault
    const member = isPlain ? `"${key}":"${value}"` : `${JSON.stringify(key)}:${JSON.stringify(value)}`
    canonical += canonical === '{' ? member : `,${member}`
  }
  return { metric, tags: `${canonical}}` }
}

/** Whatever JSON would escape, and all that is not ASCII: of it some cannot be stored. */
const NEEDS_CARE = /[^ !#-[\]-~]/

/** Most senders sort already, and asking is cheaper than sorting. */
function sortKeys(tags: ReadonlyMap<string, string>): Iterable<string> {
  let last = ''
  for (const key of tags.keys()) {
    if (key < last) return [...tags.keys()].sort()
    last = key
  }
  return tags.keys()
}

export const isFault = (result: AgentSeries | Fault): result is Fault => 'code' in result

function findTagFault(key: string, value: string, isPlain: boolean): Fault | null {
  const { tagKeyCharsMax, tagValueCharsMax } = INGEST_LIMITS
  if (key.length > 0 && key.length <= tagKeyCharsMax && value.length <= tagValueCharsMax) {
    const isStorable = isPlain || !(UNSTORABLE.test(key) || UNSTORABLE.test(value))
    return isStorable ? null : unstorable(toPointer([key]), 'tag')
  }
  if (key === '') return { path: '', code: 'missing_field', detail: 'The name of a tag is empty.' }
  if (key.length > tagKeyCharsMax)
    return { path: '', code: 'too_long', detail: `A tag's name has at most ${tagKeyCharsMax} characters: ${key}` }
  const detail = `A tag's value has at most ${tagValueCharsMax} characters: ${key}`
  return { path: toPointer([key]), code: 'too_long', detail }
}

const unstorable = (path: string, name: string): Fault => ({
  path,
  code: 'invalid_text',
  detail: `The ${name} holds U+0000 or half a surrogate pair, which cannot be stored.`,
})
