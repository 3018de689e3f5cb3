import { z } from 'zod'
import { userProcedure } from '../auth/procedure'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { Role, TeamScope, UserScope } from '../kernel/scope'
import { mintTeamScope } from '../kernel/scope-mint'
import { findRole } from './repository'
import { TeamId } from './schema'

/** A team one may not see and a team that does not exist are the same to the caller (AZ-02). */
const noTeam = () => new DomainError('not_found', 'There is no such team.')

export async function resolveTeam(ctx: Context, user: UserScope, teamId: string): Promise<TeamScope> {
  const role = await findRole(ctx.db.prisma, user, teamId)
  if (!role) throw noTeam()
  return mintTeamScope({ teamId, userId: user.userId, role })
}

/** For the command line, whose operator has the database anyway. */
export const teamScopeForOperator = (userId: string, teamId: string): TeamScope =>
  mintTeamScope({ teamId, userId, role: 'owner' })

const RANK: Record<Role, number> = { viewer: 0, editor: 1, admin: 2, owner: 3 }

/** Whoever gets here sees the thing, so the answer may say that it is a matter of role. */
export function assertRole(role: Role, least: Role): void {
  if (RANK[role] < RANK[least]) {
    throw new DomainError(
      'forbidden',
      `Your role in this team is ${role}; this needs the role ${least} or a higher one.`,
    )
  }
}

/**
 * A member of the team that `input.teamId` names; `ctx.team` is the scope. The input here is loose because tRPC gives
 * each parser the whole input: a procedure adds its own strict schema, which refuses what is not in it.
 */
export const teamProcedure = userProcedure.input(z.object({ teamId: TeamId })).use(async ({ ctx, input, next }) => {
  const team = await resolveTeam(ctx, ctx.user, input.teamId)
  return next({ ctx: { team } })
})

export const teamEditorProcedure = teamProcedure.use(({ ctx, next }) => {
  assertRole(ctx.team.role, 'editor')
  return next()
})

export const teamAdminProcedure = teamProcedure.use(({ ctx, next }) => {
  assertRole(ctx.team.role, 'admin')
  return next()
})
