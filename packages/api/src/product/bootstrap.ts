import { EmailAddress } from '../auth/schema'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import { customId } from '../kernel/secrets'
import { teamScopeForOperator } from '../team/procedure'
import { ensureOwner } from '../team/service'
import { productScopeForJob } from './procedure'
import { findLiveKeyByName, findProductByName } from './repository'
import { CreateProduct } from './schema'
import { createKey, createProduct } from './service'

export interface BootstrapWorkspace {
  email: string
  /** Of the account when it is new; "Owner" when absent. */
  name?: string
  teamName: string
  productName: string
  keyName: string
  zone: string
  /** Otherwise a random one is made and returned, once. */
  password?: string
}

export interface BootstrappedWorkspace {
  userId: string
  teamId: string
  productId: string
  /** Only for an account that was created just now and had no password given. */
  password: string | null
  /** Only when the key was created just now; an existing key cannot be shown again. */
  keyText: string | null
}

/**
 * An owner, a team, a product and an ingest key in one call, for `docker compose up` and scripts. Whatever exists is
 * kept: called again it changes nothing and returns no secret.
 */
export async function bootstrapWorkspace(ctx: Context, input: BootstrapWorkspace): Promise<BootstrappedWorkspace> {
  const email = EmailAddress.parse(input.email)
  const password = input.password ?? customId(24)
  const owner = await ensureOwner(ctx, { email, name: input.name ?? 'Owner', password, teamName: input.teamName })
  const team = teamScopeForOperator(owner.userId, owner.teamId)
  const wanted = CreateProduct.parse({ teamId: owner.teamId, name: input.productName, zone: input.zone })
  const product =
    (await findProductByName(ctx.db.prisma, team, wanted.name)) ?? (await createOrFindProduct(ctx, team, wanted))
  const scope = await productScopeForJob(ctx, product.id)
  const hasKey = (await findLiveKeyByName(ctx.db.prisma, scope, input.keyName)) !== null
  const key = hasKey ? null : await createKey(ctx, scope, { name: input.keyName, scopes: ['ingest'] })
  return {
    userId: owner.userId,
    teamId: owner.teamId,
    productId: product.id,
    password: owner.isNewUser && input.password === undefined ? password : null,
    keyText: key?.key ?? null,
  }
}

/** Two replicas may start at once; the one that loses takes the other's product. */
async function createOrFindProduct(ctx: Context, team: Parameters<typeof createProduct>[1], wanted: CreateProduct) {
  try {
    return await createProduct(ctx, team, wanted)
  } catch (error) {
    const winner =
      error instanceof DomainError && error.code === 'name_taken'
        ? await findProductByName(ctx.db.prisma, team, wanted.name)
        : null
    if (!winner) throw error
    return winner
  }
}
