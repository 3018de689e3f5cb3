import { type Db, Prisma, type Tx } from '@trackable/db'
import type { ProductScope, Role, TeamScope, UserScope } from '../kernel/scope'
import type { API_KEY_SCOPES, ApiKey, Product } from './schema'

type Sql = Db | Tx

const PRODUCT = {
  publicId: true,
  teamId: true,
  name: true,
  zone: true,
  weekStart: true,
  fiscalYearStart: true,
  retentionDays: true,
  createdAt: true,
} as const
type ProductRow = Omit<Product, 'id'> & { publicId: string }
const toProduct = ({ publicId, ...row }: ProductRow): Product => ({ id: publicId, ...row })

const KEY = {
  id: true,
  name: true,
  hint: true,
  scopes: true,
  createdAt: true,
  lastUsedAt: true,
  revokedAt: true,
} as const
type KeyRow = Omit<ApiKey, 'scopes'> & { scopes: string[] }
// The database has a CHECK for the two words; the output schema would refuse a third.
const toApiKey = (row: KeyRow): ApiKey => ({ ...row, scopes: row.scopes as ApiKey['scopes'] })

const GATE = { id: true, publicId: true, teamId: true, zone: true, weekStart: true, fiscalYearStart: true } as const

/** Oldest first: the order in which people made them, which does not change when one is renamed. */
export async function listProducts(db: Sql, team: TeamScope): Promise<Product[]> {
  const rows = await db.product.findMany({
    where: { teamId: team.teamId },
    select: PRODUCT,
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  })
  return rows.map(toProduct)
}

/** Public ids of all products, for work that is done for each of them. */
export async function listProductIds(db: Sql): Promise<string[]> {
  const rows = await db.product.findMany({ select: { publicId: true }, orderBy: { id: 'asc' } })
  return rows.map((row) => row.publicId)
}

export const countProducts = (db: Sql, team: TeamScope) => db.product.count({ where: { teamId: team.teamId } })

/** Null when the team has a product of this name; the unique index decides. */
export async function insertProduct(
  db: Sql,
  team: TeamScope,
  product: Omit<Product, 'id' | 'teamId' | 'retentionDays'> & { publicId: string },
): Promise<Product | null> {
  const [row] = await db.product.createManyAndReturn({
    data: [{ ...product, teamId: team.teamId }],
    skipDuplicates: true,
    select: PRODUCT,
  })
  return row ? toProduct(row) : null
}

export const findProductByName = async (db: Sql, team: TeamScope, name: string) => {
  const row = await db.product.findUnique({ where: { teamId_name: { teamId: team.teamId, name } }, select: PRODUCT })
  return row && toProduct(row)
}

export async function getProduct(db: Sql, product: ProductScope): Promise<Product> {
  return toProduct(await db.product.findUniqueOrThrow({ where: { id: product.id }, select: PRODUCT }))
}

/** Null when the team has another product of that name. */
export async function updateProduct(
  db: Sql,
  product: ProductScope,
  data: Partial<Pick<Product, 'name' | 'zone' | 'weekStart' | 'fiscalYearStart' | 'retentionDays'>>,
): Promise<Product | null> {
  try {
    return toProduct(await db.product.update({ where: { id: product.id }, data, select: PRODUCT }))
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') return null
    throw error
  }
}

/** How a product is named: from outside by its public id, by rows that belong to it by the storage key. */
export type ProductRefKey = { publicId: string } | { id: number }

/** The question that decides about access: one statement, so that a member removed meanwhile is not let in. */
export async function findProductAccess(db: Sql, user: UserScope, ref: ProductRefKey) {
  const row = await db.product.findFirst({
    where: { ...ref, team: { memberships: { some: { userId: user.userId } } } },
    select: { ...GATE, team: { select: { memberships: { where: { userId: user.userId }, select: { role: true } } } } },
  })
  const role: Role | undefined = row?.team.memberships[0]?.role
  return row && role ? { product: row, role } : null
}

/** For jobs, which act for nobody: the row they were enqueued for is the proof. */
export const findProductForJob = (db: Sql, ref: ProductRefKey) => db.product.findFirst({ where: ref, select: GATE })

/** By the hash of the secret that the caller showed; the unique index does the comparing. */
export const findKeyByHash = (db: Sql, tokenHash: Uint8Array<ArrayBuffer>) =>
  db.apiKey.findUnique({
    where: { tokenHash },
    select: { id: true, scopes: true, revokedAt: true, lastUsedAt: true, product: { select: GATE } },
  })

/** Guarded, so that of several processes one writes. */
export async function touchKey(
  db: Sql,
  product: ProductScope,
  keyId: string,
  now: Date,
  notSince: Date,
): Promise<void> {
  await db.apiKey.updateMany({
    where: { id: keyId, productId: product.id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lte: notSince } }] },
    data: { lastUsedAt: now },
  })
}

export async function listKeys(db: Sql, product: ProductScope): Promise<ApiKey[]> {
  const rows = await db.apiKey.findMany({
    where: { productId: product.id },
    select: KEY,
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
  })
  return rows.map(toApiKey)
}

export const countLiveKeys = (db: Sql, product: ProductScope) =>
  db.apiKey.count({ where: { productId: product.id, revokedAt: null } })

export const findLiveKeyByName = (db: Sql, product: ProductScope, name: string) =>
  db.apiKey.findFirst({ where: { productId: product.id, name, revokedAt: null }, select: { id: true } })

export interface NewKey {
  id: string
  name: string
  hint: string
  tokenHash: Uint8Array<ArrayBuffer>
  scopes: (typeof API_KEY_SCOPES)[number][]
  createdAt: Date
}

export async function insertKey(db: Sql, product: ProductScope, key: NewKey): Promise<ApiKey> {
  const data = { ...key, productId: product.id, createdBy: product.userId }
  return toApiKey(await db.apiKey.create({ data, select: KEY }))
}

/** Null for an unknown key. Revoking twice keeps the first date. */
export async function revokeKey(db: Sql, product: ProductScope, keyId: string, now: Date): Promise<ApiKey | null> {
  const own = { id: keyId, productId: product.id }
  await db.apiKey.updateMany({ where: { ...own, revokedAt: null }, data: { revokedAt: now } })
  const row = await db.apiKey.findFirst({ where: own, select: KEY })
  return row && toApiKey(row)
}
