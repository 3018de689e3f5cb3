import type { Db, Tx } from '@trackable/db'
import type { Role, UserScope } from '../kernel/scope'

type Sql = Db | Tx

export async function listTeams(db: Sql, user: UserScope) {
  const memberships = await db.membership.findMany({
    where: { userId: user.userId },
    select: { role: true, team: { select: { id: true, name: true } } },
    orderBy: [{ createdAt: 'asc' }, { teamId: 'asc' }],
  })
  return memberships.map(({ role, team }) => ({ ...team, role }))
}

export const countTeams = (db: Sql, user: UserScope) => db.membership.count({ where: { userId: user.userId } })

/** The question that decides about access, so the caller is a person and not yet a member. */
export async function findRole(db: Sql, user: UserScope, teamId: string): Promise<Role | null> {
  const key = { teamId, userId: user.userId }
  const membership = await db.membership.findUnique({ where: { teamId_userId: key }, select: { role: true } })
  return membership?.role ?? null
}

/** `ownerId` is somebody who is signed in, or whose account the same transaction created. */
export async function insertTeam(tx: Tx, ownerId: string, team: { id: string; name: string; createdAt: Date }) {
  await tx.team.create({ data: team, select: { id: true } })
  await tx.membership.create({
    data: { teamId: team.id, userId: ownerId, role: 'owner', createdAt: team.createdAt },
    select: { teamId: true },
  })
}

/** The team that an operator's account owns; the oldest, when there are several of that name. */
export async function findOwnedTeamId(db: Sql, ownerId: string, name: string): Promise<string | null> {
  const membership = await db.membership.findFirst({
    where: { userId: ownerId, role: 'owner', team: { name } },
    select: { teamId: true },
    orderBy: [{ createdAt: 'asc' }, { teamId: 'asc' }],
  })
  return membership?.teamId ?? null
}
