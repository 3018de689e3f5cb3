/** For the tests of rollups: a product whose points are written, changed and deleted, and what they are known to be. */
import type { Database } from '../client'
import type { LocalDays } from './aggregate-query'
import { ensurePartition } from './ensure-partitions'
import { createProduct, hashTags, toColumns } from './fixture'
import { type FoldLimits, foldPoints } from './fold'
import { resolveMetrics } from './resolve-metrics'
import { resolveSeries } from './resolve-series'
import { unpackFor } from './unpack-days'

const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000
/** The first midnight of Berlin in the tests; the next day has 25 hours. */
export const START = Date.parse('2026-10-23T22:00:00Z')

/** The offsets that hold from each instant on. */
const ZONES: Record<string, [number, number][]> = {
  UTC: [[0, 0]],
  'Europe/Berlin': [
    [0, 2 * HOUR_MS],
    [Date.parse('2026-10-25T01:00:00Z'), HOUR_MS],
  ],
  'Asia/Kathmandu': [[0, 5.75 * HOUR_MS]],
  // As Amsterdam had it until 1937: no day begins with a quarter of an hour.
  Odd: [[0, 1_172_000]],
}
export const ZONE_NAMES = Object.keys(ZONES)

export function daysOf(zone: string): LocalDays {
  const offsets = ZONES[zone] ?? []
  const startOf = (day: number) => {
    const local = day * DAY_MS
    const [, offset] = offsets.findLast(([from, ms]) => local - ms >= from) ?? [0, 0]
    return local - offset
  }
  return {
    zone,
    startOf,
    dayOf(ms) {
      let day = Math.floor((ms + DAY_MS) / DAY_MS) + 1
      while (startOf(day) > ms) day--
      return day
    },
  }
}

export interface Known {
  series: number
  /** Whole milliseconds. */
  ms: number
  id: number
  /** The value is `cents / 100`; that of a histogram their sum. */
  cents: number
  /** Null of a point. */
  histogram: { count: number; min: number; max: number } | null
}

/** A product with one metric of some series, and a list of what is in it. */
export class RollupWorld {
  readonly known = new Map<string, Known>()
  readonly series: number[] = []
  metricId = 0

  private constructor(
    readonly database: Database,
    readonly productId: number,
  ) {}

  static async create(database: Database, name: string, seriesCount = 3): Promise<RollupWorld> {
    const world = new RollupWorld(database, await createProduct(database, name))
    const { writer } = database.pools
    await ensurePartition(writer, { from: START - 40 * DAY_MS, to: START + 40 * DAY_MS })
    const [metric] = await resolveMetrics(writer, world.productId, [{ name: 'm' }])
    world.metricId = metric?.id ?? 0
    const tags = Array.from({ length: seriesCount }, (_, i) => ({ host: `h${i}` }))
    for (const one of tags) {
      const wanted = { metricId: world.metricId, tags: one, tagsHash: hashTags(one) }
      const [row] = await resolveSeries(writer, world.productId, [wanted])
      world.series.push(row?.id ?? 0)
    }
    return world
  }

  #query(text: string, ...values: unknown[]) {
    return this.database.pools.writer.query(text, [this.productId, ...values])
  }

  /** New points, and what the rollups still have to take; in one statement, so in one transaction, as the writer does it. */
  async write(points: Known[]): Promise<void> {
    const fresh = points.filter((point) => !this.known.has(keyOf(point)))
    for (const point of fresh) this.known.set(keyOf(point), point)
    if (fresh.length > 0) await this.#query(WRITE, JSON.stringify(fresh))
  }

  /** Another value for a point that is there. */
  async correct(point: Known, cents: number): Promise<void> {
    this.known.set(keyOf(point), { ...point, cents })
    await this.#unpack(point)
    await this.#query(CORRECT, point.series, point.ms, point.id, cents / 100)
  }

  async remove(point: Known): Promise<void> {
    this.known.delete(keyOf(point))
    await this.#unpack(point)
    await this.#query(REMOVE, point.series, point.ms, point.id)
  }

  async #unpack({ series, ms, id }: Known): Promise<void> {
    const columns = toColumns(this.productId, [{ seriesId: series, ts: ms, id: BigInt(id), value: 0 }])
    await unpackFor(this.database.pools.writer, [columns], START + 100 * DAY_MS)
  }

  async setZone(zone: string): Promise<void> {
    await this.database.prisma.product.update({ where: { id: this.productId }, data: { zone } })
  }

  fold(limits?: FoldLimits) {
    return foldPoints(this.database.pools.writer, this.productId, daysOf, limits)
  }

  async foldAll(): Promise<void> {
    while ((await this.fold()).hasMore);
  }
}

export const keyOf = ({ series, ms, id }: Known) => `${series}:${ms}:${id}`

const INPUT = `
WITH input AS (
  SELECT series AS series_id, 'epoch'::timestamptz + ms * interval '1 millisecond' AS ts, ms, id,
    cents / 100::float8 AS value, (histogram ->> 'count')::int8 AS weight,
    (histogram ->> 'min')::float8 AS low, (histogram ->> 'max')::float8 AS high
  FROM json_to_recordset($2::json) AS row (series int4, ms float8, id int8, cents float8, histogram json)
)`

const WRITE = `${INPUT}, points AS (
  INSERT INTO point (product_id, series_id, ts, id, value) SELECT $1, series_id, ts, id, value FROM input WHERE weight IS NULL
), histograms AS (
  INSERT INTO histogram (product_id, series_id, ts, id, count, sum, min, max, bins, counts)
  SELECT $1, series_id, ts, id, weight, value, low, high, '{1}', ARRAY[weight] FROM input WHERE weight IS NOT NULL
)
INSERT INTO point_delta (product_id, id, from_ms, to_ms, series, ts, value, weight, low, high)
SELECT $1, nextval('point_delta_id_seq'), min(ms), max(ms), array_agg(series_id), array_agg(ms), array_agg(value),
  CASE WHEN count(weight) > 0 THEN array_agg(weight) END, CASE WHEN count(weight) > 0 THEN array_agg(low) END,
  CASE WHEN count(weight) > 0 THEN array_agg(high) END
FROM input`

const DIRTY = `
INSERT INTO dirty_quarter (product_id, series_id, quarter) VALUES ($1, $2, floor($3::float8 / 900000)::int4)`

const CORRECT = `
WITH changed AS (
  UPDATE point SET value = $5::float8
  WHERE product_id = $1 AND series_id = $2 AND ts = 'epoch'::timestamptz + $3::float8 * interval '1 millisecond' AND id = $4
)${DIRTY}`

const REMOVE = `
WITH changed AS (
  DELETE FROM point
  WHERE product_id = $1 AND series_id = $2 AND ts = 'epoch'::timestamptz + $3::float8 * interval '1 millisecond' AND id = $4
), changed_histogram AS (
  DELETE FROM histogram
  WHERE product_id = $1 AND series_id = $2 AND ts = 'epoch'::timestamptz + $3::float8 * interval '1 millisecond' AND id = $4
)${DIRTY}`
