import { z } from 'zod'
import { router } from '../kernel/trpc'
import { productEditorProcedure, productProcedure } from '../product/procedure'
import { ProductRef } from '../product/schema'
import { teamEditorProcedure } from '../team/procedure'
import { TeamRef } from '../team/schema'
import { reportEditorProcedure, reportProcedure } from './procedure'
import { getReport, listOutboxMails, listReports, listRuns } from './repository'
import {
  CreateReport,
  MailSettings,
  OutboxMail,
  PlannedRun,
  PreviewSchedule,
  Report,
  ReportRef,
  ReportRun,
  UpdateReport,
} from './schema'
import { changeReport, createReport, planRuns, removeReport, sendReportNow, sendReportTest } from './service'

/** What the page's delivery log shows. */
const RUNS_SHOWN = 20
const OUTBOX_SHOWN = 50

export const reportRouter = router({
  list: productProcedure
    .input(ProductRef)
    .output(z.array(Report))
    .query(({ ctx }) => listReports(ctx.db.prisma, ctx.product)),

  get: reportProcedure
    .input(ReportRef)
    .output(Report)
    .query(({ ctx, input }) => getReport(ctx.db.prisma, ctx.product, input.reportId)),

  create: productEditorProcedure
    .input(CreateReport)
    .output(Report)
    .mutation(({ ctx, input: { productId: _, ...input } }) => createReport(ctx, ctx.product, input)),

  update: reportEditorProcedure
    .input(UpdateReport)
    .output(Report)
    .mutation(({ ctx, input }) => changeReport(ctx, ctx.product, input)),

  delete: reportEditorProcedure
    .input(ReportRef)
    .output(z.object({ ok: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await removeReport(ctx, ctx.product, input.reportId)
      return { ok: true as const }
    }),

  plan: productProcedure
    .input(PreviewSchedule)
    .output(z.array(PlannedRun))
    .query(({ ctx, input }) => planRuns(ctx, input.schedule)),

  sendNow: reportEditorProcedure
    .input(ReportRef)
    .output(ReportRun)
    .mutation(({ ctx, input }) => sendReportNow(ctx, ctx.product, input.reportId)),

  sendTest: reportProcedure
    .input(ReportRef)
    .output(ReportRun)
    .mutation(({ ctx, input }) => sendReportTest(ctx, ctx.product, ctx.user, input.reportId)),

  runs: reportProcedure
    .input(ReportRef)
    .output(z.array(ReportRun))
    .query(({ ctx, input }) => listRuns(ctx.db.prisma, ctx.product, input.reportId, RUNS_SHOWN)),

  mailSettings: productProcedure
    .input(ProductRef)
    .output(MailSettings)
    .query(({ ctx }) => ({ provider: ctx.mailer.provider, from: ctx.mailer.from })),

  outbox: teamEditorProcedure
    .input(TeamRef)
    .output(z.array(OutboxMail))
    .query(({ ctx }) => listOutboxMails(ctx.db.prisma, ctx.team, OUTBOX_SHOWN)),
})
