import type { Queryable } from '../client'

export interface ReceiptKey {
  productId: number
  key: string
}

export interface ReceiptRow {
  key: string
  body_hash: Buffer
  /** Of the answer; its body is `response`. */
  status: number
  response: string
  created_at: Date
}

export interface NewReceipt extends ReceiptKey {
  bodyHash: Buffer
  status: number
  response: string
  createdAt: Date
}

/** What became of the request with this key, or null when none has ended. */
export async function findReceipt(db: Queryable, { productId, key }: ReceiptKey): Promise<ReceiptRow | null> {
  const { rows } = await db.query<ReceiptRow>({
    name: 'find_receipt',
    text: `SELECT key, body_hash, status, response, created_at FROM ingest_receipt
      WHERE product_id = $1 AND key = $2 AND status IS NOT NULL`,
    values: [productId, key],
  })
  return rows[0] ?? null
}

/**
 * Takes these keys until the transaction ends; answers the places of those that another transaction has. It waits for
 * nobody: whoever comes second is told so. Keys share 2^64 locks, and two that meet on one exclude each other for the
 * milliseconds of a flush.
 */
export async function lockReceipts(db: Queryable, keys: readonly ReceiptKey[]): Promise<number[]> {
  const { rows } = await db.query<{ place: number }>({
    name: 'lock_receipts',
    text: `SELECT (place - 1)::int4 AS place FROM unnest($1::text[]) WITH ORDINALITY AS row (key, place)
      WHERE NOT pg_try_advisory_xact_lock(hashtextextended(key, 7306110402))`,
    values: [keys.map(({ productId, key }) => `${productId}:${key}`)],
  })
  return rows.map(({ place }) => place)
}

/** Remembers answers; returns the places of keys that have one already, for which nothing is written. */
export async function insertReceipts(db: Queryable, receipts: readonly NewReceipt[]): Promise<number[]> {
  const { rows } = await db.query<{ product_id: number; key: string }>({
    name: 'insert_receipts',
    text: `INSERT INTO ingest_receipt (product_id, key, body_hash, status, response, created_at)
      SELECT * FROM unnest($1::int4[], $2::text[], $3::bytea[], $4::int4[], $5::text[], $6::timestamptz[]) ORDER BY 1, 2
      ON CONFLICT DO NOTHING
      RETURNING product_id, key`,
    values: [
      receipts.map(({ productId }) => productId),
      receipts.map(({ key }) => key),
      receipts.map(({ bodyHash }) => bodyHash),
      receipts.map(({ status }) => status),
      receipts.map(({ response }) => response),
      receipts.map(({ createdAt }) => createdAt.toISOString()),
    ],
  })
  const written = new Set(rows.map((row) => `${row.product_id}:${row.key}`))
  return receipts.flatMap(({ productId, key }, place) => (written.has(`${productId}:${key}`) ? [] : [place]))
}

/** Forgets what was remembered before the instant; a bounded number at a time. Returns how many. */
export async function deleteReceipts(db: Queryable, before: Date, countMax: number): Promise<number> {
  const { rowCount } = await db.query(
    `DELETE FROM ingest_receipt WHERE (product_id, key) IN (
       SELECT product_id, key FROM ingest_receipt WHERE created_at < $1 ORDER BY created_at LIMIT $2)`,
    [before.toISOString(), countMax],
  )
  return rowCount ?? 0
}
