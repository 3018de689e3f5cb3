import type { Db, Prisma, Queryable, Tx } from '@trackable/db'
import type { ProductScope } from '../kernel/scope'
import type { RejectCode } from './schema'
import { INBOX_LIMITS } from './schema-inbox'

type Sql = Db | Tx

export interface NewRejectedRow {
  productId: number
  apiKeyId: string | null
  format: string
  code: string
  pointer: string
  detail: string
  raw: string
  createdAt: Date
}

/**
 * Rows of many products at once; each belongs to the scope whose request was refused. Products and keys that are gone by
 * now are passed over: a row for each of them would fail all others.
 */
export async function insertRejected(db: Queryable, rows: readonly NewRejectedRow[]): Promise<void> {
  await db.query(
    `INSERT INTO rejected_row (product_id, api_key_id, format, code, pointer, detail, raw, created_at)
     SELECT p.id, k.id, r.format, r.code, r.pointer, r.detail, r.raw, r.created_at
     FROM unnest($1::int4[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
       WITH ORDINALITY AS r (product_id, api_key_id, format, code, pointer, detail, raw, created_at, n)
     JOIN product p ON p.id = r.product_id
     LEFT JOIN api_key k ON k.id = r.api_key_id AND k.product_id = p.id
     ORDER BY r.n`,
    [
      rows.map((row) => row.productId),
      rows.map((row) => row.apiKeyId),
      rows.map((row) => row.format),
      rows.map((row) => row.code),
      rows.map((row) => row.pointer),
      rows.map((row) => row.detail),
      rows.map((row) => row.raw),
      rows.map((row) => row.createdAt),
    ],
  )
}

/** Newest win: a key (or what came without one) keeps so many rows. */
export async function trimRejected(db: Queryable, productId: number, apiKeyId: string | null): Promise<void> {
  // `IS NOT DISTINCT FROM` would read the table; both of these use the index over (api_key_id, id).
  const isOfKey = apiKeyId === null ? 'api_key_id IS NULL AND $2::text IS NULL' : 'api_key_id = $2'
  await db.query(
    `DELETE FROM rejected_row WHERE product_id = $1 AND ${isOfKey} AND id <= (
       SELECT id FROM rejected_row WHERE product_id = $1 AND ${isOfKey} ORDER BY id DESC OFFSET $3 LIMIT 1)`,
    [productId, apiKeyId, INBOX_LIMITS.rowsPerKeyMax],
  )
}

export interface RowFilter {
  ids?: readonly string[]
  keyId?: string | null | undefined
  code?: RejectCode | null | undefined
}

const toWhere = (product: ProductScope, { ids, keyId, code }: RowFilter): Prisma.RejectedRowWhereInput => ({
  productId: product.id,
  ...(ids ? { id: { in: ids.map(BigInt) } } : {}),
  ...(keyId ? { apiKeyId: keyId } : {}),
  ...(code ? { code } : {}),
})

const ROW = {
  id: true,
  apiKeyId: true,
  format: true,
  code: true,
  pointer: true,
  detail: true,
  raw: true,
  createdAt: true,
  apiKey: { select: { name: true } },
} as const
export type StoredRow = Prisma.RejectedRowGetPayload<{ select: typeof ROW }>

/** Newest first, below `before`. */
export const listRows = (db: Sql, product: ProductScope, filter: RowFilter, before: string | null, take: number) =>
  db.rejectedRow.findMany({
    where: { AND: [toWhere(product, filter), before === null ? {} : { id: { lt: BigInt(before) } }] },
    orderBy: { id: 'desc' },
    take,
    select: ROW,
  })

export async function countRowsByCode(db: Sql, product: ProductScope, filter: RowFilter) {
  const groups = await db.rejectedRow.groupBy({ by: ['code'], where: toWhere(product, filter), _count: true })
  return groups.map(({ code, _count }) => ({ code, count: _count })).sort((a, b) => b.count - a.count)
}

export const countRows = (db: Sql, product: ProductScope) => db.rejectedRow.count({ where: { productId: product.id } })

export const findRow = (db: Sql, product: ProductScope, id: string): Promise<StoredRow | null> =>
  db.rejectedRow.findFirst({ where: toWhere(product, { ids: [id] }), select: ROW })

export async function deleteRows(db: Sql, product: ProductScope, filter: RowFilter): Promise<number> {
  const { count } = await db.rejectedRow.deleteMany({ where: toWhere(product, filter) })
  return count
}

export const deleteRowsBefore = (db: Sql, before: Date) =>
  db.rejectedRow.deleteMany({ where: { createdAt: { lt: before } } })
