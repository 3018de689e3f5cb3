/** Ages and rhythms in words. */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WEEK = 7 * DAY
const YEAR = 365.25 * DAY

/** "12 min", "26 h", "4 days", "3 years": hours up to three days, since a day and a half is not one day. */
export function ageWords(ms: number): string {
  if (ms < HOUR) return `${Math.max(1, Math.floor(ms / MINUTE))} min`
  if (ms < 3 * DAY) return `${Math.floor(ms / HOUR)} h`
  return ms < 2 * YEAR ? `${Math.floor(ms / DAY)} days` : `${Math.floor(ms / YEAR)} years`
}

const UNITS = [
  { ms: WEEK, adverb: 'weekly', many: 'weeks' },
  { ms: DAY, adverb: 'daily', many: 'days' },
  { ms: HOUR, adverb: 'hourly', many: 'h' },
  { ms: MINUTE, adverb: 'every minute', many: 'min' },
  { ms: SECOND, adverb: 'every second', many: 's' },
] as const

/** "every 20 s", "hourly", "every 3 days": a learned rhythm is a mean, so it is told to the nearest whole unit. */
export function formatCadence(ms: number): string {
  const unit = UNITS.find((one) => ms >= one.ms * 0.95)
  if (!unit) return 'many a second'
  const count = Math.round(ms / unit.ms)
  return count <= 1 ? unit.adverb : `every ${count.toLocaleString()} ${unit.many}`
}
