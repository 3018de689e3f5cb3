import type { Pool, PoolClient } from '../client'
import type { LocalDays } from './aggregate-query'
import {
  ADD_DAYS,
  ADD_QUARTERS,
  ADD_WEIGHTED_DAYS,
  ADD_WEIGHTED_QUARTERS,
  COMPUTE_DAYS,
  COMPUTE_QUARTERS,
  COMPUTE_SERIES_DAYS,
  COMPUTE_SERIES_QUARTERS,
  DELETE_ALL_DAYS,
  DELETE_ALL_SKETCHES,
  DELETE_DAYS,
  DELETE_DELTAS,
  DELETE_DIRTY,
  DELETE_QUARTERS,
  DELETE_SKETCHES,
  MARK_QUARTERS,
  SELECT_DELTA_DAYS,
  SELECT_DELTAS,
  SELECT_DIRTY,
  SELECT_NEXT_SERIES,
  SELECT_RAW_FROM,
  SELECT_SIZES,
  SELECT_STATE,
  UPDATE_STATE,
} from './fold-statements'
import { inTransaction } from './in-transaction'
import { QUARTER_MS } from './overwrite-points'

/** Bounds of one fold, which is one transaction. */
export interface FoldLimits {
  /** Points of deltas; a delta is never split. Many at once are cheaper: they meet in the same rows. */
  pointsMax: number
  /** Quarters that are computed again from the raw points. */
  dirtyMax: number
  /** Series that are rolled up from their raw points, when the rollups are built. */
  seriesMax: number
  /** Points of series that get rollups of 15 minutes; one series always does. */
  quarterPointsMax: number
}

export const FOLD_LIMITS: FoldLimits = {
  pointsMax: 500_000,
  dirtyMax: 2_000,
  seriesMax: 50,
  quarterPointsMax: 200_000,
}

export interface FoldOutcome {
  /** Another process folds this product: nothing was done. */
  isBusy: boolean
  /** There is more to do, now. */
  hasMore: boolean
  /** Points taken from deltas. */
  points: number
}

/** Class of the advisory locks by product. */
const FOLD_LOCK = 730_611_042
/** Rows of point_delta that one fold looks at. */
const DELTAS_MAX = 20_000
/** A stray point of the year 1 would bring 700,000 days with it: beyond ten years, only days with points are told. */
const DENSE_DAYS_MAX = 3_653

/**
 * Moves what was committed since the last time into the rollups of a product, in one transaction; computes again what
 * was changed; and, a piece each time, builds the rollups of a product that has none of its zone's days yet.
 *
 * Why the numbers stay right:
 * - The transaction sees one snapshot. A flush commits its points together with their delta, so in this snapshot a point
 *   is there exactly when its delta is, or was folded. What commits later is left for later, by both.
 * - A quarter that points were changed in is computed from the raw points, and these contain the points of every delta
 *   of the snapshot. That is right only if none of those deltas is folded again: they are deleted here without being
 *   added to what was computed. So nothing is computed from raw points unless all visible deltas are taken; while there
 *   are too many of them for one fold, changed quarters stay dirty and are read raw.
 * - The same goes for series that are built. Deltas of those that are not built yet are deleted without being added.
 * - A change that commits while this runs leaves a mark of its own, which this neither sees nor deletes.
 * - Two folds of a product exclude each other by a lock. If the first commits between the snapshot and the lock of the
 *   second, the second finds rows changed since its snapshot, and REPEATABLE READ makes that an error: it did nothing.
 */
export async function foldPoints(
  pool: Pool,
  productId: number,
  daysOf: (zone: string) => LocalDays,
  limits: FoldLimits = FOLD_LIMITS,
): Promise<FoldOutcome> {
  try {
    return await inTransaction(pool, async (client) => {
      await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
      // A hash of half a million points: 4 MB, the default, would go through files.
      await client.query(`SET LOCAL work_mem = '64MB'`)
      const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_xact_lock($1, $2) AS locked', [
        FOLD_LOCK,
        productId,
      ])
      return rows[0]?.locked ? new Fold(client, productId, daysOf, limits).run() : BUSY
    })
  } catch (error) {
    if (isSerializationFailure(error)) return BUSY
    throw error
  }
}

const BUSY: FoldOutcome = { isBusy: true, hasMore: true, points: 0 }
const NOTHING: FoldOutcome = { isBusy: false, hasMore: false, points: 0 }

const isSerializationFailure = (error: unknown) => error instanceof Error && 'code' in error && error.code === '40001'

interface Taken {
  points: number
  /** Id of the last one; int8 as text. */
  lastId: string
  from: number
  to: number
  /** Some of them hold distributions. */
  isWeighted: boolean
  /** There is no visible delta beside them. */
  isAll: boolean
}

interface Stale {
  isAll: boolean
  quarterSeries: number[]
  quarters: number[]
  daySeries: number[]
  days: number[]
}

class Fold {
  readonly #busySeries = new Set<number>()

  constructor(
    private readonly client: PoolClient,
    private readonly productId: number,
    private readonly daysOf: (zone: string) => LocalDays,
    private readonly limits: FoldLimits,
  ) {}

  async run(): Promise<FoldOutcome> {
    const [state] = await this.#query<{ zone: string; rollup_zone: string | null; rollup_built_to: number | null }>(
      SELECT_STATE,
    )
    if (!state) return NOTHING
    const days = this.daysOf(state.zone)
    let builtTo = state.rollup_built_to
    if (state.rollup_zone !== state.zone) {
      builtTo = 0
      await this.#forgetDays(state.rollup_zone ?? state.zone)
      await this.#query(UPDATE_STATE, state.zone, builtTo)
    }
    const taken = await this.#takeDeltas()
    const stale = taken.isAll ? await this.#computeStale(days, builtTo) : NOT_STALE
    if (taken.points > 0) await this.#addDeltas(taken, stale, days, builtTo)
    if (taken.isAll && builtTo !== null) builtTo = await this.#buildNext(state.zone, days, builtTo)
    if (taken.isAll) await this.#addBusySeries(days)
    return { isBusy: false, hasMore: !taken.isAll || !stale.isAll || builtTo !== null, points: taken.points }
  }

  /** Before days of another zone are built. Those whose raw points are gone stay as they are: a few hours off, and not lost. */
  async #forgetDays(zone: string): Promise<void> {
    const kept = await this.#query<{ id: number; raw_from: number }>(SELECT_RAW_FROM)
    const days = this.daysOf(zone)
    const ids = kept.map((metric) => metric.id)
    await this.#query(
      DELETE_ALL_DAYS,
      ids,
      kept.map((metric) => days.dayOf(metric.raw_from)),
    )
    await this.#query(DELETE_ALL_SKETCHES)
  }

  async #query<Row extends object>(text: string, ...values: unknown[]): Promise<Row[]> {
    const { rows } = await this.client.query(text, [this.productId, ...values])
    return rows as Row[]
  }

  async #takeDeltas(): Promise<Taken> {
    const rows = await this.#query<DeltaRow>(SELECT_DELTAS, DELTAS_MAX)
    const [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const taken = { points: 0, lastId: '0', from, to, isWeighted: false }
    for (const [i, row] of rows.entries()) {
      if (taken.points > 0 && taken.points + row.length > this.limits.pointsMax) return { ...taken, isAll: false }
      taken.points += row.length
      taken.lastId = row.id
      taken.from = Math.min(taken.from, row.from_ms)
      taken.to = Math.max(taken.to, row.to_ms)
      taken.isWeighted ||= row.is_weighted
      if (i + 1 === DELTAS_MAX) return { ...taken, isAll: false }
    }
    return { ...taken, isAll: true }
  }

  async #computeStale(days: LocalDays, builtTo: number | null): Promise<Stale> {
    const rows = await this.#query<Dirty>(SELECT_DIRTY, this.limits.dirtyMax)
    const last = rows.at(-1)
    if (!last) return NOT_STALE
    const stale = staleOf(rows, days, builtTo ?? INT4_MAX)
    stale.isAll = rows.length < this.limits.dirtyMax
    await this.#query(DELETE_DAYS, stale.daySeries, stale.days)
    await this.#query(DELETE_SKETCHES, stale.daySeries, stale.days)
    const starts = stale.days.map((day) => days.startOf(day))
    const ends = stale.days.map((day) => days.startOf(day + 1))
    this.#noteBusy(await this.#query(COMPUTE_DAYS, stale.daySeries, stale.days, starts, ends))
    await this.#query(DELETE_QUARTERS, stale.quarterSeries, stale.quarters)
    await this.#query(COMPUTE_QUARTERS, stale.quarterSeries, stale.quarters)
    await this.#query(DELETE_DIRTY, last.series_id, last.quarter)
    return stale
  }

  async #addDeltas(taken: Taken, stale: Stale, days: LocalDays, builtTo: number | null): Promise<void> {
    const numbers = await this.#daysOfDeltas(taken, days)
    const starts = numbers.map((day) => days.startOf(day))
    const lastSeries = builtTo ?? INT4_MAX
    const forDays = [taken.lastId, starts, numbers, lastSeries, stale.daySeries, stale.days]
    const forQuarters = [taken.lastId, stale.quarterSeries, stale.quarters]
    this.#noteBusy(await this.#query(ADD_DAYS, ...forDays))
    await this.#query(ADD_QUARTERS, ...forQuarters)
    if (taken.isWeighted) {
      this.#noteBusy(await this.#query(ADD_WEIGHTED_DAYS, ...forDays))
      await this.#query(ADD_WEIGHTED_QUARTERS, ...forQuarters)
    }
    await this.#query(DELETE_DELTAS, taken.lastId)
  }

  /** Every day that a point lies in, and the one behind it. */
  async #daysOfDeltas(taken: Taken, days: LocalDays): Promise<number[]> {
    const fromDay = days.dayOf(taken.from)
    const count = days.dayOf(taken.to) - fromDay + 2
    if (count <= DENSE_DAYS_MAX) return Array.from({ length: count }, (_, i) => fromDay + i)
    const rows = await this.#query<{ day: number }>(SELECT_DELTA_DAYS, taken.lastId)
    return [...new Set(rows.flatMap(({ day }) => [day - 1, day, day + 1, day + 2]))].sort((a, b) => a - b)
  }

  /** Returns how far rollup_day is built now; null when it is complete. */
  async #buildNext(zone: string, days: LocalDays, builtTo: number): Promise<number | null> {
    const { seriesMax } = this.limits
    const [next] = await this.#query<{ series_ids: number[] | null; from_ms: number | null; to_ms: number | null }>(
      SELECT_NEXT_SERIES,
      builtTo,
      seriesMax,
    )
    const ids = next?.series_ids ?? []
    if (next && next.from_ms !== null && next.to_ms !== null) {
      const { fromDay, starts } = startsBetween(days, next.from_ms, next.to_ms)
      this.#noteBusy(await this.#query(COMPUTE_SERIES_DAYS, ids, starts, fromDay))
    }
    const now = ids.length < seriesMax ? null : (ids.at(-1) ?? null)
    await this.#query(UPDATE_STATE, zone, now)
    return now
  }

  #noteBusy(rows: { series_id: number }[]): void {
    for (const { series_id } of rows) this.#busySeries.add(series_id)
  }

  /**
   * Gives series their rollups of 15 minutes, from the raw points, which contain whatever was folded before. The small
   * ones first; those that are too much for this fold get theirs by the next that sees them busy.
   */
  async #addBusySeries(days: LocalDays): Promise<void> {
    if (this.#busySeries.size === 0) return
    const sizes = await this.#query<{ series_id: number; count: number; from_day: number; to_day: number }>(
      SELECT_SIZES,
      [...this.#busySeries],
    )
    let points = 0
    const chosen = sizes.filter(({ count }, i) => {
      points += count
      return i === 0 || points <= this.limits.quarterPointsMax
    })
    const ids = chosen.map((size) => size.series_id)
    const from = days.startOf(Math.min(...chosen.map((size) => size.from_day)))
    const to = days.startOf(Math.max(...chosen.map((size) => size.to_day)))
    await this.#query(COMPUTE_SERIES_QUARTERS, ids, from, to)
    await this.#query(MARK_QUARTERS, ids)
  }
}

interface DeltaRow {
  id: string
  length: number
  from_ms: number
  to_ms: number
  is_weighted: boolean
}

interface Dirty {
  series_id: number
  quarter: number
  raw_from: number | null
}

/** The quarters, and the days they touch, that can be computed: whose raw points have not been dropped. */
function staleOf(rows: readonly Dirty[], days: LocalDays, lastSeries: number): Stale {
  const stale: Stale = { isAll: true, quarterSeries: [], quarters: [], daySeries: [], days: [] }
  const seen = new Set<string>()
  for (const { series_id, quarter, raw_from } of rows) {
    const rawFrom = raw_from ?? Number.NEGATIVE_INFINITY
    const from = quarter * QUARTER_MS
    if (from >= rawFrom) {
      stale.quarterSeries.push(series_id)
      stale.quarters.push(quarter)
    }
    if (series_id > lastSeries) continue
    // Two days where the zone's offset was no multiple of 15 minutes.
    for (const day of [days.dayOf(from), days.dayOf(from + QUARTER_MS - 0.001)]) {
      const key = `${series_id}:${day}`
      if (days.startOf(day) < rawFrom || seen.has(key)) continue
      seen.add(key)
      stale.daySeries.push(series_id)
      stale.days.push(day)
    }
  }
  return stale
}

const INT4_MAX = 2_147_483_647
const NOT_STALE: Stale = { isAll: true, quarterSeries: [], quarters: [], daySeries: [], days: [] }

/** The starts of all days of a range (epoch ms, both ends included), and behind them the end of the last. */
export function startsBetween(days: LocalDays, from: number, to: number): { fromDay: number; starts: number[] } {
  const fromDay = days.dayOf(from)
  const starts = Array.from({ length: days.dayOf(to) - fromDay + 2 }, (_, i) => days.startOf(fromDay + i))
  return { fromDay, starts }
}
