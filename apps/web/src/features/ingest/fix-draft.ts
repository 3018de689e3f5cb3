import type { RejectedRow } from '@trackable/api/client'

/** What the fields of a point hold: text, as it is typed. */
export interface FixDraft {
  metric: string
  value: string
  timestamp: string
  /** A line for each tag: `plan=Solo`. */
  tags: string
  id: string
}

export type FixField = keyof FixDraft

/** What could be read of the point; the rest is empty. */
export function toFixDraft({ point }: Pick<RejectedRow, 'point'>): FixDraft {
  return {
    metric: point?.metric ?? '',
    value: point?.value === null || point === null ? '' : String(point.value),
    timestamp: point?.timestamp === null || point === null ? '' : String(point.timestamp),
    tags: Object.entries(point?.tags ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join('\n'),
    id: point?.id ?? '',
  }
}

/** The field that a pointer into a request is about: `/points/3/tags/plan` is `tags`. */
export function fieldOf(pointer: string): FixField | null {
  const parts = pointer.split('/')
  const fields: FixField[] = ['metric', 'value', 'timestamp', 'tags', 'id']
  return fields.find((field) => parts.includes(field)) ?? null
}

/** A point as the API takes it, or what keeps it from being one. */
export function readFixDraft(
  draft: FixDraft,
): { point: Record<string, unknown>; errors: null } | { point: null; errors: Partial<Record<FixField, string>> } {
  const errors: Partial<Record<FixField, string>> = {}
  const metric = draft.metric.trim()
  if (metric === '') errors.metric = 'Enter the name of the metric.'
  const value = Number(draft.value.trim())
  if (draft.value.trim() === '' || !Number.isFinite(value)) errors.value = 'Enter a number, with a point for decimals.'
  const timestamp = draft.timestamp.trim()
  const isEpoch = /^-?\d+(\.\d+)?$/.test(timestamp)
  if (
    timestamp !== '' &&
    !isEpoch &&
    !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i.test(timestamp)
  )
    errors.timestamp = 'Use 2026-11-20T09:30:00Z, an offset in place of the Z, or epoch seconds.'
  const tags: [string, string][] = []
  for (const line of draft.tags.split('\n')) {
    if (line.trim() === '') continue
    const at = line.indexOf('=')
    if (at < 1) errors.tags = 'One tag in a line, such as plan=Solo.'
    else tags.push([line.slice(0, at).trim(), line.slice(at + 1).trim()])
  }
  if (new Set(tags.map(([key]) => key)).size < tags.length) errors.tags = 'A tag has one value.'
  if (Object.keys(errors).length > 0) return { point: null, errors }
  const point = {
    metric,
    value,
    ...(timestamp === '' ? {} : { timestamp: isEpoch ? Number(timestamp) : timestamp.replace(' ', 'T') }),
    ...(tags.length === 0 ? {} : { tags: Object.fromEntries(tags) }),
    ...(draft.id.trim() === '' ? {} : { id: draft.id.trim() }),
  }
  return { point, errors: null }
}
