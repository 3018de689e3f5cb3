import { z } from 'zod'
import { userProcedure } from '../auth/procedure'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { TeamScope, UserScope } from '../kernel/scope'
import { findProductScope, type ProductAccess } from '../product/procedure'
import { assertRole, resolveTeam } from '../team/procedure'
import { findOutboxTeamId, findReportProductId, noReport } from './repository'
import { ReportRef } from './schema'

/** A report one may not see and one that does not exist are the same to the caller. */
export async function resolveReport(ctx: Context, user: UserScope, reportId: string): Promise<ProductAccess> {
  const productId = await findReportProductId(ctx.db.prisma, reportId)
  const access = productId === null ? null : await findProductScope(ctx, user, { id: productId })
  if (!access) throw noReport()
  return access
}

/** The team whose outbox holds the mail, for a caller who may read it there. */
export async function resolveOutboxMail(ctx: Context, user: UserScope, mailId: string): Promise<TeamScope> {
  const teamId = await findOutboxTeamId(ctx.db.prisma, mailId)
  const team = teamId === null ? null : await resolveTeam(ctx, user, teamId).catch(hideTeam)
  if (!team) throw new DomainError('not_found', 'There is no such mail.')
  assertRole(team.role, 'editor')
  return team
}

/** "No such team" would tell a stranger that the mail exists. */
function hideTeam(error: unknown): null {
  if (error instanceof DomainError && error.code === 'not_found') return null
  throw error
}

/** A member of the team whose report `input.reportId` names; `ctx.product` is the scope, `ctx.role` the member's role. */
export const reportProcedure = userProcedure
  .input(z.object(ReportRef.shape))
  .use(async ({ ctx, input, next }) => next({ ctx: await resolveReport(ctx, ctx.user, input.reportId) }))

export const reportEditorProcedure = reportProcedure.use(({ ctx, next }) => {
  assertRole(ctx.role, 'editor')
  return next()
})
