import type { Queryable } from '../client'

/**
 * The marker of a batch: the number of the transaction that writes it. First in the transaction, so that the client knows
 * it before it sends anything that could be committed. Beside it, the epoch of the dictionary (see dictionary-epoch.ts).
 */
export const SELECT_MARKER = 'SELECT pg_current_xact_id()::text, (SELECT epoch FROM dictionary_epoch)::text'

export type TransactionStatus = 'in progress' | 'committed' | 'aborted'

/**
 * What became of a transaction. Null when the server cannot tell: it is too long ago, or the server crashed before the
 * number was ever written, and then the number may be given to another one; so "committed" is to be taken with a second
 * proof.
 */
export async function findTransactionStatus(db: Queryable, marker: string): Promise<TransactionStatus | null> {
  try {
    const { rows } = await db.query<{ status: TransactionStatus | null }>('SELECT pg_xact_status($1::xid8) AS status', [
      marker,
    ])
    return rows[0]?.status ?? null
  } catch (error) {
    // "transaction ID is in the future": never written, so never committed.
    if (error instanceof Error && 'code' in error && error.code === '22023') return null
    throw error
  }
}

/** Whether a point of this key is there. */
export async function hasPoint(
  db: Queryable,
  { productId, seriesId, ts, id }: { productId: number; seriesId: number; ts: number; id: bigint },
): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM point WHERE product_id = $1 AND series_id = $2
       AND ts = 'epoch'::timestamptz + $3::int8 * interval '1 microsecond' AND id = $4::int8`,
    [productId, seriesId, Math.round(ts * 1000), String(id)],
  )
  return rows.length > 0
}
