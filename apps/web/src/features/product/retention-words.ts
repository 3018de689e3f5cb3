import type { RetentionPlan } from '@trackable/api/client'
import { formatBytes } from '../../bytes'

/** What a text field of days says: NaN stands for what the schema refuses. */
export const readDays = (text: string): number => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN)

/** A hundred years; the schema's own limit would bring the schema library along. */
const RETENTION_DAYS_MAX = 36_525

export const isDays = (days: number): boolean => Number.isInteger(days) && days >= 1 && days <= RETENTION_DAYS_MAX

/** What would be gone, counted. `before` begins a day of the product's zone. */
export function planWords({ points, bytes, before }: RetentionPlan, zone: string): string {
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: zone }).format(before)
  if (points === 0) return `Nothing would be deleted now: no raw point is from before ${day}.`
  const count = points === 1 ? '1 raw point' : `${points.toLocaleString()} raw points`
  return `${count} from before ${day} would be deleted the next night, about ${formatBytes(bytes)}. This cannot be undone.`
}
