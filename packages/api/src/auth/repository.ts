import { type Db, Prisma, type Tx } from '@trackable/db'
import type { UserScope } from '../kernel/scope'

type Sql = Db | Tx

/**
 * This is the context that makes users out of strangers, so some reads here stand before any scope: they look up by a
 * secret that the caller has to know (a session's hash, a set-up link) or by the e-mail address of a login.
 */
const PUBLIC_USER = { id: true, email: true, name: true } as const

export const getUser = (db: Sql, user: UserScope) =>
  db.user.findUnique({ where: { id: user.userId }, select: PUBLIC_USER })

export const findLoginByEmail = (db: Sql, email: string) =>
  db.user.findUnique({ where: { email }, select: { ...PUBLIC_USER, passwordHash: true, disabledAt: true } })

export const findUserIdByEmail = async (db: Sql, email: string) =>
  (await db.user.findUnique({ where: { email }, select: { id: true } }))?.id ?? null

export const hasUsers = async (db: Sql) => (await db.user.findFirst({ select: { id: true } })) !== null

/** Two first accounts at the same moment: the second waits here until the first is committed or rolled back. */
export async function lockFirstAccount(tx: Tx): Promise<void> {
  await tx.$executeRaw(Prisma.sql`SELECT pg_advisory_xact_lock(hashtextextended('trackable first account', 0))`)
}

export interface NewUser {
  id: string
  email: string
  name: string
  passwordHash: string
  createdAt: Date
}

/** Null when the address is taken; the unique index decides, so two registrations cannot both win. */
export async function insertUser(tx: Tx, user: NewUser) {
  const { count } = await tx.user.createMany({ data: [user], skipDuplicates: true })
  return count === 1
}

/** Guarded by the hash that was checked: a password that was changed meanwhile stays changed. */
export async function updatePasswordHash(db: Sql, userId: string, from: string, to: string): Promise<void> {
  await db.user.updateMany({ where: { id: userId, passwordHash: from }, data: { passwordHash: to } })
}

export interface NewSession {
  id: string
  userId: string
  tokenHash: Uint8Array<ArrayBuffer>
  createdAt: Date
  lastSeenAt: Date
  expiresAt: Date
  ip: string
  userAgent: string
}

export async function insertSession(db: Sql, session: NewSession): Promise<void> {
  await db.session.create({ data: session, select: { id: true } })
}

export const findLiveSession = (db: Sql, tokenHash: Uint8Array<ArrayBuffer>, now: Date) =>
  db.session.findFirst({
    where: { tokenHash, expiresAt: { gt: now }, user: { disabledAt: null } },
    select: { id: true, userId: true, createdAt: true, lastSeenAt: true },
  })

export const findLiveSessionById = (db: Sql, user: UserScope, now: Date) =>
  db.session.findFirst({
    where: { id: user.sessionId, userId: user.userId, expiresAt: { gt: now }, user: { disabledAt: null } },
    select: { id: true },
  })

/** Guarded by the value that was read, so that of many requests at once one writes. */
export async function touchSession(db: Sql, session: { id: string; lastSeenAt: Date }, now: Date, expiresAt: Date) {
  await db.session.updateMany({
    where: { id: session.id, lastSeenAt: session.lastSeenAt },
    data: { lastSeenAt: now, expiresAt },
  })
}

export async function deleteSession(db: Sql, user: UserScope): Promise<void> {
  await db.session.deleteMany({ where: { id: user.sessionId, userId: user.userId } })
}

export const deleteExpiredSessions = async (db: Sql, now: Date) =>
  (await db.session.deleteMany({ where: { expiresAt: { lte: now } } })).count

/** Replaces the link of a server that nobody has set up yet. */
export async function replaceSetupToken(tx: Tx, tokenHash: Uint8Array<ArrayBuffer>, now: Date): Promise<void> {
  const link = { tokenHash, createdAt: now, usedAt: null }
  await tx.setupToken.upsert({ where: { id: 1 }, create: { id: 1, ...link }, update: link, select: { id: true } })
}

/** True for exactly one caller. */
export async function useSetupToken(tx: Tx, tokenHash: Uint8Array<ArrayBuffer>, now: Date): Promise<boolean> {
  const { count } = await tx.setupToken.updateMany({ where: { id: 1, tokenHash, usedAt: null }, data: { usedAt: now } })
  return count === 1
}
