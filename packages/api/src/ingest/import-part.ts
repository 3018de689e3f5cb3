/** A part of a file, read in chunks that are stored one after the other. */
import { ColumnBuilder, type ParsedPoints } from './columns'
import { CsvReader } from './import-csv'
import { createRowReader, type PointPlace, type RowReader } from './import-rows'
import type { StoredRun } from './repository-import'
import type { ImportError } from './schema-import'

/** Records of a chunk: about 15 ms to read, in which nobody else is served. */
const CHUNK_RECORDS = 4_000
/** The same for a file with many columns of values. */
const CHUNK_POINTS = 4_000
/** Of the hash, in the ids of points: 128 bits tell files apart. */
const FILE_ID_CHARS = 32
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

export interface Chunk {
  parsed: ParsedPoints
  /** Of each point of `parsed`, by its index. */
  places: PointPlace[]
  /** Of points and records that cannot be read. */
  errors: ImportError[]
  bytes: number
  rows: number
  lines: number
}

/** The chunks of the part that begins where the run stands. Together they end with the last complete record of the part. */
export function* readChunks(run: StoredRun, bytes: Buffer, now: number): Generator<Chunk> {
  const { mapping, fileHash, fileBytes, bytesDone, nextLine } = run
  const isFirst = bytesDone === 0
  const skipped = isFirst && bytes.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0
  const csv = new CsvReader(bytes.toString('latin1', skipped), {
    delimiter: mapping.delimiter,
    columnCount: mapping.columnCount,
    line: nextLine,
    isLast: bytesDone + bytes.length === fileBytes,
  })
  const rows = createRowReader(mapping, { idPrefix: `${fileHash.slice(0, FILE_ID_CHARS)}:`, now })
  // The names of the columns are no row, and what is wrong with them shows in the rows.
  if (isFirst && mapping.hasHeader) csv.next()
  let bytesBefore = -skipped
  let lineBefore = nextLine
  let row = run.rows
  for (;;) {
    const { places, errors, columns, count } = readChunk(csv, rows, row)
    row += count
    const parsed = columns.finish()
    const size = csv.position - bytesBefore
    if (size === 0) return
    parsed.count = places.length
    // What the writer counts as waiting: the chunk, and not what lies in quotes beside it.
    parsed.bytes = size
    yield { parsed, places, errors, bytes: size, rows: count, lines: csv.line - lineBefore }
    bytesBefore = csv.position
    lineBefore = csv.line
  }
}

function readChunk(csv: CsvReader, rows: RowReader, firstRow: number) {
  const places: PointPlace[] = []
  const errors: ImportError[] = []
  const columns = new ColumnBuilder(0, 0, (index) => `/${index}`)
  let count = 0
  while (count < CHUNK_RECORDS && places.length < CHUNK_POINTS) {
    const record = csv.next()
    if (record === null) break
    if ('code' in record) errors.push(record)
    else errors.push(...rows.read(columns, places, record, firstRow + count))
    count++
  }
  return { places, errors, columns, count }
}
