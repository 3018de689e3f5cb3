import { tracked } from '@trpc/server'
import { z } from 'zod'
import { trackedStream } from '../kernel/stream'
import { router } from '../kernel/trpc'
import { watch } from '../kernel/watch'
import { productAdminProcedure, productEditorProcedure, productProcedure } from '../product/procedure'
import { ProductId, ProductRef } from '../product/schema'
import { getCatalogue, getMetricDetail, renameMetric } from './catalogue'
import {
  Catalogue,
  CatalogueQuery,
  DeleteMetric,
  DeletePoints,
  Deletion,
  MergeMetric,
  MetricCounts,
  MetricDetail,
  RenameMetric,
} from './catalogue-schema'
import { deleteMetric, deleteMetricPoints, listDeletions } from './deletion'
import { ALL_METRICS, mergePointsStored, parsePointsStored, pointsTopic } from './events'
import { enqueueDeletion } from './jobs'
import { mergeMetric } from './merge'
import { listMetrics, listTags } from './repository'
import { planRetention } from './retention'
import {
  Metric,
  MetricQuery,
  MetricRef,
  MetricTag,
  PointsStored,
  QueryResult,
  RetentionDryRun,
  RetentionPlan,
  UpdateMetric,
} from './schema'
import { changeMetric, getMetric, runQuery } from './service'

/** Four a second: faster than that nobody reads a number, and every message makes each watcher ask again. */
const WATCH_INTERVAL_MS = 250

const WatchPoints = z.strictObject({ productId: ProductId, lastEventId: z.string().nullish() })

export const metricRouter = router({
  list: productProcedure
    .input(ProductRef)
    .output(z.array(Metric))
    .query(({ ctx }) => listMetrics(ctx.db.prisma, ctx.db.pools.query, ctx.product)),

  catalogue: productProcedure
    .input(CatalogueQuery)
    .output(Catalogue)
    .query(({ ctx, input }) => getCatalogue(ctx, ctx.product, input)),

  get: productProcedure
    .input(MetricRef)
    .output(MetricDetail)
    .query(({ ctx, input }) => getMetricDetail(ctx, ctx.product, input.metric)),

  rename: productEditorProcedure
    .input(RenameMetric)
    .output(MetricDetail)
    .mutation(({ ctx, input }) => renameMetric(ctx, ctx.product, input)),

  merge: productEditorProcedure
    .input(MergeMetric)
    .output(MetricCounts)
    .mutation(({ ctx, input }) => mergeMetric(ctx, ctx.product, input)),

  delete: productAdminProcedure
    .input(DeleteMetric)
    .output(Deletion)
    .mutation(({ ctx, input }) => deleteMetric(ctx, ctx.product, input, enqueueDeletion(ctx))),

  deletePoints: productAdminProcedure
    .input(DeletePoints)
    .output(Deletion)
    .mutation(({ ctx, input }) => deleteMetricPoints(ctx, ctx.product, input, enqueueDeletion(ctx))),

  deletions: productProcedure
    .input(ProductRef)
    .output(z.array(Deletion))
    .query(({ ctx }) => listDeletions(ctx, ctx.product)),

  retentionDryRun: productProcedure
    .input(RetentionDryRun)
    .output(RetentionPlan)
    .query(async ({ ctx, input }) => {
      const metric = input.metric === null ? null : await getMetric(ctx, ctx.product, input.metric)
      return planRetention(ctx, ctx.product, metric?.id ?? null, input.days)
    }),

  tags: productProcedure
    .input(MetricRef)
    .output(z.array(MetricTag))
    .query(async ({ ctx, input }) => {
      const metric = await getMetric(ctx, ctx.product, input.metric)
      return listTags(ctx.db.pools.query, ctx.product, metric.id)
    }),

  query: productProcedure
    .input(MetricQuery)
    .output(QueryResult)
    .query(({ ctx, input }) => runQuery(ctx, ctx.product, input.spec)),

  update: productEditorProcedure
    .input(UpdateMetric)
    .output(Metric)
    .mutation(({ ctx, input }) => changeMetric(ctx, ctx.product, input)),

  /** A hint which metrics to read again. The bus keeps nothing, so whoever resumes is told to read all of them. */
  onStored: productProcedure
    .input(WatchPoints)
    .output(trackedStream(PointsStored))
    .subscription(async function* ({ ctx, input, signal }) {
      const everything = (): PointsStored => ({ metrics: [ALL_METRICS], at: ctx.clock.now().getTime() })
      const stored = watch<PointsStored>({
        bus: ctx.bus,
        topic: pointsTopic(ctx.product.publicId),
        signal,
        intervalMs: WATCH_INTERVAL_MS,
        parse: parsePointsStored,
        merge: mergePointsStored,
        onGap: everything,
      })
      try {
        let n = 0
        const toEvent = (message: PointsStored) => tracked(`${message.at}.${n++}`, message)
        if (input.lastEventId) yield toEvent(everything())
        for await (const message of stored) yield toEvent(message)
      } finally {
        await stored.return?.()
      }
    }),
})
