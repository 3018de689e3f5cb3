import type { Queryable } from '../client'

/**
 * A sender that was silent for so long while its successor reported does not come back. Compared with the successor's
 * time and not with the clock: what was counted a year ago may be sent today, in the order in which it was counted.
 */
const SILENT_MS = 86_400_000

/**
 * Forgets the states of streams that another start of the same series has followed: every restart of a sender leaves one
 * behind. The last of each series stays, however old, because its next value would otherwise count whole. Those that
 * moved on after `beforeMs` (epoch ms) stay too. Returns how many went.
 */
export async function deleteEndedStreams(db: Queryable, beforeMs: number): Promise<number> {
  const { rowCount } = await db.query({ name: 'delete_ended_streams', text: DELETE, values: [beforeMs, SILENT_MS] })
  return rowCount ?? 0
}

const DELETE = `
DELETE FROM cumulative_state AS ended
USING (SELECT id AS product_id FROM product) AS owner
WHERE ended.product_id = owner.product_id AND ended.ts_ms < $1 AND ended.ts_ms > '-Infinity' AND EXISTS (
  SELECT FROM cumulative_state AS newer
  WHERE newer.product_id = ended.product_id AND newer.series_id = ended.series_id
    AND newer.start_ms > ended.start_ms AND newer.ts_ms > ended.ts_ms + $2)`
