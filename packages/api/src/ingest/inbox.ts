/** The inbox of refused points: look at them, mend them, send them again as they are, throw them away. */
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { ColumnBuilder, type Fault, type PointIdentity } from './columns'
import { readPoint } from './point'
import { countDropped } from './rejected'
import { countRows, countRowsByCode, deleteRows, findRow, listRows, type StoredRow } from './repository-inbox'
import type { IngestPoint, RejectCode, RejectedPoint } from './schema'
import {
  type FixRejected,
  INBOX_LIMITS,
  type ListRejected,
  type RejectedPage,
  type RejectedRow,
  type ReplayedRows,
  type ResentRow,
  type RowChoice,
} from './schema-inbox'
import { sharedWriterOf } from './shared-writer'

export const countRejected = async (ctx: Context, product: ProductScope): Promise<{ count: number }> => ({
  count: await countRows(ctx.db.prisma, product),
})

export async function listRejected(ctx: Context, product: ProductScope, input: ListRejected): Promise<RejectedPage> {
  const { keyId, code, cursor = null } = input
  const found = await listRows(ctx.db.prisma, product, { keyId, code }, cursor, INBOX_LIMITS.pageSize + 1)
  const rows = found.slice(0, INBOX_LIMITS.pageSize).map(toRejectedRow)
  const counts = await countRowsByCode(ctx.db.prisma, product, { keyId })
  return {
    rows,
    nextCursor: found.length > rows.length ? (rows.at(-1)?.id ?? null) : null,
    // Written from RejectedPoint, whose codes are these.
    counts: counts.map((one) => ({ ...one, code: one.code as RejectCode })),
    dropped: countDropped(ctx, product),
  }
}

function toRejectedRow({ apiKey, apiKeyId, id, code, ...row }: StoredRow): RejectedRow {
  return {
    ...row,
    id: id.toString(),
    code: code as RejectCode,
    keyId: apiKeyId,
    keyName: apiKey?.name ?? null,
    point: readDraft(row.raw),
  }
}

/** What of a point can be read from it, for a form to start with. */
function readDraft(raw: string): RejectedRow['point'] {
  const point = parseObject(raw)
  if (!point) return null
  const { metric, value, timestamp, tags, id } = point
  const texts = typeof tags === 'object' && tags !== null && !Array.isArray(tags) ? Object.entries(tags) : []
  return {
    metric: typeof metric === 'string' ? metric : null,
    value: typeof value === 'number' && Number.isFinite(value) ? value : null,
    timestamp: typeof timestamp === 'string' || typeof timestamp === 'number' ? timestamp : null,
    tags: Object.fromEntries(texts.map(([key, text]) => [key, typeof text === 'string' ? text : String(text)])),
    id: typeof id === 'string' ? id : null,
  }
}

function parseObject(raw: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(raw)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null
  } catch {
    return null // a text that is no JSON has no draft
  }
}

/** Throws not_found when somebody else was faster. A row stays when its point is refused again. */
export async function fixRejected(ctx: Context, product: ProductScope, input: FixRejected): Promise<ResentRow> {
  const row = await findRow(ctx.db.prisma, product, input.id)
  if (!row) throw new DomainError('not_found', 'There is no such refused point; somebody may have sent it by now.')
  const [resent] = await resend(ctx, product, [{ row, point: input.point }])
  return resent as ResentRow
}

/** Rows that are sent in one go. */
const BATCH_ROWS = 500

export async function replayRejected(ctx: Context, product: ProductScope, choice: RowChoice): Promise<ReplayedRows> {
  const replayed: ReplayedRows = { stored: 0, failedCount: 0, failed: [] }
  let before: string | null = null
  for (;;) {
    const rows: StoredRow[] = await listRows(ctx.db.prisma, product, choice, before, BATCH_ROWS)
    if (rows.length === 0) return replayed
    before = (rows.at(-1) as StoredRow).id.toString()
    const resent = await resend(
      ctx,
      product,
      rows.map((row) => ({ row, point: parseObject(row.raw) })),
    )
    const failed = resent.filter(({ isStored }) => !isStored)
    replayed.stored += resent.length - failed.length
    replayed.failedCount += failed.length
    replayed.failed.push(...failed.slice(0, INBOX_LIMITS.idsPerCallMax - replayed.failed.length))
  }
}

export const dismissRejected = async (ctx: Context, product: ProductScope, choice: RowChoice) => ({
  dismissed: await deleteRows(ctx.db.prisma, product, choice),
})

interface Resending {
  row: StoredRow
  /** Null when the row's text is none. */
  point: IngestPoint | Record<string, unknown> | null
}

/** Formats whose points are kept apart by their ids; those of all others by series and time, and the later one counts. */
const ADDITIVE_FORMATS = new Set(['json', 'ndjson', 'csv', 'statsd'])

/**
 * Writes points and deletes the rows of those that are stored. The row is the id of a point that has none, and its time
 * the point's: sent twice, because the answer was lost before the row was deleted, it is stored once.
 */
async function resend(ctx: Context, product: ProductScope, all: readonly Resending[]): Promise<ResentRow[]> {
  const refusals = new Map<string, Pick<RejectedPoint, 'code' | 'detail'>>()
  for (const identity of ['additive', 'overwrite'] as const) {
    const some = all.filter(({ row }) => ADDITIVE_FORMATS.has(row.format) === (identity === 'additive'))
    await send(ctx, product, some, identity, refusals)
  }
  const stored = all.map(({ row }) => row.id.toString()).filter((id) => !refusals.has(id))
  if (stored.length > 0) await deleteRows(ctx.db.prisma, product, { ids: stored })
  return all.map(({ row }) => {
    const id = row.id.toString()
    const refusal = refusals.get(id)
    return { id, isStored: !refusal, code: refusal?.code ?? null, detail: refusal?.detail ?? null }
  })
}

async function send(
  ctx: Context,
  product: ProductScope,
  some: readonly Resending[],
  identity: PointIdentity,
  refusals: Map<string, Pick<RejectedPoint, 'code' | 'detail'>>,
): Promise<void> {
  if (some.length === 0) return
  const columns = new ColumnBuilder(some.length, 0, String, identity)
  const now = ctx.clock.now().getTime()
  for (const [index, { row, point }] of some.entries()) {
    const fault = point ? addPoint(columns, index, point, row, { identity, now }) : unreadable(row)
    if (fault) columns.refuse(index, fault)
  }
  const { rejected } = await sharedWriterOf(ctx).write(product, columns.finish())
  for (const { index, code, detail } of rejected) {
    const { row } = some[index] as Resending
    refusals.set(row.id.toString(), { code, detail })
  }
}

function addPoint(
  columns: ColumnBuilder,
  index: number,
  point: object,
  row: StoredRow,
  { identity, now }: { identity: PointIdentity; now: number },
): Fault | null {
  const whole: Record<string, unknown> = { timestamp: row.createdAt.toISOString(), ...point }
  if (identity === 'additive') whole.id ??= `inbox:${row.id}`
  else delete whole.id
  return readPoint(columns, index, whole, { now, isPlain: false })
}

const unreadable = ({ code }: StoredRow): Fault => ({
  path: '',
  code: code as RejectCode,
  detail: 'What was sent is no point that could be sent again as it is. Mend it, or dismiss it.',
})
