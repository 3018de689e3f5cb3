import type { Context } from '../kernel/context'
import type { ProductScope, UserScope } from '../kernel/scope'
import { findProductScope } from '../product/procedure'
import { assertRole } from '../team/procedure'
import { findRunProductId, noImport } from './repository-import'

/** For parts of a file, whose address names the import alone: an editor of its product, or nobody who may know of it. */
export async function resolveImport(ctx: Context, user: UserScope, importId: string): Promise<ProductScope> {
  const productId = await findRunProductId(ctx.db.prisma, importId)
  const access = productId === null ? null : await findProductScope(ctx, user, { id: productId })
  if (!access) throw noImport()
  assertRole(access.role, 'editor')
  return access.product
}
