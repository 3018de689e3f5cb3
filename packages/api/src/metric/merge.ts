/** Two metrics that were meant to be one. */
import { countPoints, inTransaction, mergeMetrics, selectSeries } from '@trackable/db/points'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import type { MergeMetric, MetricCounts } from './catalogue-schema'
import { noteChange } from './events'
import { getMetric } from './service'

/**
 * Makes everything that `from` holds part of `into`, and `from` a former name of it: who still sends or asks under that
 * name reaches `into`. Points stay the points they are, so that every number is what the two had together. Answers what
 * moves, or would. Throws `unknown_metric`, and `conflict` when both names are of one metric.
 */
export async function mergeMetric(
  ctx: Context,
  product: ProductScope,
  { from, into, dryRun }: Omit<MergeMetric, 'productId'>,
): Promise<MetricCounts> {
  const [source, target] = [await getMetric(ctx, product, from), await getMetric(ctx, product, into)]
  if (source.id === target.id) {
    throw new DomainError('conflict', `"${from}" and "${into}" are the same metric already.`)
  }
  const { meta, query } = ctx.db.pools
  const seriesIds = await selectSeries(query, { productId: product.id, metricId: source.id, filters: [] })
  const everything = { productId: product.id, seriesIds, from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
  const { points } = await countPoints(query, everything)
  if (!dryRun) {
    const isMerged = await inTransaction(meta, (client) => mergeMetrics(client, product.id, source.id, target.id))
    // Somebody else merged or deleted one of them since they were read.
    if (!isMerged) throw new DomainError('conflict', 'One of the two metrics is gone. Read the list again.')
    await noteChange(ctx, product, [source.name, target.name])
  }
  return { series: seriesIds.length, points }
}
