/**
 * Proofs of access. A repository function demands the scope of what it reads, and a scope can be made only by
 * scope-mint.ts, which only `procedure.ts` files may import (scripts/check-boundaries.mjs). A forgotten access check
 * therefore does not compile.
 */
declare const brand: unique symbol

export const ROLES = ['owner', 'admin', 'editor', 'viewer'] as const
export type Role = (typeof ROLES)[number]

/** A person with a valid session. */
export interface UserScope {
  readonly [brand]: 'user'
  readonly userId: string
  readonly sessionId: string
}

/** A team that the caller belongs to, and in which role. */
export interface TeamScope {
  readonly [brand]: 'team'
  readonly teamId: string
  readonly userId: string | null
  readonly role: Role
}

export type ProductGrant = 'session' | 'api_key' | 'job'

/** A product that the caller may reach. `id` is the storage key (int4), `publicId` what the outside sees. */
export interface ProductScope {
  readonly [brand]: 'product'
  readonly id: number
  readonly publicId: string
  readonly teamId: string
  readonly zone: string
  /** ISO weekday, 1 = Monday. */
  readonly weekStart: number
  /** Month in which the fiscal year begins, 1 = January. */
  readonly fiscalYearStart: number
  readonly userId: string | null
  /** The key that was shown; null for people and jobs. */
  readonly apiKeyId: string | null
  readonly grant: ProductGrant
}
