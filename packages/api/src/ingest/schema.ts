import { z } from 'zod'
import { ProductId } from '../product/schema'

/** Every limit of ingest, with its reason. docs/api.md lists them. */
export const INGEST_LIMITS = {
  /** A 10,000-point JSON body parses in about 8 ms; more would stall every other request of the process. */
  bodyBytesMax: 5 * 1024 * 1024,
  pointsPerRequestMax: 10_000,
  metricCharsMax: 200,
  tagsPerPointMax: 16,
  tagKeyCharsMax: 64,
  tagValueCharsMax: 256,
  idCharsMax: 255,
  /** Of line protocol; Telegraf's widest plugins send some 300. */
  fieldsPerLineMax: 1_000,
  /** Of NDJSON: more than any point needs, so that a body without line feeds is not kept in memory. */
  lineCharsMax: 64 * 1024,
  /** Of NDJSON and CSV, once unpacked. They are written while they arrive, so that this is a bound of time and not of memory. */
  streamBytesMax: 1024 * 1024 * 1024,
  /** Of NDJSON and CSV: a body with more points that cannot be stored is not what it says it is, and is given up. */
  streamRejectedMax: 100_000,
  /** Refusals that an answer lists; all are counted. */
  rejectedShownMax: 1_000,
  /** What is written at a time of a body that holds more: parsed in some milliseconds, and others come in between. */
  pointsPerSliceMax: 5_000,
  /** Of line protocol, once unpacked, as InfluxDB allows by default. It is parsed in slices. */
  lineProtocolBytesMax: 25 * 1024 * 1024,
  /** A clock that is wrong by more than a day is a bug on the sender's side, and would create partitions ahead of time. */
  futureMsMax: 24 * 60 * 60 * 1000,
  /** 1970-01-01: anything before is a unit mistake (seconds read as milliseconds). */
  timestampMsMin: 0,
  /** Each distinct combination of metric and tags costs a dictionary row and an index entry for ever. */
  seriesPerProductMax: 100_000,
} as const

export const REJECT_CODES = [
  'not_an_object',
  'invalid_line',
  'missing_field',
  'unknown_field',
  'invalid_type',
  'not_finite',
  'invalid_text',
  'invalid_histogram',
  'too_long',
  'too_many_tags',
  'invalid_timestamp',
  'timestamp_out_of_window',
  'cardinality_limit',
  'beyond_retention',
  'storage_error',
] as const
export type RejectCode = (typeof REJECT_CODES)[number]

export const RejectedPoint = z.object({
  /** Place of the point in the request, from 0. */
  index: z.number(),
  /** RFC 6901 pointer into the body: `/points/3/value`. */
  pointer: z.string(),
  code: z.enum(REJECT_CODES),
  detail: z.string(),
})
export type RejectedPoint = z.infer<typeof RejectedPoint>

export const IngestResult = z.object({
  accepted: z.number(),
  duplicates: z.number(),
  rejected: z.array(RejectedPoint),
  /** Only where `rejected` lists no more than the first of them: how many there are. */
  rejectedCount: z.number().optional(),
})
export type IngestResult = z.infer<typeof IngestResult>

/** Documentation of the wire format; the hot path validates by hand (ingest/formats/json.ts) to the same rules, which a test compares. */
export const IngestPoint = z.strictObject({
  metric: z.string().min(1).max(INGEST_LIMITS.metricCharsMax),
  value: z.number(),
  timestamp: z.union([z.string(), z.number()]).optional(),
  tags: z
    .record(z.string().min(1).max(INGEST_LIMITS.tagKeyCharsMax), z.string().max(INGEST_LIMITS.tagValueCharsMax))
    .optional(),
  id: z.string().min(1).max(INGEST_LIMITS.idCharsMax).optional(),
})
export type IngestPoint = z.infer<typeof IngestPoint>

export const IngestBody = z.union([IngestPoint, z.array(IngestPoint), z.strictObject({ points: z.array(IngestPoint) })])

/** What the "waiting for your first point" page listens to: each request that a product's keys made, good or bad. */
export const IngestAttempt = z.object({
  at: z.number(),
  status: z.number(),
  accepted: z.number(),
  detail: z.string().nullable(),
})
export type IngestAttempt = z.infer<typeof IngestAttempt>

export const WatchAttempts = z.strictObject({ productId: ProductId, lastEventId: z.string().nullish() })

/** What `?dry_run=true` answers: the points as they would have been stored. */
export const DryRunResult = z.object({
  points: z.array(
    z.object({
      index: z.number(),
      metric: z.string(),
      tags: z.record(z.string(), z.string()),
      /** ISO 8601 in UTC, with microseconds where there are any. */
      timestamp: z.string(),
      value: z.number(),
      id: z.string().optional(),
    }),
  ),
  rejected: z.array(RejectedPoint),
})
export type DryRunResult = z.infer<typeof DryRunResult>

/** What became of a request. */
export const ReceiptResult = z.object({
  receipt: z.string(),
  /** The status that the request was answered with. */
  status: z.number(),
  at: z.string(),
  /** The body that it was answered with. */
  result: z.looseObject({ accepted: z.number(), duplicates: z.number(), rejected: z.array(RejectedPoint) }),
})
export type ReceiptResult = z.infer<typeof ReceiptResult>
