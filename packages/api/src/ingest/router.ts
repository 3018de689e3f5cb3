import { tracked } from '@trpc/server'
import { z } from 'zod'
import { trackedStream } from '../kernel/stream'
import { router } from '../kernel/trpc'
import { watch } from '../kernel/watch'
import { productEditorProcedure, productProcedure } from '../product/procedure'
import { attemptsTopic, parseAttempt } from './events'
import { cancelImport, createImport, getImport, listImports } from './import'
import { previewImport } from './import-preview'
import { countRejected, dismissRejected, fixRejected, listRejected, replayRejected } from './inbox'
import { IngestAttempt, WatchAttempts } from './schema'
import {
  CreateImport,
  ImportPreview,
  ImportRef,
  ImportRun,
  ImportRunWithErrors,
  ListImports,
  PreviewImport,
} from './schema-import'
import {
  CountRejected,
  DismissedRows,
  DismissRejected,
  FixRejected,
  ListRejected,
  RejectedCount,
  RejectedPage,
  ReplayedRows,
  ReplayRejected,
  ResentRow,
} from './schema-inbox'

const WATCH_INTERVAL_MS = 250

export const ingestRouter = router({
  onAttempt: productProcedure
    .input(WatchAttempts)
    .output(trackedStream(IngestAttempt))
    .subscription(async function* ({ ctx, signal }) {
      const attempts = watch<IngestAttempt>({
        bus: ctx.bus,
        topic: attemptsTopic(ctx.product.publicId),
        signal,
        intervalMs: WATCH_INTERVAL_MS,
        parse: parseAttempt,
        merge: (_, later) => later,
      })
      let n = 0
      for await (const attempt of attempts) yield tracked(`${attempt.at}.${n++}`, attempt)
    }),

  countRejected: productProcedure
    .input(CountRejected)
    .output(RejectedCount)
    .query(({ ctx }) => countRejected(ctx, ctx.product)),

  listRejected: productProcedure
    .input(ListRejected)
    .output(RejectedPage)
    .query(({ ctx, input }) => listRejected(ctx, ctx.product, input)),

  fixRejected: productEditorProcedure
    .input(FixRejected)
    .output(ResentRow)
    .mutation(({ ctx, input }) => fixRejected(ctx, ctx.product, input)),

  replayRejected: productEditorProcedure
    .input(ReplayRejected)
    .output(ReplayedRows)
    .mutation(({ ctx, input }) => replayRejected(ctx, ctx.product, input.rows)),

  dismissRejected: productEditorProcedure
    .input(DismissRejected)
    .output(DismissedRows)
    .mutation(({ ctx, input }) => dismissRejected(ctx, ctx.product, input.rows)),

  /** A mutation only because of the size of its input: it changes nothing. */
  previewImport: productEditorProcedure
    .input(PreviewImport)
    .output(ImportPreview)
    .mutation(({ ctx, input }) => previewImport(ctx, ctx.product, input)),

  createImport: productEditorProcedure
    .input(CreateImport)
    .output(ImportRun)
    .mutation(({ ctx, input }) => createImport(ctx, ctx.product, input)),

  getImport: productProcedure
    .input(ImportRef)
    .output(ImportRunWithErrors)
    .query(({ ctx, input }) => getImport(ctx, ctx.product, input.importId)),

  listImports: productProcedure
    .input(ListImports)
    .output(z.array(ImportRun))
    .query(({ ctx }) => listImports(ctx, ctx.product)),

  cancelImport: productEditorProcedure
    .input(ImportRef)
    .output(ImportRun)
    .mutation(({ ctx, input }) => cancelImport(ctx, ctx.product, input.importId)),
})
