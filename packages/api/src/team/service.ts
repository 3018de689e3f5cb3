import type { Tx } from '@trackable/db'
import type { Register } from '../auth/schema'
import { type Caller, ensureUser, registerUser, type SignedIn, startSession } from '../auth/service'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import { newId } from '../kernel/ids'
import type { UserScope } from '../kernel/scope'
import { countTeams, findOwnedTeamId, insertTeam } from './repository'
import type { CreateTeam, Team } from './schema'

/** Nobody has more on purpose; a script that runs wild stops here. */
export const TEAMS_PER_USER_MAX = 50

export async function createTeam(ctx: Context, user: UserScope, input: CreateTeam): Promise<Team> {
  // Two at once may both pass this check; one team too many does no harm.
  if ((await countTeams(ctx.db.prisma, user)) >= TEAMS_PER_USER_MAX) {
    throw new DomainError('limit_reached', `You can be in at most ${TEAMS_PER_USER_MAX} teams.`)
  }
  return ctx.db.prisma.$transaction((tx) => addTeam(ctx, tx, user.userId, input.name))
}

/**
 * An account, a team and the ownership of it, or nothing at all. The orchestration is here and not in auth because auth
 * stands to the left and may not know teams: it opens the transaction and calls back for what a new account comes with.
 */
export async function registerOwner(ctx: Context, caller: Caller, input: Register): Promise<SignedIn> {
  const user = await registerUser(ctx, caller, input, async (tx, { id }) => {
    await addTeam(ctx, tx, id, input.teamName)
  })
  return startSession(ctx, caller, user)
}

/** The operator's way to an owner, without a link or a browser. An existing account or team is left as it is. */
export async function ensureOwner(
  ctx: Context,
  input: { email: string; name: string; password: string; teamName: string },
): Promise<{ userId: string; teamId: string; isNewUser: boolean }> {
  const { userId, isNew } = await ensureUser(ctx, input, async (tx, { id }) => {
    await addTeam(ctx, tx, id, input.teamName)
  })
  const teamId = await findOwnedTeamId(ctx.db.prisma, userId, input.teamName)
  if (teamId) return { userId, teamId, isNewUser: isNew }
  const team = await ctx.db.prisma.$transaction((tx) => addTeam(ctx, tx, userId, input.teamName))
  return { userId, teamId: team.id, isNewUser: isNew }
}

async function addTeam(ctx: Context, tx: Tx, ownerId: string, name: string): Promise<Team> {
  const team = { id: newId('team'), name, createdAt: ctx.clock.now() }
  await insertTeam(tx, ownerId, team)
  return { id: team.id, name, role: 'owner' }
}
