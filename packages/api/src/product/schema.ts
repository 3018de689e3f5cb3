import { z } from 'zod'
import { DisplayName } from '../auth/schema'
import { TeamId } from '../team/schema'

export const ProductId = z.string().max(64)
export const ProductRef = z.strictObject({ productId: ProductId })

/** Intl throws on what it does not know, and accepts every IANA name and link. Offsets such as +02:00 are refused: they have no DST. */
export function isZone(zone: string): boolean {
  if (knownZones.has(zone)) return true
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(zone)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
  } catch {
    return false // the engine does not know the name, which is the answer asked for
  }
  if (knownZones.size < KNOWN_ZONES_MAX) knownZones.add(zone)
  return true
}

/** Asking the engine takes 50 µs, and every query asks. There are 600 names; spellings in other cases must not pile up. */
const knownZones = new Set<string>()
const KNOWN_ZONES_MAX = 1000

/** An IANA time zone name such as `Europe/Berlin`. */
export const Zone = z.string().max(64).refine(isZone, 'Use an IANA time zone such as Europe/Berlin or UTC.')
/** ISO weekday: 1 is Monday, 7 is Sunday. */
export const Weekday = z.int().min(1).max(7)

/** 1 is January. Quarters and years of charts begin with it. */
export const FiscalYearStart = z.int().min(1).max(12)

/** A hundred years. */
export const RETENTION_DAYS_MAX = 36_525

export const CreateProduct = z.strictObject({
  teamId: TeamId,
  name: DisplayName,
  zone: Zone.default('UTC'),
  weekStart: Weekday.default(1),
  fiscalYearStart: FiscalYearStart.default(1),
})
export type CreateProduct = z.infer<typeof CreateProduct>

export const UpdateProduct = z.strictObject({
  productId: ProductId,
  name: DisplayName.optional(),
  zone: Zone.optional(),
  weekStart: Weekday.optional(),
  fiscalYearStart: FiscalYearStart.optional(),
  /** Days that raw points are kept; null: for ever. Metrics may have a number of their own. */
  retentionDays: z.int().min(1).max(RETENTION_DAYS_MAX).nullable().optional(),
})
export type UpdateProduct = z.infer<typeof UpdateProduct>

export const Product = z.object({
  id: z.string(),
  teamId: z.string(),
  name: z.string(),
  zone: z.string(),
  weekStart: z.number(),
  fiscalYearStart: z.number(),
  retentionDays: z.number().nullable(),
  createdAt: z.date(),
})
export type Product = z.infer<typeof Product>

export const API_KEY_SCOPES = ['ingest', 'read'] as const

export const CreateApiKey = z.strictObject({
  productId: ProductId,
  name: DisplayName,
  scopes: z.array(z.enum(API_KEY_SCOPES)).min(1).max(API_KEY_SCOPES.length).default(['ingest']),
})
export type CreateApiKey = z.infer<typeof CreateApiKey>

export const ApiKeyRef = z.strictObject({ productId: ProductId, keyId: z.string().max(64) })

/** A key as it can be shown again: its text is gone, `hint` is its last four characters. */
export const ApiKey = z.object({
  id: z.string(),
  name: z.string(),
  hint: z.string(),
  scopes: z.array(z.enum(API_KEY_SCOPES)),
  createdAt: z.date(),
  lastUsedAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
})
export type ApiKey = z.infer<typeof ApiKey>

/** The one answer that carries the key's text. */
export const CreatedApiKey = ApiKey.extend({ key: z.string() })
export type CreatedApiKey = z.infer<typeof CreatedApiKey>
