import { z } from 'zod'
import { ProductId } from '../product/schema'
import { IngestPoint, REJECT_CODES } from './schema'

export const INBOX_LIMITS = {
  /** Newest win. A sender with a fault repeats it: more of the same teach nothing and cost disk. */
  rowsPerKeyMax: 1_000,
  /** Text kept of a point. A point within the limits of ingest has at most about 6 KB, most have 200 bytes. */
  rawBytesMax: 4_096,
  /** Long enough for somebody to come back from a week-end, short enough to promise that refused data goes away. */
  keptDays: 7,
  pageSize: 50,
  /** Rows that one call sends or throws away. */
  idsPerCallMax: 200,
} as const

/** A point that was refused. */
export const RejectedRow = z.object({
  id: z.string(),
  /** Null when no key brought it, or the key is gone. */
  keyId: z.string().nullable(),
  keyName: z.string().nullable(),
  /** How it arrived: `json`, `csv`, `influx-v2`, … */
  format: z.string(),
  code: z.enum(REJECT_CODES),
  /** Into the request that brought it: `/points/3/value`. */
  pointer: z.string(),
  detail: z.string(),
  /** The point as JSON of `POST /api/v1/ingest` where it could be read, else the text that was sent; cut at 4 KB. */
  raw: z.string(),
  /** `raw` as far as it fits a point: what a form for mending it starts with. Null when nothing of it can be read. */
  point: z
    .object({
      metric: z.string().nullable(),
      value: z.number().nullable(),
      timestamp: z.union([z.string(), z.number()]).nullable(),
      tags: z.record(z.string(), z.string()),
      id: z.string().nullable(),
    })
    .nullable(),
  createdAt: z.date(),
})
export type RejectedRow = z.infer<typeof RejectedRow>

const RowId = z.string().regex(/^\d{1,18}$/)
const RejectCodeFilter = z.enum(REJECT_CODES)

export const ListRejected = z.strictObject({
  productId: ProductId,
  keyId: z.string().max(64).optional(),
  code: RejectCodeFilter.optional(),
  /** `nextCursor` of the page before. */
  cursor: RowId.nullish(),
})
export type ListRejected = z.infer<typeof ListRejected>

/** Newest first. `counts` are of all rows that the key filter lets through, so that the codes can be offered with numbers. */
export const RejectedPage = z.object({
  rows: z.array(RejectedRow),
  nextCursor: z.string().nullable(),
  counts: z.array(z.object({ code: z.enum(REJECT_CODES), count: z.number() })),
  /** Refused points that were not kept since this process started, because there were too many at once. */
  dropped: z.number(),
})
export type RejectedPage = z.infer<typeof RejectedPage>

export const CountRejected = z.strictObject({ productId: ProductId })
export const RejectedCount = z.object({ count: z.number() })

export const FixRejected = z.strictObject({ productId: ProductId, id: RowId, point: IngestPoint })
export type FixRejected = z.infer<typeof FixRejected>

/** What became of one row that was sent again. A row that is stored (now or before) is gone from the inbox. */
export const ResentRow = z.object({
  id: z.string(),
  isStored: z.boolean(),
  /** Why not; null when it is stored. */
  code: z.enum(REJECT_CODES).nullable(),
  detail: z.string().nullable(),
})
export type ResentRow = z.infer<typeof ResentRow>

/** Which rows: those named, or all of a code (of a key). */
const RowChoice = z.union([
  z.strictObject({ ids: z.array(RowId).min(1).max(INBOX_LIMITS.idsPerCallMax) }),
  z.strictObject({ code: RejectCodeFilter.nullable(), keyId: z.string().max(64).nullable() }),
])
export type RowChoice = z.infer<typeof RowChoice>

export const ReplayRejected = z.strictObject({ productId: ProductId, rows: RowChoice })
export type ReplayRejected = z.infer<typeof ReplayRejected>

/** `failed` holds the first of them, with their reasons. */
export const ReplayedRows = z.object({
  stored: z.number(),
  failedCount: z.number(),
  failed: z.array(ResentRow).max(INBOX_LIMITS.idsPerCallMax),
})
export type ReplayedRows = z.infer<typeof ReplayedRows>

export const DismissRejected = z.strictObject({ productId: ProductId, rows: RowChoice })
export type DismissRejected = z.infer<typeof DismissRejected>

export const DismissedRows = z.object({ dismissed: z.number() })
