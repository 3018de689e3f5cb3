import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { UserScope } from '../kernel/scope'
import { mintUserScope } from '../kernel/scope-mint'
import { hashToken } from '../kernel/secrets'
import { publicProcedure } from '../kernel/trpc'
import { findLiveSession, findLiveSessionById, touchSession } from './repository'
import { SESSION_TOUCH_MS, sessionExpiresAt } from './session'

/** Longer than any token of ours: what is not one is not looked up. */
const TOKEN_CHARS_MAX = 100

/**
 * The gate for people: the secret of the session cookie becomes a scope, or null when the session is unknown, expired,
 * ended, or its owner disabled. Asked for each request, so an ended session is refused by the next one.
 */
export async function resolveSession(ctx: Context, token: string | null | undefined): Promise<UserScope | null> {
  if (!token || token.length > TOKEN_CHARS_MAX) return null
  const now = ctx.clock.now()
  const session = await findLiveSession(ctx.db.prisma, hashToken(token), now)
  if (!session) return null
  if (now.getTime() - session.lastSeenAt.getTime() >= SESSION_TOUCH_MS) {
    await touchSession(ctx.db.prisma, session, now, sessionExpiresAt(session.createdAt, now))
  }
  return mintUserScope({ userId: session.userId, sessionId: session.id })
}

/** For sockets, which outlive the request that opened them. Does not count as a use of the session. */
export async function isSessionAlive(ctx: Context, user: UserScope): Promise<boolean> {
  return (await findLiveSessionById(ctx.db.prisma, user, ctx.clock.now())) !== null
}

/** Somebody who is signed in; `ctx.user` is their scope. */
export const userProcedure = publicProcedure.use(({ ctx, next }) => {
  if (!ctx.user) throw new DomainError('unauthenticated', 'Sign in to go on.')
  return next({ ctx: { user: ctx.user } })
})
