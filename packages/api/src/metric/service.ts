import type { AggregateRow } from '@trackable/db/points'
import { selectAggregates, selectTags } from '@trackable/db/points'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { type Answer, buildAnswer, measuresOf, type Question, rankGroups } from './aggregate'
import { type ResolvedRange, resolvePrevious, resolveRange } from './calendar'
import { storedGeneration } from './events'
import {
  countSeriesOf,
  findMetric,
  getSpan,
  listMetricNames,
  type MetricRow,
  toMetric,
  updateMetric,
} from './repository'
import type { Metric, QueryResult, QuerySpec, UpdateMetric } from './schema'

export { listMetrics, listTags } from './repository'

/** Queries that run now, for each context. */
const flights = new WeakMap<Context['db'], Map<string, Promise<QueryResult>>>()

/**
 * The one way from a question to numbers: dashboards, the API, reports and alerts all come through here. Throws
 * `unknown_metric`, `invalid_zone` and `query_too_large`.
 *
 * The same question asked while it is being answered is answered once (OV-15), unless points were stored since it was
 * first asked: whoever got his points acknowledged sees them.
 */
export function runQuery(ctx: Context, product: ProductScope, spec: QuerySpec): Promise<QueryResult> {
  let running = flights.get(ctx.db)
  if (!running) {
    running = new Map()
    flights.set(ctx.db, running)
  }
  const { id, zone, weekStart } = product
  const key = JSON.stringify([id, zone, weekStart, storedGeneration(ctx.bus, product.publicId), spec])
  const known = running.get(key)
  if (known) return known
  const inFlight = running
  const flight = answer(ctx, product, spec).finally(() => inFlight.delete(key))
  inFlight.set(key, flight)
  return flight
}

async function answer(ctx: Context, product: ProductScope, spec: QuerySpec): Promise<QueryResult> {
  const asOf = ctx.clock.now().getTime()
  const metric = await getMetric(ctx, product, spec.metric)
  const span = await getSpan(ctx.db.pools.query, product, metric.id)
  const zone = spec.zone ?? product.zone
  const range = resolveRange({
    ...spec,
    zone,
    weekStart: product.weekStart,
    now: asOf,
    firstPointAt: span.firstPointAt,
  })
  const question: Question = { ...spec, edges: range.edges, zeroFrom: span.firstPointAt, zeroTo: asOf }
  const reader = createReader(ctx, product, metric, spec)
  const { rows, groups } = await reader.readLargest(range.edges)
  return {
    metric: metric.name,
    unit: metric.unit,
    aggregation: spec.aggregation,
    granularity: range.granularity,
    zone,
    from: range.from,
    to: range.to,
    asOf,
    edges: range.edges,
    unfinishedFrom: unfinishedFrom(range, asOf),
    ...buildAnswer(question, rows, groups),
    lastPointAt: span.lastPointAt,
    compare: spec.compare === 'none' ? null : await compare(reader, question, range, groups, asOf),
  }
}

async function compare(
  reader: Reader,
  question: Question,
  range: ResolvedRange,
  groups: (string | null)[],
  asOf: number,
): Promise<({ from: number; to: number; edges: number[] } & Answer) | null> {
  const previous = resolvePrevious(range, asOf)
  if (!previous) return null
  const { from, to, edges } = previous
  const rows = await reader.read(edges, question.groupBy === null ? undefined : groups)
  return { from, to, edges, ...buildAnswer({ ...question, edges }, rows, groups) }
}

type Reader = ReturnType<typeof createReader>

function createReader(ctx: Context, product: ProductScope, metric: MetricRow, spec: QuerySpec) {
  const { groupBy, filters, aggregation, seriesMax } = spec
  const pool = ctx.db.pools.query
  const read = (edges: number[], groups: (string | null)[] | undefined): Promise<AggregateRow[]> =>
    selectAggregates(pool, {
      productId: product.id,
      metricId: metric.id,
      edges,
      groupBy,
      filters,
      groups,
      measures: measuresOf(aggregation),
    })
  /**
   * The largest groups, when there may be more than are shown: one more scan, without buckets. Undefined when the
   * dictionary knows so few values that all of them fit ("has no such tag" is one of them).
   */
  const chooseGroups = async (edges: readonly number[]): Promise<(string | null)[] | undefined> => {
    if (groupBy === null) return undefined
    const tag = (await selectTags(pool, product.id, metric.id, 1)).find((row) => row.tag === groupBy)
    if ((tag?.value_count ?? 0) + 1 <= seriesMax) return undefined
    const rows = await read([edges[0] as number, edges.at(-1) as number], undefined)
    return rankGroups(rows, aggregation, seriesMax)
  }
  return {
    read,
    /** The rows, and the groups that they are shown in, by size. */
    async readLargest(edges: number[]): Promise<{ rows: AggregateRow[]; groups: (string | null)[] }> {
      const chosen = await chooseGroups(edges)
      const rows = await read(edges, chosen)
      const groups = chosen ?? rankGroups(rows, aggregation, Number.POSITIVE_INFINITY)
      if (groups.length <= seriesMax) return { rows, groups }
      // Values have come since they were counted: only a reading that knows the groups adds up the rest.
      const largest = groups.slice(0, seriesMax)
      return { rows: await read(edges, largest), groups: largest }
    },
  }
}

function unfinishedFrom({ from, to, edges }: ResolvedRange, asOf: number): number | null {
  if (asOf < from || asOf >= to) return null
  return edges.findLast((edge) => edge <= asOf) ?? null
}

export async function getMetric(ctx: Context, product: ProductScope, name: string): Promise<MetricRow> {
  const metric = await findMetric(ctx.db.prisma, product, name)
  return metric ?? refuseUnknown(ctx, product, name)
}

/** Names looked through for one that was meant. */
const NAMES_MAX = 500
const SUGGESTIONS_MAX = 3

async function refuseUnknown(ctx: Context, product: ProductScope, name: string): Promise<never> {
  const names = await listMetricNames(ctx.db.prisma, product, NAMES_MAX)
  const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  const asked = plain(name)
  const close = names.filter((one) => asked && (plain(one).includes(asked) || asked.includes(plain(one) || '\0')))
  const hint =
    close.length > 0
      ? ` Did you mean ${close
          .slice(0, SUGGESTIONS_MAX)
          .map((one) => `"${one}"`)
          .join(' or ')}?`
      : ''
  throw new DomainError('unknown_metric', `There is no metric "${name}" in this product.${hint}`)
}

export async function changeMetric(ctx: Context, product: ProductScope, change: UpdateMetric): Promise<Metric> {
  const row = (await updateMetric(ctx.db.prisma, product, change)) ?? (await refuseUnknown(ctx, product, change.metric))
  const [seriesCount, span] = await Promise.all([
    countSeriesOf(ctx.db.prisma, product, row.id),
    getSpan(ctx.db.pools.query, product, row.id),
  ])
  return toMetric(row, seriesCount, span.lastPointAt)
}
