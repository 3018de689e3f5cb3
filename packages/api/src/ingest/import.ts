/** A file that becomes points, part by part: each part is stored before the run moves on, and may be sent again. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import { newId } from '../kernel/ids'
import type { ProductScope } from '../kernel/scope'
import { type Chunk, readChunks } from './import-part'
import type { PointPlace } from './import-rows'
import {
  advanceRun,
  cancelRun,
  findUnfinishedRun,
  getRun,
  insertRun,
  listRunErrors,
  listRuns,
  type Progress,
} from './repository-import'
import type { IngestResult } from './schema'
import { type CreateImport, IMPORT_LIMITS, type ImportRun, type ImportRunWithErrors } from './schema-import'
import type { PointWriter } from './writer'

/** A run of the same file with the same mapping that was interrupted is gone on with. */
export async function createImport(ctx: Context, product: ProductScope, input: CreateImport): Promise<ImportRun> {
  const { fileName, fileBytes, fileHash, mapping, isDryRun } = input
  const unfinished = await findUnfinishedRun(ctx.db.prisma, product, { fileHash, fileBytes, mapping, isDryRun })
  if (unfinished) return unfinished
  const run = { id: newId('import'), fileName, fileBytes, fileHash, mapping, isDryRun, createdAt: ctx.clock.now() }
  return insertRun(ctx.db.prisma, product, run)
}

export async function getImport(ctx: Context, product: ProductScope, id: string): Promise<ImportRunWithErrors> {
  const run = await getRun(ctx.db.prisma, product, id)
  return { ...run, errors: await listRunErrors(ctx.db.prisma, product, id) }
}

export const listImports = (ctx: Context, product: ProductScope): Promise<ImportRun[]> =>
  listRuns(ctx.db.prisma, product)

/** What is stored stays. */
export async function cancelImport(ctx: Context, product: ProductScope, id: string): Promise<ImportRun> {
  await cancelRun(ctx.db.prisma, product, id, ctx.clock.now())
  return getRun(ctx.db.prisma, product, id)
}

export interface ImportPart {
  importId: string
  /** The byte of the file that `bytes` begin at. */
  offset: number
  /** Cut anywhere: what the last complete record leaves over is to be sent again with the next part. */
  bytes: Buffer
}

/** Parts of one run follow each other: one that is sent again while the first try is still in work waits for it. */
const working = new Map<string, Promise<unknown>>()

/**
 * Stores a part and answers how far the file is. A part that lies behind is answered without being read again, so a
 * sender that lost an answer just repeats. Throws `conflict` for one that lies ahead, and what the writer throws; the
 * run then stands behind what was stored before.
 */
export async function importPart(
  ctx: Context,
  writer: PointWriter,
  product: ProductScope,
  part: ImportPart,
): Promise<ImportRun> {
  const before = working.get(part.importId)
  const work = (before ?? Promise.resolve()).catch(() => undefined).then(() => takePart(ctx, writer, product, part))
  working.set(part.importId, work)
  try {
    return await work
  } finally {
    if (working.get(part.importId) === work) working.delete(part.importId)
  }
}

async function takePart(
  ctx: Context,
  writer: PointWriter,
  product: ProductScope,
  { importId, offset, bytes }: ImportPart,
): Promise<ImportRun> {
  const run = await getRun(ctx.db.prisma, product, importId)
  if (run.status !== 'running' || offset < run.bytesDone) return run
  if (offset > run.bytesDone)
    throw new DomainError('conflict', `The import stands at byte ${run.bytesDone}. Send the part that begins there.`)
  if (offset + bytes.length > run.fileBytes)
    throw new DomainError('invalid_request', `The part reaches beyond the ${run.fileBytes} bytes of the file.`)
  const progress: Progress = { bytes: 0, rows: 0, lines: 0, accepted: 0, duplicates: 0, rejected: 0, errors: [] }
  try {
    for (const chunk of readChunks(run, bytes, ctx.clock.now().getTime())) {
      addChunk(progress, chunk, await (run.isDryRun ? tryChunk(chunk) : writer.write(product, chunk.parsed)))
    }
  } finally {
    // Also when the writer is overloaded or away: what it has confirmed is not sent again.
    if (progress.bytes > 0) await advanceRun(ctx.db.prisma, product, run, progress, ctx.clock.now())
  }
  if (progress.bytes === 0)
    throw new DomainError('invalid_request', 'The part holds no complete line. Send a larger one.')
  return getRun(ctx.db.prisma, product, importId)
}

/** What a dry run answers. Others are served between two chunks. */
async function tryChunk({ parsed }: Chunk): Promise<IngestResult> {
  await nextTurn()
  return { accepted: parsed.length, duplicates: 0, rejected: [] }
}

function addChunk(progress: Progress, { bytes, rows, lines, places, errors }: Chunk, result: IngestResult): void {
  // What the parser refused stands in `errors` with its line, and what the writer refuses is told by it alone.
  const refused = result.rejected.map(({ index, code, detail }) => ({ ...(places[index] as PointPlace), code, detail }))
  progress.bytes += bytes
  progress.rows += rows
  progress.lines += lines
  progress.accepted += result.accepted
  progress.duplicates += result.duplicates
  progress.rejected += errors.length + refused.length
  const all = refused.length === 0 ? errors : [...errors, ...refused].sort((a, b) => a.line - b.line)
  progress.errors = [...progress.errors, ...all].slice(0, IMPORT_LIMITS.errorsMax)
}
