import type { ImportMapping, ImportPreview } from '@trackable/api/client'

export type ColumnRole = 'skip' | 'time' | 'value' | 'metric' | 'tag' | 'id'

export interface DraftColumn {
  role: ColumnRole
  /** Of a value the metric, of a tag its key. */
  name: string
}

/** What somebody says about a file, before it is known to be enough. */
export interface ImportDraft {
  encoding: ImportMapping['encoding']
  delimiter: ImportMapping['delimiter']
  hasHeader: boolean
  decimal: ImportMapping['decimal']
  timeFormat: ImportMapping['timestamp']['format']
  zone: string
  columns: DraftColumn[]
}

/** There is one of each in a file. */
const SINGLE: readonly ColumnRole[] = ['time', 'metric', 'id']
const DELIMITERS: readonly ImportMapping['delimiter'][] = [',', ';', '\t', '|']

/** Cells of the first line; a sign inside quotes is text. */
export function countColumns(text: string, delimiter: string): number {
  let count = 1
  let isQuoted = false
  for (const char of text) {
    if (char === '"') isQuoted = !isQuoted
    else if (isQuoted) continue
    else if (char === delimiter) count++
    else if (char === '\n' || char === '\r') break
  }
  return count
}

/** From what the server guessed; where it found no time or no number, from the shape alone. */
export function toImportDraft(preview: ImportPreview, sampleText: string, zone: string): ImportDraft {
  const { mapping, columns } = preview
  const draft: ImportDraft = {
    encoding: mapping?.encoding ?? 'utf-8',
    delimiter: mapping?.delimiter ?? DELIMITERS.find((one) => countColumns(sampleText, one) === columns.length) ?? ',',
    hasHeader: mapping?.hasHeader ?? true,
    decimal: mapping?.decimal ?? '.',
    timeFormat: mapping?.timestamp.format ?? 'iso',
    zone: mapping?.timestamp.zone ?? zone,
    columns: columns.map(({ name }) => ({ role: 'skip', name: toName(name) })),
  }
  if (!mapping) return draft
  const set = (column: number | null, role: ColumnRole, name?: string) => {
    const place = column === null ? undefined : draft.columns[column]
    if (place) Object.assign(place, { role, name: name ?? place.name })
  }
  set(mapping.timestamp.column, 'time')
  for (const { column, metric } of mapping.values) set(column, 'value', metric ?? undefined)
  set(mapping.metricColumn, 'metric')
  for (const { column, key } of mapping.tags) set(column, 'tag', key)
  set(mapping.idColumn, 'id')
  return draft
}

/** Another delimiter cuts other columns: their roles begin anew. */
export function withDelimiter(
  draft: ImportDraft,
  delimiter: ImportDraft['delimiter'],
  sampleText: string,
): ImportDraft {
  const count = countColumns(sampleText, delimiter)
  return {
    ...draft,
    delimiter,
    columns: Array.from({ length: count }, (_, i) => ({ role: 'skip', name: `Column ${i + 1}` })),
  }
}

export function withRole(draft: ImportDraft, index: number, role: ColumnRole): ImportDraft {
  const columns = draft.columns.map((column, i) => {
    if (i === index) return { ...column, role }
    return column.role === role && SINGLE.includes(role) ? { ...column, role: 'skip' as const } : column
  })
  return { ...draft, columns }
}

export function withName(draft: ImportDraft, index: number, name: string): ImportDraft {
  return { ...draft, columns: draft.columns.map((column, i) => (i === index ? { ...column, name } : column)) }
}

/** The mapping, or the one thing to do next. */
export function readImportDraft(
  draft: ImportDraft,
): { mapping: ImportMapping; problem: null } | { mapping: null; problem: string } {
  const of = (role: ColumnRole) =>
    draft.columns.map((column, index) => ({ ...column, index })).filter((column) => column.role === role)
  const [time] = of('time')
  const [metric] = of('metric')
  const [id] = of('id')
  const values = of('value')
  const tags = of('tag')
  const fail = (problem: string) => ({ mapping: null, problem })
  if (!time) return fail('Say which column holds the time.')
  if (values.length === 0) return fail('Say which column holds the values.')
  if (metric && values.length > 1) return fail('With a column of metric names, one column holds the values.')
  if (!metric && values.some((column) => column.name.trim() === ''))
    return fail('Name the metric of each column of values.')
  if (tags.some((column) => column.name.trim() === '')) return fail('Name each tag.')
  if (new Set(tags.map((column) => column.name.trim())).size < tags.length) return fail('Two columns are the same tag.')
  return {
    problem: null,
    mapping: {
      encoding: draft.encoding,
      delimiter: draft.delimiter,
      columnCount: draft.columns.length,
      hasHeader: draft.hasHeader,
      decimal: draft.decimal,
      timestamp: { column: time.index, format: draft.timeFormat, zone: draft.zone },
      values: values.map(({ index, name }) => ({ column: index, metric: metric ? null : name.trim() })),
      metricColumn: metric?.index ?? null,
      tags: tags.map(({ index, name }) => ({ column: index, key: name.trim() })),
      idColumn: id?.index ?? null,
    },
  }
}

/** A column's head as the name of a metric or a tag; both may hold spaces, which nobody likes to type. */
const toName = (head: string) => head.trim().replace(/\s+/g, '_').slice(0, 64)
