import { z } from 'zod'
import { ProductId, Zone } from '../product/schema'
import { INGEST_LIMITS } from './schema'

export const IMPORT_LIMITS = {
  fileBytesMax: 10 * 1024 * 1024 * 1024,
  /** What a page sends at once. Larger parts save nothing, and less is done again after an interruption with small ones. */
  partBytes: 2 * 1024 * 1024,
  partBytesMax: 4 * 1024 * 1024,
  /** A quote that is never closed would otherwise swallow the rest of the file. */
  recordBytesMax: 64 * 1024,
  columnsMax: 200,
  sampleBytesMax: 64 * 1024,
  /** Bytes that are hashed at once: see ImportFile.fileHash. */
  hashSliceBytes: 4 * 1024 * 1024,
  previewRows: 20,
  /** Faults that are kept with their line. */
  errorsMax: 1_000,
  fileNameCharsMax: 255,
  valueColumnsMax: 50,
  runsListed: 50,
} as const

export const IMPORT_DELIMITERS = [',', ';', '\t', '|'] as const
export const IMPORT_ENCODINGS = ['utf-8', 'windows-1252'] as const

/** Places of columns count from 0. */
const Column = z
  .int()
  .min(0)
  .max(IMPORT_LIMITS.columnsMax - 1)
const MetricName = z.string().min(1).max(INGEST_LIMITS.metricCharsMax)

/**
 * How the text of a timestamp is read.
 * - `iso`: ISO 8601 with an offset, such as 2026-11-20T09:30:00Z.
 * - `epoch`: a number of seconds, milliseconds, microseconds or nanoseconds since 1970, by its size.
 * - `ymd`, `dmy`, `mdy`: a date in this order, with `-`, `/` or `.` between, perhaps followed by a time
 *   (`9:30`, `09:30:00.250`, `9:30 pm`), on the clocks of `zone`. An hour that comes twice is read as the first, one that
 *   is skipped as the hour after.
 */
export const IMPORT_TIME_FORMATS = ['iso', 'epoch', 'ymd', 'dmy', 'mdy'] as const

/** What the columns of a file are. */
export const ImportMapping = z
  .strictObject({
    encoding: z.enum(IMPORT_ENCODINGS),
    delimiter: z.enum(IMPORT_DELIMITERS),
    /** Of every record: one that has more or fewer is broken, or is cut by another sign than it seems. */
    columnCount: z.int().min(1).max(IMPORT_LIMITS.columnsMax),
    /** The first record names the columns. */
    hasHeader: z.boolean(),
    /** `,`: 1.234,56. Groups of three may be set off by the other sign, a space or an apostrophe. */
    decimal: z.enum(['.', ',']),
    timestamp: z.strictObject({
      column: Column,
      format: z.enum(IMPORT_TIME_FORMATS),
      /** For `ymd`, `dmy` and `mdy`; the others carry their own. */
      zone: Zone,
    }),
    /**
     * One or more columns of numbers. `metric` names what a column holds; null for the one column of a file that has the
     * names in `metricColumn`. Of several columns an empty cell is a gap and no fault.
     */
    values: z
      .array(z.strictObject({ column: Column, metric: MetricName.nullable() }))
      .min(1)
      .max(IMPORT_LIMITS.valueColumnsMax),
    metricColumn: Column.nullable(),
    /** An empty cell is no tag. */
    tags: z
      .array(z.strictObject({ column: Column, key: z.string().min(1).max(INGEST_LIMITS.tagKeyCharsMax) }))
      .max(INGEST_LIMITS.tagsPerPointMax),
    /** Ids of the points. Without it the place in the file is the id: the same file twice adds nothing. */
    idColumn: Column.nullable(),
  })
  .refine(({ values, metricColumn }) => (metricColumn === null) === values.every(({ metric }) => metric !== null), {
    message: 'Either each column of values has a metric, or a column holds the names.',
    path: ['values'],
  })
  .refine(({ values, metricColumn }) => metricColumn === null || values.length === 1, {
    message: 'A file with a column of metric names has one column of values.',
    path: ['values'],
  })
  .refine(({ tags }) => new Set(tags.map(({ key }) => key)).size === tags.length, {
    message: 'Each tag has one column.',
    path: ['tags'],
  })
  .refine(
    ({ columnCount, timestamp, values, metricColumn, tags, idColumn }) =>
      [timestamp.column, ...values.map((one) => one.column), ...tags.map((one) => one.column), metricColumn, idColumn]
        .map((column) => column ?? 0)
        .every((column) => column < columnCount),
    { message: 'A column that is used does not exist.', path: ['columnCount'] },
  )
export type ImportMapping = z.infer<typeof ImportMapping>

export const PreviewImport = z.strictObject({
  productId: ProductId,
  /** The first bytes of the file as base64: at most `sampleBytesMax` of them. */
  sample: z
    .string()
    .min(4)
    .max(Math.ceil(IMPORT_LIMITS.sampleBytesMax / 3) * 4)
    .regex(/^[A-Za-z0-9+/]+={0,2}$/),
  /** The sample is the whole file, so that its last record needs no end of line. */
  isWhole: z.boolean().default(false),
  /** Left out at first: then it is guessed. */
  mapping: ImportMapping.optional(),
})
export type PreviewImport = z.infer<typeof PreviewImport>

export const ImportColumn = z.object({
  column: z.number(),
  /** From the header, else `Column 3`. */
  name: z.string(),
  /** What its cells look like. */
  type: z.enum(['empty', 'time', 'number', 'text']),
  /** The first few distinct texts. */
  samples: z.array(z.string()),
})
export type ImportColumn = z.infer<typeof ImportColumn>

/** A cell of the preview. `error` says why the point of this cell, or the row, would be refused. */
export const ImportCell = z.object({ text: z.string(), error: z.string().nullable() })

export const ImportPreview = z.object({
  hasBom: z.boolean(),
  columns: z.array(ImportColumn),
  /** As given, or as guessed. Null when a column of numbers or of times is not to be found: the person has to say. */
  mapping: ImportMapping.nullable(),
  /** Without the header; at most `previewRows`. */
  rows: z.array(
    z.object({
      /** The first line of the file is 1. */
      line: z.number(),
      cells: z.array(ImportCell),
      /** Of the row as a whole. */
      error: z.string().nullable(),
    }),
  ),
  /** The points that the rows above make, in words that need no mapping to read. */
  points: z
    .array(
      z.object({
        line: z.number(),
        metric: z.string(),
        value: z.number(),
        timestamp: z.string(),
        tags: z.record(z.string(), z.string()),
      }),
    )
    .max(IMPORT_LIMITS.previewRows),
})
export type ImportPreview = z.infer<typeof ImportPreview>

export const CreateImport = z.strictObject({
  productId: ProductId,
  fileName: z.string().min(1).max(IMPORT_LIMITS.fileNameCharsMax),
  fileBytes: z.int().min(1).max(IMPORT_LIMITS.fileBytesMax),
  /** What `hashImportFile` (import-hash.ts) answers. */
  fileHash: z.string().regex(/^[0-9a-f]{64}$/),
  mapping: ImportMapping,
  /** Reads and checks everything, stores nothing. */
  isDryRun: z.boolean().default(false),
})
export type CreateImport = z.infer<typeof CreateImport>

export const ImportError = z.object({
  /** The first line of the file is 1. */
  line: z.number(),
  /** From 1, as people count; null when the record as a whole is wrong. */
  column: z.number().nullable(),
  code: z.string(),
  detail: z.string(),
})
export type ImportError = z.infer<typeof ImportError>

export const IMPORT_STATUSES = ['running', 'done', 'canceled'] as const

/**
 * How far a file is. The page sends `POST /api/imports/{id}/parts?offset={bytesDone}` with the file's bytes from there on
 * (`partBytes` of them, cut anywhere), and gets this back, until the status is `done`.
 */
export const ImportRun = z.object({
  id: z.string(),
  productId: z.string(),
  fileName: z.string(),
  fileBytes: z.number(),
  fileHash: z.string(),
  mapping: ImportMapping,
  isDryRun: z.boolean(),
  status: z.enum(IMPORT_STATUSES),
  /** Where the next part begins. */
  bytesDone: z.number(),
  /** Records read, the header not counted. */
  rows: z.number(),
  /** Points that are new; of a dry run: that would be read. */
  accepted: z.number(),
  /** Points that were there already: the same file before, or the part of this one that was sent again. */
  duplicates: z.number(),
  /** Points and records that were refused. */
  rejected: z.number(),
  createdAt: z.date(),
  finishedAt: z.date().nullable(),
})
export type ImportRun = z.infer<typeof ImportRun>

/** `errors` are the first `errorsMax`, by line. */
export const ImportRunWithErrors = ImportRun.extend({ errors: z.array(ImportError) })
export type ImportRunWithErrors = z.infer<typeof ImportRunWithErrors>

const ImportId = z.string().max(64)
export const ImportRef = z.strictObject({ productId: ProductId, importId: ImportId })
export const ListImports = z.strictObject({ productId: ProductId })
