import { useEffect, useState } from 'react'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365.25 * DAY

/** The present moment, anew every `intervalMs`, so that ages on screen grow. */
export function useNow(intervalMs = 10 * SECOND): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), intervalMs)
    return () => clearInterval(timer)
  }, [intervalMs])
  return now
}

/** "2 s ago", "39 min ago", "26 h ago"; whole days from two days on, years from two years on. Never a future, whatever the clocks say. */
export function formatAge(at: number, now: number): string {
  const age = Math.max(0, now - at)
  if (age < MINUTE) return `${Math.floor(age / SECOND)} s ago`
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`
  if (age < 2 * DAY) return `${Math.floor(age / HOUR)} h ago`
  if (age < 2 * YEAR) return `${Math.floor(age / DAY).toLocaleString()} days ago`
  return `${Math.floor(age / YEAR)} years ago`
}

/** "0:42", "12:05". */
export function formatStopwatch(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

export const formatDateTime = (at: Date | number): string => dateTime.format(at)
export const formatDate = (at: Date | number): string => date.format(at)
export const formatClock = (at: Date | number): string => clock.format(at)

/** How long ago, with the exact moment on hover. */
export function Age({ at, now, className }: { at: Date | number; now: number; className?: string }) {
  const ms = at instanceof Date ? at.getTime() : at
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatDateTime(ms)} className={className}>
      {formatAge(ms, now)}
    </time>
  )
}
