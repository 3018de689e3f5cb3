/**
 * The record of a run: everything its mail is made of, read once. A retry, the preview of an old run and every
 * recipient see these rows and not what the database says by then.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Widget } from '../dashboard/schema'
import { QueryResult } from '../metric/schema'

/** Records of earlier versions lack what answers have learned to say since; nothing may be added to what was hashed. */
export const FrozenResult = QueryResult.partial({
  kind: true,
  formula: true,
  freshness: true,
  approximate: true,
  overflowed: true,
  warnings: true,
})

export const FrozenWidget = z.object({
  widget: Widget,
  /** Null when the query failed; then `failure` says why in words that a reader of the mail may see. */
  result: FrozenResult.nullable(),
  failure: z.string().nullable(),
})
export type FrozenWidget = z.infer<typeof FrozenWidget>

export const FrozenReport = z.object({
  version: z.literal(1),
  reportName: z.string(),
  teamName: z.string(),
  productName: z.string(),
  productId: z.string(),
  dashboardId: z.string(),
  dashboardName: z.string(),
  zone: z.string(),
  firstDay: z.iso.date(),
  lastDay: z.iso.date(),
  /** When the first of the widgets was read, epoch ms. */
  asOf: z.number(),
  widgets: z.array(FrozenWidget),
})
export type FrozenReport = z.infer<typeof FrozenReport>

/** SHA-256 over the record with sorted keys: jsonb does not keep the order they were written in. */
export function hashFrozen(frozen: FrozenReport): string {
  return createHash('sha256').update(canonicalJson(frozen)).digest('hex')
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
