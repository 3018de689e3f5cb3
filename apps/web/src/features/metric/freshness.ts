import { formatCadence } from '@trackable/ui/charts/rhythm'

export { formatCadence }

interface Fresh {
  lastPointAt: Date | null
  lateAfterMs: number | null
}

/** Whether the next point of a metric is overdue. One without a rhythm is never late. */
export function isLate({ lastPointAt, lateAfterMs }: Fresh, now: number): boolean {
  return lastPointAt !== null && lateAfterMs !== null && now - lastPointAt.getTime() > lateAfterMs
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
