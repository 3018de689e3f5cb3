import { deleteEndedStreams, deleteReceipts } from '@trackable/db/points'
import type { Context } from '../kernel/context'
import { defineTick } from '../kernel/job'
import { deleteRunsBefore } from './repository-import'
import { deleteRowsBefore } from './repository-inbox'
import { INBOX_LIMITS } from './schema-inbox'

const DAY_MS = 86_400_000

/** A day: long after any sender has given up repeating a request. */
const RECEIPTS_KEPT_MS = DAY_MS
/** In small steps, so that none holds up requests that write receipts of their own. */
const RECEIPTS_PER_STEP = 10_000

export async function deleteOldReceipts(ctx: Context): Promise<void> {
  const before = new Date(ctx.clock.now().getTime() - RECEIPTS_KEPT_MS)
  while ((await deleteReceipts(ctx.db.pools.meta, before, RECEIPTS_PER_STEP)) === RECEIPTS_PER_STEP);
}

/** Hourly, at a minute that nothing else uses. Deleting twice at the same time is harmless. */
export const deleteReceiptsTick = defineTick({
  name: 'ingest.delete_receipts',
  cron: '0 41 * * * *',
  run: deleteOldReceipts,
})

/** Long enough to see what became of a file, and to go on with one that was interrupted. */
const IMPORTS_KEPT_DAYS = 90

export async function deleteExpired(ctx: Context): Promise<void> {
  const now = ctx.clock.now().getTime()
  await deleteRowsBefore(ctx.db.prisma, new Date(now - INBOX_LIMITS.keptDays * DAY_MS))
  await deleteRunsBefore(ctx.db.prisma, new Date(now - IMPORTS_KEPT_DAYS * DAY_MS))
}

/** Hourly, like the one above. */
export const deleteExpiredIngestTick = defineTick({
  name: 'ingest.delete_expired',
  cron: '0 23 * * * *',
  run: deleteExpired,
})

/** Longer than a collector holds back what it could not send. */
const STREAMS_KEPT_MS = 30 * DAY_MS

export async function deleteOldStreams(ctx: Context): Promise<void> {
  await deleteEndedStreams(ctx.db.pools.meta, ctx.clock.now().getTime() - STREAMS_KEPT_MS)
}

/** Daily: each restart of a sender leaves a row for each of its series. */
export const deleteStreamsTick = defineTick({
  name: 'ingest.delete_streams',
  cron: '0 11 3 * * *',
  run: deleteOldStreams,
})
