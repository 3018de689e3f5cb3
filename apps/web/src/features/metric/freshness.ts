const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WEEK = 7 * DAY

interface Fresh {
  lastPointAt: Date | null
  lateAfterMs: number | null
}

/** Whether the next point of a metric is overdue. One without a rhythm is never late. */
export function isLate({ lastPointAt, lateAfterMs }: Fresh, now: number): boolean {
  return lastPointAt !== null && lateAfterMs !== null && now - lastPointAt.getTime() > lateAfterMs
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

/** Behind an age that is too old: "hourly expected". */
export const formatExpected = (ms: number): string =>
  formatCadence(ms).startsWith('every')
    ? `${formatCadence(ms).slice('every '.length)} expected`
    : `${formatCadence(ms)} expected`

/** What a form edits a cadence in. */
export const CADENCE_UNITS = [
  { value: '1', label: 'seconds' },
  { value: '60', label: 'minutes' },
  { value: '3600', label: 'hours' },
  { value: '86400', label: 'days' },
] as const

/** The largest unit that holds the seconds without a rest. */
export function splitCadence(seconds: number): { count: number; unitS: number } {
  const unit = [...CADENCE_UNITS].reverse().find(({ value }) => seconds % Number(value) === 0)
  const unitS = Number(unit?.value ?? 1)
  return { count: seconds / unitS, unitS }
}
