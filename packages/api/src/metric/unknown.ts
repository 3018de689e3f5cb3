/** A name that no metric has is mostly one that was mistyped. */
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { listMetricNames } from './repository'

/** Names looked through for one that was meant. */
const NAMES_MAX = 500
const SUGGESTIONS_MAX = 3

/** Throws `unknown_metric`, naming those that were probably meant. */
export async function refuseUnknown(ctx: Context, product: ProductScope, name: string): Promise<never> {
  const names = await listMetricNames(ctx.db.prisma, product, NAMES_MAX)
  const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  const asked = plain(name)
  const close = names.filter((one) => asked && (plain(one).includes(asked) || asked.includes(plain(one) || '\0')))
  const hint =
    close.length > 0
      ? ` Did you mean ${close
          .slice(0, SUGGESTIONS_MAX)
          .map((one) => `"${one}"`)
          .join(' or ')}?`
      : ''
  throw new DomainError('unknown_metric', `There is no metric "${name}" in this product.${hint}`)
}
