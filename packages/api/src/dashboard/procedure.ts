import { z } from 'zod'
import { userProcedure } from '../auth/procedure'
import type { Context } from '../kernel/context'
import type { UserScope } from '../kernel/scope'
import { findProductScope, type ProductAccess } from '../product/procedure'
import { assertRole } from '../team/procedure'
import { findDashboardProductId, noDashboard } from './repository'
import { DashboardId } from './schema'

/** A dashboard one may not see and one that does not exist are the same to the caller. */
export async function resolveDashboard(ctx: Context, user: UserScope, dashboardId: string): Promise<ProductAccess> {
  const productId = await findDashboardProductId(ctx.db.prisma, dashboardId)
  const access = productId === null ? null : await findProductScope(ctx, user, { id: productId })
  if (!access) throw noDashboard()
  return access
}

/** A member of the team whose dashboard `input.dashboardId` names; `ctx.product` is the scope, `ctx.role` the member's role. */
export const dashboardProcedure = userProcedure
  .input(z.object({ dashboardId: DashboardId }))
  .use(async ({ ctx, input, next }) => next({ ctx: await resolveDashboard(ctx, ctx.user, input.dashboardId) }))

export const dashboardEditorProcedure = dashboardProcedure.use(({ ctx, next }) => {
  assertRole(ctx.role, 'editor')
  return next()
})
