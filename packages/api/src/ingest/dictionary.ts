/**
 * From the names of series to their ids. A hit costs two look-ups in maps; a miss is one short statement outside the
 * writer's transaction, shared by all requests of the product that miss at the same time.
 */
import { createHash } from 'node:crypto'
import type { Queryable } from '@trackable/db'
import {
  applyMetricHints,
  countSeries,
  findMetrics,
  findSeries,
  findSeriesAliases,
  getDictionaryEpoch,
  type MetricRow,
  type NewSeries,
  resolveMetrics,
  resolveSeries,
} from '@trackable/db/points'
import type { MetricHint, SeriesName } from './columns'

/** Ids of a product's series by `SeriesName.key`; a series that the limit refused is missing. */
export type SeriesIds = ReadonlyMap<string, number>

interface Lane {
  /** What the next round resolves. */
  waiting: Map<string, SeriesName>
  next: Promise<SeriesIds> | null
  running: Promise<unknown>
}

export interface DictionaryOptions {
  /** Series a product may have. Replicas count for themselves and may overshoot by what they create within a minute. */
  seriesPerProductMax: number
  /** Entries in memory, about 200 bytes each; twice as many at the moment before old ones are dropped. */
  cachedMax?: number
  nowMs(): number
}

const CACHED_MAX = 100_000
/** Metrics whose hints were applied by this process; when there are more, some are applied again, to no effect. */
const HINTED_MAX = 50_000
/** The count of a product's series is read again after this time: another process may have added some. */
const COUNT_MAX_AGE_MS = 60_000

export class SeriesDictionary {
  readonly #db: Queryable
  readonly #options: DictionaryOptions
  readonly #cachedMax: number
  readonly #lanes = new Map<number, Lane>()
  readonly #counts = new Map<number, { count: number; readAt: number; isExact: boolean }>()
  /** Two generations instead of a list of uses: what is used moves into the young one, the old one is dropped whole. */
  #young = new Map<number, Map<string, number>>()
  #old = new Map<number, Map<string, number>>()
  #youngSize = 0
  readonly #hinted = new Set<string>()
  /** What metrics are called that were sent under a former name, by product and that name. */
  readonly #currentNames = new Map<string, string>()
  #epoch: number | null = null

  constructor(db: Queryable, options: DictionaryOptions) {
    this.#db = db
    this.#options = options
    this.#cachedMax = options.cachedMax ?? CACHED_MAX
  }

  /** What is remembered was read in this epoch (see dictionary-epoch.ts); null before `start`. */
  get epoch(): number | null {
    return this.#epoch
  }

  /** To be awaited before the first look-up. */
  async start(): Promise<void> {
    if (this.#epoch === null) this.forget(await getDictionaryEpoch(this.#db))
  }

  /** Metrics were renamed, merged or deleted: everything is looked up again. */
  forget(epoch: number): void {
    if (this.#epoch !== null && this.#epoch >= epoch) return
    this.#epoch = epoch
    this.#young = new Map()
    this.#old = new Map()
    this.#youngSize = 0
    for (const known of [this.#counts, this.#hinted, this.#currentNames]) known.clear()
  }

  /** The name that a metric is watched under, whatever it was sent under. */
  currentNameOf(productId: number, name: string): string {
    return this.#currentNames.size === 0 ? name : (this.#currentNames.get(`${productId}:${name}`) ?? name)
  }

  find(productId: number, key: string): number | undefined {
    const id = this.#young.get(productId)?.get(key)
    if (id !== undefined) return id
    const old = this.#old.get(productId)?.get(key)
    if (old !== undefined) this.#remember(productId, key, old)
    return old
  }

  /** Finds or creates. One round for each product at a time; whoever comes while it runs shares the next. */
  resolve(productId: number, series: readonly SeriesName[]): Promise<SeriesIds> {
    let lane = this.#lanes.get(productId)
    if (!lane) {
      lane = { waiting: new Map(), next: null, running: Promise.resolve() }
      this.#lanes.set(productId, lane)
    }
    for (const one of series) lane.waiting.set(one.key, one)
    lane.next ??= this.#startRound(productId, lane)
    return lane.next
  }

  /**
   * Fills what nobody has said of these metrics in the catalogue; once for each metric, process and sort of hint. `again`
   * is for hints that arrive without points, before or after the metric: they are tried each time.
   */
  async applyHints(productId: number, hints: ReadonlyMap<string, MetricHint>, again = false): Promise<void> {
    const keyOf = ([name, { kind, unit, description }]: [string, MetricHint]) =>
      `${productId}:${kind ?? ''}:${unit ? 'u' : ''}${description ? 'd' : ''}:${name}`
    const fresh = [...hints].filter((hint) => again || !this.#hinted.has(keyOf(hint)))
    if (fresh.length === 0) return
    await applyMetricHints(
      this.#db,
      productId,
      fresh.map(([name, hint]) => ({ name, ...hint })),
    )
    if (again) return
    if (this.#hinted.size > HINTED_MAX) this.#hinted.clear()
    for (const hint of fresh) this.#hinted.add(keyOf(hint))
  }

  #startRound(productId: number, lane: Lane): Promise<SeriesIds> {
    const round = lane.running.then(() => {
      const names = [...lane.waiting.values()]
      lane.waiting = new Map()
      lane.next = null
      return this.#readOrCreate(productId, names).catch((error) => {
        // The metric was merged or deleted between its look-up and the creation of its series.
        if (isForeignKeyViolation(error)) return this.#readOrCreate(productId, names)
        throw error
      })
    })
    // The next round must run whatever becomes of this one; its own callers get the error.
    lane.running = round.then(
      () => this.#closeLane(productId, lane),
      () => this.#closeLane(productId, lane),
    )
    return round
  }

  #closeLane(productId: number, lane: Lane): void {
    if (lane.next === null && this.#lanes.get(productId) === lane) this.#lanes.delete(productId)
  }

  async #readOrCreate(productId: number, names: SeriesName[]): Promise<SeriesIds> {
    const epoch = this.#epoch
    const max = this.#options.seriesPerProductMax
    let room = max - (await this.#countSeries(productId, false))
    if (names.length > room) room = max - (await this.#countSeries(productId, true))
    const found = names.length <= room ? new Map<string, number>() : await this.#read(productId, names)
    const missing = names.filter((name) => !found.has(name.key)).slice(0, Math.max(0, room))
    const created = missing.length > 0 ? await this.#create(productId, missing) : new Map<string, number>()
    const ids = new Map([...found, ...created])
    if (epoch === this.#epoch) for (const [key, id] of ids) this.#remember(productId, key, id)
    return ids
  }

  async #countSeries(productId: number, mustBeExact: boolean): Promise<number> {
    const known = this.#counts.get(productId)
    const now = this.#options.nowMs()
    if (known && now - known.readAt < COUNT_MAX_AGE_MS && (known.isExact || !mustBeExact)) return known.count
    const count = await countSeries(this.#db, productId)
    this.#counts.set(productId, { count, readAt: now, isExact: true })
    return count
  }

  /** Without creating anything: at the limit not even the metric of a new series may come to be. */
  async #read(productId: number, names: SeriesName[]): Promise<Map<string, number>> {
    const metrics = await findMetrics(this.#db, productId, [...new Set(names.map((name) => name.metric))])
    const moved = await this.#readMoved(productId, names, metrics)
    const { wanted, keys } = toRows(
      names.filter(({ key }) => !moved.has(key)),
      metrics,
    )
    return new Map([...moved, ...toIds(keys, await findSeries(this.#db, productId, wanted))])
  }

  /** Series that kept to themselves in a merge: a former name and its tags mean them, and not the series of the new name. */
  async #readMoved(
    productId: number,
    names: SeriesName[],
    metrics: readonly MetricRow[],
  ): Promise<Map<string, number>> {
    const former = new Map(metrics.filter((one) => one.current_name !== one.name).map((one) => [one.name, one]))
    if (former.size === 0) return new Map()
    for (const one of former.values()) this.#currentNames.set(`${productId}:${one.name}`, one.current_name)
    const wanted = names
      .filter(({ metric }) => former.has(metric))
      .map(({ metric, tags, key }) => ({ name: metric, tagsHash: hashTags(tags), key }))
    const found = await findSeriesAliases(this.#db, productId, wanted)
    const keyOf = (name: string, tagsHash: Buffer) => `${tagsHash.toString('base64')}:${name}`
    const ids = new Map(found.map((row) => [keyOf(row.name, row.tags_hash), row.series_id]))
    return new Map(
      wanted.flatMap(({ name, tagsHash, key }) => {
        const id = ids.get(keyOf(name, tagsHash))
        return id === undefined ? [] : [[key, id] as const]
      }),
    )
  }

  async #create(productId: number, names: SeriesName[]): Promise<Map<string, number>> {
    const metricNames = [...new Set(names.map((name) => name.metric))]
    const metrics = await resolveMetrics(
      this.#db,
      productId,
      metricNames.map((name) => ({ name })),
    )
    const moved = await this.#readMoved(productId, names, metrics)
    const { wanted, keys } = toRows(
      names.filter(({ key }) => !moved.has(key)),
      metrics,
    )
    const ids = toIds(keys, await resolveSeries(this.#db, productId, wanted))
    // An upper bound, since some of them may have existed; counted again before it makes anybody refuse.
    const known = this.#counts.get(productId)
    if (known) this.#counts.set(productId, { ...known, count: known.count + ids.size, isExact: false })
    return new Map([...moved, ...ids])
  }

  #remember(productId: number, key: string, id: number): void {
    let product = this.#young.get(productId)
    if (!product) {
      product = new Map()
      this.#young.set(productId, product)
    }
    if (!product.has(key)) this.#youngSize++
    product.set(key, id)
    if (this.#youngSize < this.#cachedMax) return
    this.#old = this.#young
    this.#young = new Map()
    this.#youngSize = 0
  }
}

const hashTags = (tags: string) => createHash('sha256').update(tags, 'utf8').digest().subarray(0, 16)

const isForeignKeyViolation = (error: unknown) => error instanceof Error && 'code' in error && error.code === '23503'

function toRows(names: readonly SeriesName[], metrics: readonly { id: number; name: string }[]) {
  const metricIds = new Map(metrics.map((metric) => [metric.name, metric.id]))
  const wanted: NewSeries[] = []
  /** A renamed metric may be sent under several of its names at once. */
  const keys = new Map<string, string[]>()
  for (const { metric, tags, key } of names) {
    const metricId = metricIds.get(metric)
    if (metricId === undefined) continue
    const tagsHash = hashTags(tags)
    const place = `${metricId}:${tagsHash.toString('base64')}`
    const known = keys.get(place)
    if (known) {
      known.push(key)
      continue
    }
    keys.set(place, [key])
    // Parsed from our own canonical text: `__proto__` becomes an own property, as it was.
    wanted.push({ metricId, tags: JSON.parse(tags), tagsHash })
  }
  return { wanted, keys }
}

function toIds(
  keys: ReadonlyMap<string, readonly string[]>,
  rows: readonly { id: number; metric_id: number; tags_hash: Buffer }[],
) {
  const ids = new Map<string, number>()
  for (const row of rows) {
    for (const key of keys.get(`${row.metric_id}:${row.tags_hash.toString('base64')}`) ?? []) ids.set(key, row.id)
  }
  return ids
}
