import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import { newId } from '../kernel/ids'
import type { ProductScope, TeamScope } from '../kernel/scope'
import { hashToken, newApiKey } from '../kernel/secrets'
import { keyCacheOf } from './api-key'
import { publishKeysChanged } from './events'
import { countLiveKeys, countProducts, insertKey, insertProduct, revokeKey, updateProduct } from './repository'
import type { ApiKey, CreateApiKey, CreatedApiKey, CreateProduct, Product, UpdateProduct } from './schema'

export { type BootstrappedWorkspace, type BootstrapWorkspace, bootstrapWorkspace } from './bootstrap'
export { findProductByName, listProductIds } from './repository'

/** Pages list them all; a script that runs wild stops here. */
export const PRODUCTS_PER_TEAM_MAX = 200
/** More senders than this share keys. Revoked keys do not count. */
export const KEYS_PER_PRODUCT_MAX = 100
const HINT_CHARS = 4

const nameTaken = () =>
  new DomainError('name_taken', 'This team already has a product of that name.', {
    errors: [{ pointer: '/name', code: 'name_taken', detail: 'Choose another name.' }],
  })

export async function createProduct(
  ctx: Context,
  team: TeamScope,
  input: Omit<CreateProduct, 'teamId'>,
): Promise<Product> {
  if ((await countProducts(ctx.db.prisma, team)) >= PRODUCTS_PER_TEAM_MAX) {
    throw new DomainError('limit_reached', `A team has at most ${PRODUCTS_PER_TEAM_MAX} products.`)
  }
  const { name, zone, weekStart, fiscalYearStart } = input
  const fresh = { publicId: newId('product'), name, zone, weekStart, fiscalYearStart, createdAt: ctx.clock.now() }
  const product = await insertProduct(ctx.db.prisma, team, fresh)
  if (!product) throw nameTaken()
  return product
}

export async function changeProduct(
  ctx: Context,
  scope: ProductScope,
  input: Omit<UpdateProduct, 'productId'>,
): Promise<Product> {
  const { name, zone, weekStart, fiscalYearStart, retentionDays } = input
  const data = { name, zone, weekStart, fiscalYearStart, retentionDays }
  const product = await updateProduct(ctx.db.prisma, scope, data)
  if (!product) throw nameTaken()
  // The key cache holds scopes, and a scope the zone.
  await publishKeysChanged(ctx.bus, { keyId: null, productId: scope.publicId })
  return product
}

/** The only answer that carries the key; afterwards its SHA-256 and its last four characters are all there is. */
export async function createKey(
  ctx: Context,
  product: ProductScope,
  input: Omit<CreateApiKey, 'productId'>,
): Promise<CreatedApiKey> {
  if ((await countLiveKeys(ctx.db.prisma, product)) >= KEYS_PER_PRODUCT_MAX) {
    throw new DomainError('limit_reached', `A product has at most ${KEYS_PER_PRODUCT_MAX} keys that are not revoked.`)
  }
  const key = newApiKey()
  const created = await insertKey(ctx.db.prisma, product, {
    id: newId('apiKey'),
    name: input.name,
    hint: key.slice(-HINT_CHARS),
    tokenHash: hashToken(key),
    scopes: [...new Set(input.scopes)],
    createdAt: ctx.clock.now(),
  })
  ctx.log.info(
    { event: 'api_key_created', keyId: created.id, productId: product.publicId, userId: product.userId },
    'API key created',
  )
  return { ...created, key }
}

/** Returns after the database says so and the other processes were told: the next request with the key is refused. */
export async function stopKey(ctx: Context, product: ProductScope, keyId: string): Promise<ApiKey> {
  const key = await revokeKey(ctx.db.prisma, product, keyId, ctx.clock.now())
  if (!key) throw new DomainError('not_found', 'There is no such API key.')
  keyCacheOf(ctx).forget((known) => known.id === keyId)
  await publishKeysChanged(ctx.bus, { keyId, productId: null })
  ctx.log.info(
    { event: 'api_key_revoked', keyId, productId: product.publicId, userId: product.userId },
    'API key revoked',
  )
  return key
}
