/** Points that are older than their metric's raw points are kept: nobody could tell whether they are there already. */
import type { Context } from '../kernel/context'
import type { ProductScope } from '../kernel/scope'
import { type Edges, readEdges } from '../metric/service'
import type { ParsedPoints, SeriesName } from './columns'
import type { RejectedPoint } from './schema'

/** Raw points are dropped at night, so that another setting is known everywhere long before it has an effect. */
const EDGES_TTL_MS = 60_000
const PRODUCTS_MAX = 10_000

interface Known {
  edges: Promise<Edges | null>
  /** What came of it; undefined while it is read. */
  read: Edges | null | undefined
  until: number
}

/** Remembers where the raw points of each product begin. */
export class Expiry {
  readonly #ctx: Context
  readonly #known = new Map<number, Known>()

  constructor(ctx: Context) {
    this.#ctx = ctx
  }

  /** What is remembered, or a promise when it has to be read first; for most products null. */
  edgesOf(product: ProductScope): Edges | null | Promise<Edges | null> {
    const now = this.#ctx.clock.now().getTime()
    const known = this.#known.get(product.id)
    if (known && known.until > now) return known.read === undefined ? known.edges : known.read
    const fresh: Known = { edges: readEdges(this.#ctx, product), read: undefined, until: now + EDGES_TTL_MS }
    fresh.edges.then(
      (edges) => {
        fresh.read = edges
      },
      () => this.#known.delete(product.id),
    )
    if (this.#known.size >= PRODUCTS_MAX) this.#known.clear()
    this.#known.set(product.id, fresh)
    return fresh.edges
  }
}

/** The points without those before the edge of their metric, which are refused. */
export function refuseExpired(parsed: ParsedPoints, edges: Edges | null): ParsedPoints {
  if (edges === null || parsed.ts.every((ts) => ts >= edges.latest)) return parsed
  const edgeOfSeries = parsed.series.map(({ metric }) => edges.ofMetric(metric))
  const edgeOf = (row: number) => edgeOfSeries[parsed.seriesOf[row] as number] as number
  const rows = Array.from({ length: parsed.length }, (_, row) => row)
  const kept = rows.filter((row) => (parsed.ts[row] as number) >= edgeOf(row))
  if (kept.length === rows.length) return parsed
  const expired = rows.filter((row) => (parsed.ts[row] as number) < edgeOf(row))
  const refused = expired.map((row): RejectedPoint => {
    const index = parsed.indexOf?.[row] ?? row
    const { metric } = parsed.series[parsed.seriesOf[row] as number] as SeriesName
    const from = new Date(edgeOf(row)).toISOString()
    const detail = `Points of "${metric}" are kept from ${from} on: this one is older than its retention allows.`
    return { index, pointer: `${parsed.pointerOf(index)}/timestamp`, code: 'beyond_retention', detail }
  })
  const pick = <T>(column: readonly T[]) => kept.map((row) => column[row] as T)
  return {
    ...parsed,
    length: kept.length,
    seriesOf: pick(parsed.seriesOf),
    ts: pick(parsed.ts),
    value: pick(parsed.value),
    ids: parsed.ids && pick(parsed.ids),
    histograms: parsed.histograms && pick(parsed.histograms),
    startTs: parsed.startTs && pick(parsed.startTs),
    buckets: parsed.buckets && pick(parsed.buckets),
    indexOf: kept.map((row) => parsed.indexOf?.[row] ?? row),
    rejected: [...parsed.rejected, ...refused].sort((a, b) => a.index - b.index),
  }
}
