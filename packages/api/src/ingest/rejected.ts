/**
 * Keeps refused points for somebody to mend. Beside the hot path: a request hands its refusals over and is answered; they
 * are written a moment later, those of all requests together, and what is too much at once is let go and counted.
 */
import type { Bus } from '../kernel/bus'
import type { Context } from '../kernel/context'
import type { ProductScope } from '../kernel/scope'
import type { ParsedPoints, SeriesName } from './columns'
import { insertRejected, type NewRejectedRow, trimRejected } from './repository-inbox'
import type { RejectedPoint } from './schema'
import { INBOX_LIMITS } from './schema-inbox'
import { toIsoMicros } from './timestamp'

/** What one request could not have stored. */
export interface Refusals {
  /** How it was sent: `json`, `influx-v2`, …, or a content type. */
  format: string
  /** The inflated body, where it is at hand. */
  body?: Uint8Array | null
  parsed: ParsedPoints
  rejected: readonly RejectedPoint[]
}

const FLUSH_AFTER_MS = 500
/** About 8 MB at most, and much less as a rule. */
const WAITING_MAX = 5_000
const DETAIL_CHARS_MAX = 1_000

/** After the answer is known; whatever goes wrong here changes none. */
export function keepRejected(ctx: Context, product: ProductScope, refusals: Refusals): void {
  if (refusals.rejected.length > 0) collectorOf(ctx).add(product, refusals)
}

/** Resolves when everything that was handed over is written, or let go. */
export const flushRejected = (ctx: Context): Promise<void> => collectorOf(ctx).flush()

/** Refused points of a product that this process let go. */
export const countDropped = (ctx: Context, product: ProductScope): number => collectorOf(ctx).droppedOf(product.id)

const collectors = new WeakMap<Bus, Collector>()

/** One per process: requests have contexts of their own, which share the bus. */
function collectorOf(ctx: Context): Collector {
  const known = collectors.get(ctx.bus)
  if (known) return known
  const collector = new Collector(ctx)
  collectors.set(ctx.bus, collector)
  return collector
}

class Collector {
  readonly #ctx: Context
  #waiting: NewRejectedRow[] = []
  /** Of each key, how many of `#waiting` are its. */
  #counts = new Map<string, number>()
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> = Promise.resolve()
  readonly #dropped = new Map<number, number>()

  constructor(ctx: Context) {
    this.#ctx = ctx
  }

  add(product: ProductScope, { format, parsed, rejected }: Refusals): void {
    const key = keyOf(product.id, product.apiKeyId)
    const count = this.#counts.get(key) ?? 0
    const room = Math.min(INBOX_LIMITS.rowsPerKeyMax - count, WAITING_MAX - this.#waiting.length)
    const kept = rejected.slice(0, Math.max(0, room))
    const createdAt = this.#ctx.clock.now()
    const name = nameOf(format)
    for (const { index, code, pointer, detail } of kept) {
      this.#waiting.push({
        productId: product.id,
        apiKeyId: product.apiKeyId,
        format: name,
        code,
        pointer: storable(pointer.slice(0, DETAIL_CHARS_MAX)),
        detail: storable(detail.slice(0, DETAIL_CHARS_MAX)),
        raw: cutToBytes(storable(parsed.raws?.get(index) ?? printPoint(parsed, index)), INBOX_LIMITS.rawBytesMax),
        createdAt,
      })
    }
    this.#counts.set(key, count + kept.length)
    this.#drop(product.id, rejected.length - kept.length)
    // A timer must not keep a process alive; a stop flushes by itself.
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS).unref()
  }

  droppedOf(productId: number): number {
    return this.#dropped.get(productId) ?? 0
  }

  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    const rows = this.#waiting
    this.#waiting = []
    this.#counts = new Map()
    if (rows.length > 0) this.#writing = this.#writing.then(() => this.#write(rows))
    return this.#writing
  }

  async #write(rows: readonly NewRejectedRow[]): Promise<void> {
    const db = this.#ctx.db.pools.meta
    try {
      await insertRejected(db, rows)
      const keys = new Map(rows.map((row) => [keyOf(row.productId, row.apiKeyId), row]))
      for (const { productId, apiKeyId } of keys.values()) await trimRejected(db, productId, apiKeyId)
    } catch (error) {
      // Senders were told what was refused; the inbox is a service beside that.
      this.#ctx.log.warn({ err: error, rows: rows.length }, 'refused points could not be kept')
      for (const { productId } of rows) this.#drop(productId, 1)
    }
  }

  #drop(productId: number, count: number): void {
    if (count > 0) this.#dropped.set(productId, (this.#dropped.get(productId) ?? 0) + count)
  }
}

const keyOf = (productId: number, apiKeyId: string | null) => `${productId}:${apiKeyId ?? ''}`

/** Content types that have a shorter name; a protocol has one already. */
const FORMAT_NAMES: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'text/csv': 'csv',
}

function nameOf(format: string): string {
  const [type = ''] = format.toLowerCase().split(';')
  return FORMAT_NAMES[type.trim()] ?? type.trim().slice(0, 64)
}

const UNSTORABLE = /[\0\p{Surrogate}]/gu
const storable = (text: string) => text.replace(UNSTORABLE, '\ufffd')

/** Cuts between characters. */
function cutToBytes(text: string, bytesMax: number): string {
  // Three bytes a unit of UTF-16 are the most there can be.
  if (text.length * 3 <= bytesMax) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= bytesMax) return text
  return new TextDecoder().decode(bytes.subarray(0, bytesMax), { stream: true })
}

/**
 * A point that the writer refused, from its columns. What a point of our own format cannot say (that it is a distribution,
 * or counts since a start) stands in fields that the format does not have, so that it is not sent again as something else.
 */
function printPoint(parsed: ParsedPoints, index: number): string {
  const row = rowOf(parsed, index)
  if (row === -1) return ''
  const { metric, tags } = parsed.series[parsed.seriesOf[row] as number] as SeriesName
  const id = parsed.ids?.[row]
  const histogram = parsed.histograms?.[row]
  return JSON.stringify({
    metric,
    value: parsed.value[row],
    timestamp: toIsoMicros(parsed.ts[row] as number),
    ...(tags === '{}' ? {} : { tags: JSON.parse(tags) }),
    ...(id === undefined ? {} : { id }),
    ...(histogram ? { distribution: { count: histogram.count, min: histogram.min, max: histogram.max } } : {}),
    ...(parsed.identity === 'cumulative' ? { cumulative: true } : {}),
  })
}

/** `indexOf` ascends. */
function rowOf({ indexOf, length }: ParsedPoints, index: number): number {
  if (indexOf === null) return index < length ? index : -1
  let low = 0
  let high = indexOf.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const at = indexOf[middle] as number
    if (at === index) return middle
    if (at < index) low = middle + 1
    else high = middle - 1
  }
  return -1
}
