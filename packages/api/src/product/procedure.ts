import { z } from 'zod'
import { userProcedure } from '../auth/procedure'
import type { Context, RequestContext } from '../kernel/context'
import { readInTime } from '../kernel/deadline'
import { DomainError } from '../kernel/errors'
import type { ProductGrant, ProductScope, Role, UserScope } from '../kernel/scope'
import { mintProductScope } from '../kernel/scope-mint'
import { hashToken } from '../kernel/secrets'
import { assertRole } from '../team/procedure'
import {
  type ApiKeyScope,
  AUTHORIZATION_CHARS_MAX,
  invalidKey,
  type KnownKey,
  keyCacheOf,
  type LoadedKey,
  readKey,
} from './api-key'
import { findKeyByHash, findProductAccess, findProductForJob, type ProductRefKey, touchKey } from './repository'
import { ProductId } from './schema'

/** Noting the last use is for people who clean up keys; once a minute is exact enough. */
const KEY_TOUCH_MS = 60_000

type GateRow = Pick<ProductScope, 'id' | 'publicId' | 'teamId' | 'zone' | 'weekStart' | 'fiscalYearStart'>
const toScope = (
  row: GateRow,
  userId: string | null,
  grant: ProductGrant,
  apiKeyId: string | null = null,
): ProductScope =>
  mintProductScope({
    id: row.id,
    publicId: row.publicId,
    teamId: row.teamId,
    zone: row.zone,
    weekStart: row.weekStart,
    fiscalYearStart: row.fiscalYearStart,
    userId,
    apiKeyId,
    grant,
  })

/** A product one may not see and a product that does not exist are the same to the caller (AZ-02). */
const noProduct = () => new DomainError('not_found', 'There is no such product.')

export interface ProductAccess {
  product: ProductScope
  role: Role
}

/**
 * The product as this person may reach it, or null. For gates of contexts on the right that load a row of theirs first
 * (a dashboard knows its product by the storage key) and answer "no such dashboard" in their own words.
 */
export async function findProductScope(
  ctx: Context,
  user: UserScope,
  ref: ProductRefKey,
): Promise<ProductAccess | null> {
  const access = await findProductAccess(ctx.db.prisma, user, ref)
  return access && { product: toScope(access.product, user.userId, 'session'), role: access.role }
}

const lookUps = new WeakMap<Context['db'], Map<string, Promise<ProductAccess | null>>>()

/**
 * The questions of one request share one look-up, which for a page of twelve charts was a third of what it cost. Another
 * request looks for itself, so that whoever was removed is not let in by somebody's earlier look.
 */
function findAccessOnce(ctx: RequestContext & { user: UserScope }, publicId: string): Promise<ProductAccess | null> {
  let running = lookUps.get(ctx.db)
  if (!running) {
    running = new Map()
    lookUps.set(ctx.db, running)
  }
  const key = JSON.stringify([ctx.requestId, ctx.user.userId, publicId])
  const known = running.get(key)
  if (known) return known
  const own = running
  const lookUp = findProductScope(ctx, ctx.user, { publicId }).finally(() => own.delete(key))
  own.set(key, lookUp)
  return lookUp
}

/**
 * A member of the team whose product `input.productId` names; `ctx.product` is the scope and `ctx.role` the member's
 * role. A procedure adds its own strict input schema (see teamProcedure).
 */
export const productProcedure = userProcedure
  .input(z.object({ productId: ProductId }))
  .use(async ({ ctx, input, next }) => {
    const access = await findAccessOnce(ctx, input.productId)
    if (!access) throw noProduct()
    return next({ ctx: access })
  })

export const productEditorProcedure = productProcedure.use(({ ctx, next }) => {
  assertRole(ctx.role, 'editor')
  return next()
})

export const productAdminProcedure = productProcedure.use(({ ctx, next }) => {
  assertRole(ctx.role, 'admin')
  return next()
})

/** For jobs and ticks, which act for nobody: only code that holds a product's key from a row it read may call this. */
export async function productScopeForJob(ctx: Context, product: number | string): Promise<ProductScope> {
  const row = await findProductForJob(
    ctx.db.prisma,
    typeof product === 'number' ? { id: product } : { publicId: product },
  )
  if (!row) throw noProduct()
  return toScope(row, null, 'job')
}

/**
 * The gate for programs: the value of the Authorization header becomes the scope of the key's product.
 *
 * The hottest path of the server: a remembered header costs one look-up in a map and neither a hash nor a query. What
 * is remembered is at most five seconds old and is forgotten at once, in every process, when the key is revoked.
 */
export async function resolveApiKey(
  ctx: Context,
  authorization: string | null | undefined,
  scope: ApiKeyScope,
): Promise<ProductScope> {
  const cache = keyCacheOf(ctx)
  const nowMs = ctx.clock.now().getTime()
  const header = authorization && authorization.length <= AUTHORIZATION_CHARS_MAX ? authorization : null
  const { key, refusal } =
    (header && cache.find(header, nowMs)) || (await readInTime(loadKey(ctx, header, readKey(authorization), nowMs)))
  if (!key) throw invalidKey(refusal)
  if (!key.scopes.includes(scope)) {
    throw new DomainError(
      'forbidden',
      `This API key lacks the scope "${scope}"; it has: ${key.scopes.join(', ')}. Use or create a key that has it.`,
    )
  }
  return key.product
}

function loadKey(ctx: Context, header: string | null, keyText: string, nowMs: number): Promise<LoadedKey> {
  return keyCacheOf(ctx).load(header ?? keyText, nowMs, async () => {
    const row = await findKeyByHash(ctx.db.prisma, hashToken(keyText))
    if (!row) return { key: null, refusal: 'This API key is unknown: it was mistyped, or belongs to another server.' }
    if (row.revokedAt)
      return { key: null, refusal: `This API key was revoked on ${row.revokedAt.toISOString().slice(0, 10)}.` }
    const key: KnownKey = { id: row.id, scopes: row.scopes, product: toScope(row.product, null, 'api_key', row.id) }
    noteUse(ctx, key, row.lastUsedAt)
    return { key, refusal: '' }
  })
}

/** Only a load gets here, every few seconds and key: no request waits for it, and a lost note is made up by the next. */
function noteUse(ctx: Context, key: KnownKey, lastUsedAt: Date | null): void {
  const now = ctx.clock.now()
  const notSince = new Date(now.getTime() - KEY_TOUCH_MS)
  if (lastUsedAt && lastUsedAt > notSince) return
  touchKey(ctx.db.prisma, key.product, key.id, now, notSince).catch((error) =>
    ctx.log.warn({ err: error, keyId: key.id }, 'could not note when an API key was last used'),
  )
}
