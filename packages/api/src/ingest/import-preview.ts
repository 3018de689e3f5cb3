/** What a file looks like, from its first bytes: a mapping to start with, and what its first rows would become. */
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { ColumnBuilder, type ParsedPoints } from './columns'
import { CsvReader, type CsvRecord } from './import-csv'
import { guessEncoding, guessMapping, guessTypeOf } from './import-guess'
import { createDecoder, createRowReader, type PointPlace } from './import-rows'
import {
  IMPORT_LIMITS,
  type ImportColumn,
  type ImportError,
  type ImportMapping,
  type ImportPreview,
  type PreviewImport,
} from './schema-import'

const SAMPLES_PER_COLUMN = 3
const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf])

export async function previewImport(ctx: Context, product: ProductScope, input: PreviewImport): Promise<ImportPreview> {
  const bytes = Buffer.from(input.sample, 'base64')
  refuseOtherText(bytes)
  const hasBom = bytes.subarray(0, UTF8_BOM.length).equals(UTF8_BOM)
  const text = bytes.toString('latin1', hasBom ? UTF8_BOM.length : 0)
  const encoding = input.mapping?.encoding ?? guessEncoding(bytes)
  const sample = { text, encoding, isWhole: input.isWhole, zone: product.zone }
  const guess = input.mapping ? null : guessMapping(sample)
  const mapping = input.mapping ?? guess?.mapping ?? null
  const shape = input.mapping ?? guess?.shape
  if (!shape) throw new DomainError('invalid_request', 'The file holds no complete line.')
  const { header, records } = readSample(text, { ...shape, isWhole: input.isWhole })
  return {
    hasBom,
    columns: describeColumns(header, records, { encoding, columnCount: shape.columnCount }),
    mapping,
    ...readRows(records, mapping, encoding, ctx.clock.now().getTime()),
  }
}

/** UTF-16 has a mark of its own or zeros between its letters; nothing else that is text has any. */
function refuseOtherText(bytes: Buffer): void {
  const mark = bytes.readUInt16BE(0)
  if (mark === 0xfeff || mark === 0xfffe || bytes.includes(0))
    throw new DomainError('invalid_encoding', 'The file is not plain text, or is UTF-16. Save it as CSV in UTF-8.')
}

type Line = CsvRecord | ImportError

interface SampleShape {
  delimiter: string
  columnCount: number
  hasHeader: boolean
  isWhole: boolean
}

function readSample(text: string, { delimiter, columnCount, hasHeader, isWhole }: SampleShape) {
  const csv = new CsvReader(text, { delimiter, columnCount, line: 1, isLast: isWhole })
  const header = hasHeader ? csv.next() : null
  const records: Line[] = []
  for (let line = csv.next(); line; line = csv.next()) records.push(line)
  return { header: header && 'fields' in header ? header.fields : null, records }
}

function describeColumns(
  header: readonly string[] | null,
  records: readonly Line[],
  { encoding, columnCount }: { encoding: ImportMapping['encoding']; columnCount: number },
): ImportColumn[] {
  const decode = createDecoder(encoding)
  const show = (bytes: string) => (decode(bytes) ?? bytes).trim()
  return Array.from({ length: columnCount }, (_, column) => {
    const texts = records.flatMap((line) => ('fields' in line ? [show(line.fields[column] as string)] : []))
    const name = show(header?.[column] ?? '')
    return {
      column,
      name: name === '' ? `Column ${column + 1}` : name,
      type: guessTypeOf(texts),
      samples: [...new Set(texts.filter((text) => text !== ''))].slice(0, SAMPLES_PER_COLUMN),
    }
  })
}

function readRows(
  records: readonly Line[],
  mapping: ImportMapping | null,
  encoding: ImportMapping['encoding'],
  now: number,
): Pick<ImportPreview, 'rows' | 'points'> {
  const decode = createDecoder(encoding)
  const reader = mapping && createRowReader(mapping, { idPrefix: '', now })
  const columns = new ColumnBuilder(0, 0, String)
  const places: PointPlace[] = []
  const rows = records.slice(0, IMPORT_LIMITS.previewRows).map((line, row) => {
    if ('code' in line) return { line: line.line, cells: [], error: line.detail }
    const errors = reader?.read(columns, places, line, row) ?? []
    const cells = line.fields.map((bytes, column) => ({
      text: decode(bytes) ?? bytes,
      error: errors.find((error) => error.column === column + 1)?.detail ?? null,
    }))
    return { line: line.line, cells, error: errors.find((error) => error.column === null)?.detail ?? null }
  })
  return { rows, points: describePoints(columns.finish(), places) }
}

function describePoints(parsed: ParsedPoints, places: readonly PointPlace[]): ImportPreview['points'] {
  return Array.from({ length: Math.min(parsed.length, IMPORT_LIMITS.previewRows) }, (_, i) => {
    const series = parsed.series[parsed.seriesOf[i] as number]
    return {
      line: places[parsed.indexOf?.[i] ?? i]?.line ?? 0,
      metric: series?.metric ?? '',
      value: parsed.value[i] as number,
      timestamp: new Date(parsed.ts[i] as number).toISOString(),
      tags: JSON.parse(series?.tags ?? '{}') as Record<string, string>,
    }
  })
}
