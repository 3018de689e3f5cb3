import { z } from 'zod'
import { router } from '../kernel/trpc'
import { productEditorProcedure, productProcedure } from '../product/procedure'
import { ProductRef } from '../product/schema'
import { dashboardEditorProcedure, dashboardProcedure } from './procedure'
import { getDashboard, listDashboards } from './repository'
import {
  CreateDashboard,
  Dashboard,
  DashboardRef,
  DashboardSummary,
  DashboardsUsing,
  DashboardUse,
  UpdateDashboard,
} from './schema'
import { changeDashboard, createDashboard, listDashboardsUsing, proposeDashboard, removeDashboard } from './service'

const asEditor = <T>(dashboard: T) => ({ ...dashboard, canEdit: true })

export const dashboardRouter = router({
  list: productProcedure
    .input(ProductRef)
    .output(z.array(DashboardSummary))
    .query(({ ctx }) => listDashboards(ctx.db.prisma, ctx.product)),

  listUsing: productProcedure
    .input(DashboardsUsing)
    .output(z.array(DashboardUse))
    .query(({ ctx, input }) => listDashboardsUsing(ctx, ctx.product, input.metrics)),

  get: dashboardProcedure
    .input(DashboardRef)
    .output(Dashboard)
    .query(async ({ ctx, input }) => ({
      ...(await getDashboard(ctx.db.prisma, ctx.product, input.dashboardId)),
      canEdit: ctx.role !== 'viewer',
    })),

  create: productEditorProcedure
    .input(CreateDashboard)
    .output(Dashboard)
    .mutation(async ({ ctx, input }) => asEditor(await createDashboard(ctx, ctx.product, input))),

  propose: productEditorProcedure
    .input(ProductRef)
    .output(Dashboard)
    .mutation(async ({ ctx }) => asEditor(await proposeDashboard(ctx, ctx.product))),

  update: dashboardEditorProcedure
    .input(UpdateDashboard)
    .output(Dashboard)
    .mutation(async ({ ctx, input }) => asEditor(await changeDashboard(ctx, ctx.product, input))),

  delete: dashboardEditorProcedure
    .input(DashboardRef)
    .output(z.object({ ok: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await removeDashboard(ctx, ctx.product, input.dashboardId)
      return { ok: true as const }
    }),
})
