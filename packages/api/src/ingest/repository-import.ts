import { type Db, Prisma, type Tx } from '@trackable/db'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { IMPORT_LIMITS, type ImportError, type ImportMapping, type ImportRun } from './schema-import'

type Sql = Db | Tx

/** A run as the table has it; the schema's `isDryRun` lies beside the mapping. */
interface StoredMapping extends ImportMapping {
  isDryRun: boolean
}

const RUN = {
  id: true,
  fileName: true,
  fileBytes: true,
  fileHash: true,
  mapping: true,
  bytesDone: true,
  nextRow: true,
  nextLine: true,
  accepted: true,
  duplicates: true,
  rejected: true,
  createdAt: true,
  finishedAt: true,
} as const
type RunRow = Prisma.ImportRunGetPayload<{ select: typeof RUN }>

/** What the server needs beside what it shows. */
export interface StoredRun extends ImportRun {
  nextLine: number
}

export const noImport = () => new DomainError('not_found', 'There is no such import.')

function toRun(product: ProductScope, row: RunRow): StoredRun {
  // Written by insertRun from a parsed mapping, and by nobody else.
  const { isDryRun, ...mapping } = row.mapping as unknown as StoredMapping
  const bytesDone = Number(row.bytesDone)
  const fileBytes = Number(row.fileBytes)
  return {
    id: row.id,
    productId: product.publicId,
    fileName: row.fileName,
    fileHash: row.fileHash,
    fileBytes,
    mapping,
    isDryRun,
    status: row.finishedAt === null ? 'running' : bytesDone === fileBytes ? 'done' : 'canceled',
    bytesDone,
    rows: Number(row.nextRow),
    nextLine: Number(row.nextLine),
    accepted: Number(row.accepted),
    duplicates: Number(row.duplicates),
    rejected: Number(row.rejected),
    createdAt: row.createdAt,
    finishedAt: row.finishedAt,
  }
}

export interface NewRun {
  id: string
  fileName: string
  fileBytes: number
  fileHash: string
  mapping: ImportMapping
  isDryRun: boolean
  createdAt: Date
}

export async function insertRun(db: Sql, product: ProductScope, run: NewRun): Promise<StoredRun> {
  const { mapping, isDryRun, ...rest } = run
  const data = { ...rest, mapping: { ...mapping, isDryRun }, productId: product.id, createdBy: product.userId }
  return toRun(product, await db.importRun.create({ data, select: RUN }))
}

/** The latest run of this file with this mapping that is not finished. jsonb compares without regard to the order of keys. */
export async function findUnfinishedRun(
  db: Sql,
  product: ProductScope,
  { fileHash, fileBytes, mapping, isDryRun }: Pick<NewRun, 'fileHash' | 'fileBytes' | 'mapping' | 'isDryRun'>,
): Promise<StoredRun | null> {
  const row = await db.importRun.findFirst({
    where: {
      productId: product.id,
      fileHash,
      fileBytes,
      finishedAt: null,
      mapping: { equals: { ...mapping, isDryRun } },
    },
    orderBy: { createdAt: 'desc' },
    select: RUN,
  })
  return row && toRun(product, row)
}

export async function getRun(db: Sql, product: ProductScope, id: string): Promise<StoredRun> {
  const row = await db.importRun.findFirst({ where: { id, productId: product.id }, select: RUN })
  if (!row) throw noImport()
  return toRun(product, row)
}

export async function listRunErrors(db: Sql, product: ProductScope, id: string): Promise<ImportError[]> {
  const row = await db.importRun.findFirst({ where: { id, productId: product.id }, select: { errors: true } })
  // Appended by advanceRun, and by nobody else.
  return (row?.errors ?? []) as unknown as ImportError[]
}

export async function listRuns(db: Sql, product: ProductScope): Promise<StoredRun[]> {
  const rows = await db.importRun.findMany({
    where: { productId: product.id },
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    take: IMPORT_LIMITS.runsListed,
    select: RUN,
  })
  return rows.map((row) => toRun(product, row))
}

/** The storage key of the product that a run belongs to; for the gate, which then asks who may reach that product. */
export const findRunProductId = async (db: Sql, id: string): Promise<number | null> =>
  (await db.importRun.findUnique({ where: { id }, select: { productId: true } }))?.productId ?? null

export interface Progress {
  /** Bytes and records since `from`. */
  bytes: number
  rows: number
  lines: number
  accepted: number
  duplicates: number
  rejected: number
  errors: readonly ImportError[]
}

/**
 * Moves a run on from the byte it stood at. False when it does not stand there any more: another request was faster, or
 * somebody canceled.
 */
export async function advanceRun(
  db: Sql,
  product: ProductScope,
  run: Pick<StoredRun, 'id' | 'bytesDone'>,
  progress: Progress,
  now: Date,
): Promise<boolean> {
  const errors = JSON.stringify(progress.errors)
  const moved = await db.$executeRaw(Prisma.sql`
    UPDATE import_run SET
      bytes_done = bytes_done + ${progress.bytes},
      next_row = next_row + ${progress.rows},
      next_line = next_line + ${progress.lines},
      accepted = accepted + ${progress.accepted},
      duplicates = duplicates + ${progress.duplicates},
      rejected = rejected + ${progress.rejected},
      errors = CASE
        WHEN jsonb_array_length(errors) >= ${IMPORT_LIMITS.errorsMax} OR ${errors} = '[]' THEN errors
        ELSE (
          SELECT jsonb_agg(error ORDER BY n)
          FROM jsonb_array_elements(errors || ${errors}::jsonb) WITH ORDINALITY AS kept(error, n)
          WHERE n <= ${IMPORT_LIMITS.errorsMax})
      END,
      finished_at = CASE WHEN bytes_done + ${progress.bytes} = file_bytes THEN ${now}::timestamptz END
    WHERE id = ${run.id} AND product_id = ${product.id} AND bytes_done = ${run.bytesDone} AND finished_at IS NULL`)
  return moved > 0
}

export async function cancelRun(db: Sql, product: ProductScope, id: string, now: Date): Promise<void> {
  await db.importRun.updateMany({ where: { id, productId: product.id, finishedAt: null }, data: { finishedAt: now } })
}

export const deleteRunsBefore = (db: Sql, before: Date) =>
  db.importRun.deleteMany({ where: { createdAt: { lt: before } } })
