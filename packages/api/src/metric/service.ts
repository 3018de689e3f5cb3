import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { memoize } from './cache'
import { noteChange } from './events'
import { answerQuery } from './query'
import { countSeriesOf, findMetric, getSpan, type MetricRow, toMetric, updateMetric } from './repository'
import { BUCKETS_MAX, type Metric, type QueryResult, type QuerySpec, type UpdateMetric } from './schema'
import { refuseUnknown } from './unknown'

export { listMetrics, listTags } from './repository'
export { type Edges, readEdges } from './retention'
export { getZoneTable, offsetAt } from './zone'

export interface QueryLimits {
  /** Buckets of one answer. */
  bucketsMax?: number
}

/** While its range goes on, an answer is at most so old; its `asOf` says how old. */
const UNFINISHED_TTL_MS = 10_000
/** What is over changes by new points alone. The rest of an answer, its freshness, grows old more slowly. */
const FINISHED_TTL_MS = 60_000

/**
 * The one way from a question to numbers: dashboards, the API, reports and alerts all come through here. Throws
 * `unknown_metric`, `invalid_zone`, `invalid_request`, `query_too_large` and `overloaded`.
 *
 * An answer is kept for those who ask the same shortly after, unless points were stored since it was first asked:
 * whoever got his points acknowledged sees them.
 */
export async function runQuery(
  ctx: Context,
  product: ProductScope,
  spec: QuerySpec,
  limits: QueryLimits = {},
): Promise<QueryResult> {
  const { zone, weekStart, fiscalYearStart } = product
  const bucketsMax = limits.bucketsMax ?? BUCKETS_MAX
  const name = `query ${JSON.stringify([zone, weekStart, fiscalYearStart, bucketsMax, spec])}`
  try {
    return await memoize(ctx, product, name, { ttlMs, bytesOf }, () => answerQuery(ctx, product, spec, bucketsMax))
  } catch (error) {
    throw isGivenUp(error) ? givenUp(error) : error
  }
}

function ttlMs({ asOf, from, to, edges }: QueryResult): number {
  if (asOf >= to || asOf < from) return FINISHED_TTL_MS
  const next = edges.find((edge) => edge > asOf) ?? to
  return Math.min(UNFINISHED_TTL_MS, next - asOf)
}

/** Two numbers and their array for each bucket of each series. */
const POINT_BYTES = 48
function bytesOf({ series, edges, compare }: QueryResult): number {
  return POINT_BYTES * (edges.length * series.length + (compare ? compare.edges.length * compare.series.length : 0))
}

/** query_canceled: only the pool that reads points has a time limit for its statements. */
const isGivenUp = (error: unknown) => error instanceof Error && 'code' in error && error.code === '57014'

const givenUp = (cause: unknown) =>
  new DomainError(
    'query_too_large',
    'The database did not answer this question in its time. Ask for a shorter range, or for fewer groups.',
    { cause },
  )

export async function getMetric(ctx: Context, product: ProductScope, name: string): Promise<MetricRow> {
  const metric = await findMetric(ctx.db.prisma, product, name)
  return metric ?? refuseUnknown(ctx, product, name)
}

export async function changeMetric(ctx: Context, product: ProductScope, change: UpdateMetric): Promise<Metric> {
  const row = (await updateMetric(ctx.db.prisma, product, change)) ?? (await refuseUnknown(ctx, product, change.metric))
  // Answers say the unit and the kind.
  await noteChange(ctx, product, [row.name])
  const [seriesCount, span] = await Promise.all([
    countSeriesOf(ctx.db.prisma, product, row.id),
    getSpan(ctx.db.pools.query, product, row.id),
  ])
  return toMetric(row, seriesCount, span.lastPointAt)
}
