import type { Queryable } from '../client'

/**
 * The dictionary's epoch counts the transactions that change what a name means: a metric renamed, merged or deleted. A
 * writer that remembers the ids of series compares it with every flush, in the same message, and looks its names up
 * again when it has changed; so it needs no lock, and no message that could get lost.
 *
 * A change that commits between that comparison and the flush's COMMIT loses nothing: a merge and a rename move no point,
 * so what is written to the old ids is read under the new name; and what is written to a metric that was deleted in the
 * meantime goes with it, as if it had come before (the deletion sweeps once more after an hour).
 */
export async function getDictionaryEpoch(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ epoch: string }>('SELECT epoch FROM dictionary_epoch')
  return Number(rows[0]?.epoch)
}

/** Inside the transaction that changes something. Its row is locked until then, and these transactions are short. */
export async function advanceDictionaryEpoch(db: Queryable): Promise<void> {
  await db.query('UPDATE dictionary_epoch SET epoch = epoch + 1')
}
