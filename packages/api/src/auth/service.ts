import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { Tx } from '@trackable/db'
import type { Context, RequestContext } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import { newId } from '../kernel/ids'
import { deleteEndedWindows, forgetHits, refundHit, takeHit } from '../kernel/rate-limit'
import type { UserScope } from '../kernel/scope'
import { hashToken, newToken } from '../kernel/secrets'
import { publishSessionEnded } from './events'
import { assertPasswordStrong, hashPassword, isHashOutdated, verifyPassword } from './password'
import {
  deleteExpiredSessions,
  deleteSession,
  findLoginByEmail,
  findUserIdByEmail,
  getUser,
  hasUsers,
  insertSession,
  insertUser,
  lockFirstAccount,
  updatePasswordHash,
} from './repository'
import type { Login, Register, SignInState, User } from './schema'
import { sessionEndsAt, sessionExpiresAt } from './session'
import { assertMayRegister } from './setup'

export { getUser } from './repository'
export { ensureSetupToken } from './setup'

const MINUTE_MS = 60_000
/** OWASP and ASVS 6.3.1: guessing one account is slowed to ten tries per quarter of an hour, from wherever they come. */
export const LOGIN_FAILURES_PER_ACCOUNT = { max: 10, windowMs: 15 * MINUTE_MS }
/** One address trying many accounts. Wider, because an office shares an address. */
export const LOGIN_FAILURES_PER_IP = { max: 50, windowMs: 15 * MINUTE_MS }
export const REGISTRATIONS_PER_IP = { max: 20, windowMs: 60 * MINUTE_MS }
/** Longer browser names carry nothing that a list of sessions could show. */
const USER_AGENT_CHARS_MAX = 300

/** What a request knows of the browser at its other end. */
export type Caller = Pick<RequestContext, 'ip' | 'userAgent' | 'user'>

export interface SignedIn {
  user: User
  token: string
  /** When the cookie ends at the latest; the server may end the session before. */
  endsAt: Date
}

/** The same words for a wrong password, an unknown address and a disabled account. */
const wrongCredentials = () => new DomainError('invalid_credentials', 'The e-mail address or the password is wrong.')

export async function login(ctx: Context, caller: Caller, input: Login): Promise<SignedIn> {
  const accountKey = accountThrottleKey(input.email)
  const ipKey = `ip:${networkOf(caller.ip)}`
  await takeHit(
    ctx.db.prisma,
    ctx.clock,
    ipKey,
    LOGIN_FAILURES_PER_IP,
    'Too many failed logins from your network. Wait a little.',
  )
  try {
    await takeHit(
      ctx.db.prisma,
      ctx.clock,
      accountKey,
      LOGIN_FAILURES_PER_ACCOUNT,
      'Too many failed logins for this account. Wait a little, then try again.',
    )
    const account = await findLoginByEmail(ctx.db.prisma, input.email)
    const isMatch = await verifyPassword(account?.passwordHash ?? null, input.password)
    if (!account || !isMatch || account.disabledAt) throw wrongCredentials()
    await rehashIfOutdated(ctx, account, input.password)
    await forgetHits(ctx.db.prisma, accountKey)
    await refundHit(ctx.db.prisma, ipKey)
    return await startSession(ctx, caller, { id: account.id, email: account.email, name: account.name })
  } catch (error) {
    ctx.log.info(
      { event: 'login_failed', ip: caller.ip, reason: error instanceof DomainError ? error.code : 'internal' },
      'login failed',
    )
    throw error
  }
}

/** Hashed, so that the table does not collect the addresses (and mistyped passwords) of people without an account. */
const accountThrottleKey = (email: string) => `account:${createHash('sha256').update(email).digest('base64url')}`

/** Whoever has one IPv6 address has 2^64 of them: the first four groups name the customer. */
function networkOf(ip: string): string {
  if (!isIPv6(ip) || ip.includes('.')) return ip
  const [head = '', tail = ''] = ip.split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail.split(':').filter(Boolean)
  const zeros = ip.includes('::') ? 8 - left.length - right.length : 0
  return [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4).join(':')
}

async function rehashIfOutdated(ctx: Context, account: { id: string; passwordHash: string }, password: string) {
  if (!isHashOutdated(account.passwordHash)) return
  await updatePasswordHash(ctx.db.prisma, account.id, account.passwordHash, await hashPassword(password))
  ctx.log.info({ userId: account.id }, 'password hashed again with the present parameters')
}

/**
 * Always a new secret and a new id (ASVS 7.2.4): a cookie that somebody planted in the browser is worth nothing after
 * the login, and the session it may have belonged to ends.
 */
export async function startSession(ctx: Context, caller: Caller, user: User): Promise<SignedIn> {
  if (caller.user) await endSession(ctx, caller.user)
  const token = newToken()
  const now = ctx.clock.now()
  const session = {
    id: newId('session'),
    userId: user.id,
    tokenHash: hashToken(token),
    createdAt: now,
    lastSeenAt: now,
    expiresAt: sessionExpiresAt(now, now),
    ip: caller.ip,
    userAgent: caller.userAgent.slice(0, USER_AGENT_CHARS_MAX),
  }
  await insertSession(ctx.db.prisma, session)
  ctx.log.info({ event: 'session_started', userId: user.id, sessionId: session.id, ip: caller.ip }, 'signed in')
  return { user, token, endsAt: sessionEndsAt(now) }
}

/** Ends the session at once and has every process close its sockets. */
export async function endSession(ctx: Context, user: UserScope): Promise<void> {
  await deleteSession(ctx.db.prisma, user)
  await publishSessionEnded(ctx.bus, user.sessionId)
  ctx.log.info({ event: 'session_ended', userId: user.userId, sessionId: user.sessionId }, 'signed out')
}

export async function getSignInState(ctx: Context, user: UserScope | null): Promise<SignInState> {
  const [known, isSetUp] = await Promise.all([
    user ? getUser(ctx.db.prisma, user) : null,
    user ? true : hasUsers(ctx.db.prisma),
  ])
  return { user: known, needsSetup: !isSetUp, registration: ctx.settings.registration }
}

/**
 * Creates an account in a transaction, and has the caller add to it what belongs to a new account. `complete` is how a
 * context on the right (team: every account starts with a team that it owns) joins in without being imported here.
 */
export async function registerUser(
  ctx: Context,
  caller: Caller,
  input: Register,
  complete: (tx: Tx, user: User) => Promise<void>,
): Promise<User> {
  await takeHit(
    ctx.db.prisma,
    ctx.clock,
    `register:${networkOf(caller.ip)}`,
    REGISTRATIONS_PER_IP,
    'Too many registrations from your network.',
  )
  assertPasswordStrong(input.password, ownWordsOf(input))
  // Before the transaction, which would otherwise hold a connection while the processor works.
  const passwordHash = await hashPassword(input.password)
  const user = { id: newId('user'), email: input.email, name: input.name }
  await ctx.db.prisma.$transaction(async (tx) => {
    await assertMayRegister(ctx, tx, input.setupToken ?? null)
    if (!(await insertUser(tx, { ...user, passwordHash, createdAt: ctx.clock.now() }))) throw emailTaken()
    await complete(tx, user)
  })
  ctx.log.info({ event: 'registered', userId: user.id, ip: caller.ip }, 'account created')
  return user
}

/**
 * Says that an address has an account, but only where registration is open: by default it is closed, and refused before
 * the address is looked at. Hiding it there too would need a mail that confirms.
 */
const emailTaken = () =>
  new DomainError('email_taken', 'There is already an account with this e-mail address. Sign in instead.', {
    errors: [{ pointer: '/email', code: 'email_taken', detail: 'There is already an account with this address.' }],
  })

/** What a guesser knows about the person: name of the address, parts of the name, the team. */
function ownWordsOf(input: { email: string; name: string; teamName: string }): string[] {
  const [local = '', domain = ''] = input.email.split('@')
  return [local, domain.split('.')[0] ?? '', ...input.name.split(/\s+/), input.teamName]
}

/**
 * For whoever operates the server (command line, container start), who needs no set-up link. Returns the account and
 * whether it is new; an existing one keeps its password.
 */
export async function ensureUser(
  ctx: Context,
  input: { email: string; name: string; password: string; teamName: string },
  complete: (tx: Tx, user: User) => Promise<void>,
): Promise<{ userId: string; isNew: boolean }> {
  const known = await findUserIdByEmail(ctx.db.prisma, input.email)
  if (known) return { userId: known, isNew: false }
  assertPasswordStrong(input.password, ownWordsOf(input))
  const passwordHash = await hashPassword(input.password)
  const user = { id: newId('user'), email: input.email, name: input.name }
  const isNew = await ctx.db.prisma.$transaction(async (tx) => {
    await lockFirstAccount(tx)
    if (!(await insertUser(tx, { ...user, passwordHash, createdAt: ctx.clock.now() }))) return false
    await complete(tx, user)
    return true
  })
  const userId = isNew ? user.id : await findUserIdByEmail(ctx.db.prisma, input.email)
  if (!userId) throw new DomainError('conflict', 'The account was removed while it was being created. Try again.')
  return { userId, isNew }
}

/** Expired rows are already refused; this only keeps the tables small. */
export async function deleteExpired(ctx: Context): Promise<void> {
  const sessions = await deleteExpiredSessions(ctx.db.prisma, ctx.clock.now())
  const throttles = await deleteEndedWindows(ctx.db.prisma, ctx.clock)
  ctx.log.debug({ sessions, throttles }, 'expired sessions and throttles deleted')
}
