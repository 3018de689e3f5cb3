/**
 * What tests stand on: a real Postgres database of the test's own, and fakes only for the clock, the bus, the mails'
 * transport and the drawing of charts. Nothing is shared; a test makes what it needs with the helpers below.
 *
 *   const test = await createTestContext()
 *   const owner = await registerOwner(test)
 *   const { product, keyText } = await createProductFixture(test, owner)
 *   await callerFor(test, owner).product.get({ productId: product.id })
 *   await test.close()
 */

import { createTestDatabase } from '@trackable/db/testing'
import { TRPCError } from '@trpc/server'
import { type Logger, pino } from 'pino'
import { compress } from 'snappyjs'
import { resolveSession } from './auth/procedure'
import type { User } from './auth/schema'
import { ensureSetupToken } from './auth/service'
import type { RemoteWriteVersion } from './ingest/formats/prometheus'
import { WriteRequestV1, WriteRequestV2 } from './ingest/formats/prometheus-schema'
import { jobs } from './jobs'
import { createMemoryBus } from './kernel/bus-memory'
import type { Context, RequestContext, Settings } from './kernel/context'
import { DomainError, type ErrorCode, type ErrorItem } from './kernel/errors'
import { newId } from './kernel/ids'
import { migrateJobs, runDueJobs } from './kernel/job'
import type { Mail, Mailer } from './kernel/mail'
import type { DrawOutcome, DrawRequest, WidgetPictures } from './kernel/picture'
import type { UserScope } from './kernel/scope'
import type { Clock } from './kernel/time'
import { describeError } from './kernel/trpc'
import type { ApiKey, Product } from './product/schema'
import { createCaller } from './router'
import type { Team } from './team/schema'

export { NAUGHTY_STRINGS } from './kernel/testing/naughty'

/** A Tuesday in March, outside the hours in which clocks change anywhere. */
export const TEST_NOW = new Date('2026-03-10T12:00:00.000Z')

export interface FakeClock extends Clock {
  set(now: Date | string): void
  advance(ms: number): void
}

export function createFakeClock(start: Date | string = TEST_NOW): FakeClock {
  let nowMs = new Date(start).getTime()
  return {
    now: () => new Date(nowMs),
    set: (now) => {
      nowMs = new Date(now).getTime()
    },
    advance: (ms) => {
      nowMs += ms
    },
  }
}

export interface FakeMailer extends Mailer {
  /** What was sent, in order. */
  readonly sent: Mail[]
  /** Decides what becomes of a mail: throw a MailError to have it fail. */
  beforeSend: (mail: Mail) => void
}

export function createFakeMailer(): FakeMailer {
  const sent: Mail[] = []
  return {
    provider: 'smtp',
    from: 'Trackable <reports@example.org>',
    sent,
    beforeSend: () => undefined,
    async send(mail) {
      this.beforeSend(mail)
      sent.push(mail)
      return { answer: `250 2.0.0 queued as ${sent.length}` }
    },
    close: async () => undefined,
  }
}

/** One transparent pixel: a file that every PNG reader accepts. */
export const PNG_1X1 = new Uint8Array(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  ),
)

export interface FakePictures extends WidgetPictures {
  /** What was asked for, in order. */
  readonly requests: DrawRequest[]
  /** Ids of widgets that cannot be drawn, with the reason. */
  readonly undrawable: Map<string, string>
}

export function createFakePictures(): FakePictures {
  const requests: DrawRequest[] = []
  const undrawable = new Map<string, string>()
  return {
    requests,
    undrawable,
    async drawWidgets(asked) {
      requests.push(...asked)
      return asked.map((request) => drawFake(request, undrawable.get(request.widget.id)))
    },
    close: async () => undefined,
  }
}

function drawFake({ widget, width, height }: DrawRequest, reason: string | undefined): DrawOutcome {
  const { id, type, title } = widget
  if (reason !== undefined) return { id, isDrawn: false, reason }
  const isNumber = type === 'number'
  const isDrawn = type === 'line' || type === 'bar'
  return {
    id,
    isDrawn: true,
    widget: {
      id,
      summary: `${title} in words`,
      number: isNumber ? { value: '1', delta: null, previous: null } : null,
      table: isNumber ? null : { columns: ['Name', 'Value'], rows: [{ cells: ['a', '1'], delta: null }], note: null },
      totals: [],
      picture: isDrawn ? { png: PNG_1X1, width, height } : null,
    },
  }
}

export interface TestContext extends Context {
  clock: FakeClock
  mailer: FakeMailer
  pictures: FakePictures
  bus: ReturnType<typeof createMemoryBus>
  /** Runs the jobs that are due, once each. */
  runJobs(): Promise<void>
  /** Drops the database. */
  close(): Promise<void>
}

export interface TestContextOptions {
  /** Where the clock starts. */
  now?: Date | string
  settings?: Partial<Settings>
  log?: Logger
}

/** The test file must run under a vitest config with the globalSetup of packages/api (see its vitest.config.ts). */
export async function createTestContext(options: TestContextOptions = {}): Promise<TestContext> {
  const { database, drop } = await createTestDatabase()
  const log = options.log ?? pino({ level: 'silent' })
  await migrateJobs(database.pools.meta, log)
  const ctx = {
    // Open, unlike a server: most tests need a second account.
    settings: { publicUrl: 'http://localhost:3000', registration: 'open' as const, ...options.settings },
    db: database,
    bus: createMemoryBus({ log }),
    mailer: createFakeMailer(),
    pictures: createFakePictures(),
    clock: createFakeClock(options.now),
    log,
  }
  return {
    ...ctx,
    runJobs: () => runDueJobs(ctx, jobs),
    close: async () => {
      await ctx.bus.close()
      await drop()
    },
  }
}

/** Somebody at a browser: `scope` is null until they sign in, and `cookie` is what the browser holds. */
export interface Person {
  scope: UserScope | null
  cookie: { token: string | null; expiresAt: Date | null }
  ip: string
}

let addresses = 0

/** Each stranger has an address of their own, so that the throttle of one test is not felt by another. */
export function createStranger(ip?: string): Person {
  addresses++
  return {
    scope: null,
    cookie: { token: null, expiresAt: null },
    ip: ip ?? `10.${addresses >> 16}.${(addresses >> 8) & 255}.${addresses & 255}`,
  }
}

/** The context of one request of this person; setting the cookie changes the person. */
export function requestContextFor(ctx: Context, person: Person): RequestContext {
  return {
    ...ctx,
    requestId: 'req_test',
    user: person.scope,
    ip: person.ip,
    userAgent: 'vitest',
    setSessionCookie: (token, expiresAt) => {
      person.cookie = { token, expiresAt }
    },
  }
}

/** The whole router, called as this person would over HTTP: inputs are parsed, outputs cut to their schema. */
export const callerFor = (ctx: Context, person: Person) => createCaller(requestContextFor(ctx, person))

/** What the HTTP edge does at the start of each request: the cookie becomes the scope, if it is still good. */
export async function readCookie(ctx: Context, person: Person): Promise<void> {
  person.scope = await resolveSession(ctx, person.cookie.token)
}

export interface Owner extends Person {
  scope: UserScope
  user: User
  team: Team
  password: string
}

let people = 0

export interface RegisterOwnerOptions {
  email?: string
  password?: string
  teamName?: string
}

/** An account with a team of its own, signed in. Goes the way of the page, set-up link included for the first one. */
export async function registerOwner(ctx: Context, options: RegisterOwnerOptions = {}): Promise<Owner> {
  people++
  const person = createStranger()
  const password = options.password ?? `violet otter ${newId('user').slice(4, 16)}`
  const user = await callerFor(ctx, person).auth.register({
    email: options.email ?? `person${people}@example.org`,
    name: `Person ${people}`,
    password,
    teamName: options.teamName ?? `Harbour ${people}`,
    setupToken: await ensureSetupToken(ctx),
  })
  await readCookie(ctx, person)
  if (!person.scope) throw new Error('The session that register started does not resolve.')
  const owner = { ...person, scope: person.scope, user, password }
  const [team] = await callerFor(ctx, owner).team.list()
  if (!team) throw new Error('register made no team.')
  return { ...owner, team }
}

/** Somebody else's account, team and product: for the question whether one reaches into the other. */
export async function createOtherTenant(ctx: Context): Promise<{ owner: Owner } & ProductFixture> {
  const owner = await registerOwner(ctx)
  return { owner, ...(await createProductFixture(ctx, owner)) }
}

/** A person with a role in the owner's team, and no other. */
export async function addMember(ctx: Context, owner: Owner, role: Team['role']): Promise<Owner> {
  const member = await registerOwner(ctx)
  await ctx.db.prisma.membership.create({ data: { teamId: owner.team.id, userId: member.user.id, role } })
  return { ...member, team: { ...owner.team, role } }
}

export interface ProductFixture {
  product: Product
  key: ApiKey
  /** Opens the product for both `ingest` and `read`. */
  keyText: string
}

export async function createProductFixture(
  ctx: Context,
  owner: Owner,
  options: { name?: string; zone?: string; weekStart?: number } = {},
): Promise<ProductFixture> {
  const caller = callerFor(ctx, owner)
  const { name = `Product ${newId('product').slice(4, 10)}`, zone = 'UTC', weekStart = 1 } = options
  const product = await caller.product.create({ teamId: owner.team.id, name, zone, weekStart })
  const { key: keyText, ...key } = await caller.product.createKey({
    productId: product.id,
    name: 'Test key',
    scopes: ['ingest', 'read'],
  })
  return { product, key, keyText }
}

/** What a refused call answers, as the edge would tell it. Throws when the call succeeds, or fails as no call should. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ code: ErrorCode; detail: string; errors: readonly ErrorItem[]; retryAfterS?: number }> {
  try {
    await call
  } catch (error) {
    const cause = error instanceof TRPCError ? error.cause : error
    if (cause instanceof DomainError) {
      const { code, detail, errors, retryAfterS } = cause
      return { code, detail, errors, retryAfterS }
    }
    if (error instanceof TRPCError && error.code !== 'INTERNAL_SERVER_ERROR') return describeError(error)
    throw error
  }
  throw new Error('The call was expected to be refused, and was not.')
}

/** The body of a remote-write request. Fields in lowerCamelCase. */
export function encodeRemoteWrite(
  version: RemoteWriteVersion,
  request: Record<string, unknown>,
): Uint8Array<ArrayBuffer> {
  const type = version === '1.0' ? WriteRequestV1 : WriteRequestV2
  return new Uint8Array(compress(Buffer.from(type.encode(type.fromObject(request)).finish())))
}
