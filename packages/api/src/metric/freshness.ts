/** How old a metric's newest point is, against the rhythm in which its points come. Pure. */
import type { Freshness } from './schema'

export interface Rhythm {
  /** Distance of two points that somebody declared. */
  declaredMs: number | null
  /** Mean distance of the points of its most regular series; null while there are too few to tell. */
  learnedMs: number | null
  /** The longest silence so far from one day to the next, of the same series: nights and weekends. */
  quietMs: number | null
}

/** A point that is late by less than its own rhythm is an accident of timing. */
const LATE_FACTOR_DECLARED = 2
/** A learned rhythm is a mean: three times it, or well beyond the longest quiet night so far. */
const LATE_FACTOR_LEARNED = 3
const QUIET_FACTOR = 1.5
/** No badge within a minute: batches, clocks and networks take their time. */
const LATE_AFTER_MS_MIN = 60_000

/** The age in ms from which the newest point is late; null when no rhythm is known. */
export function lateAfter({ declaredMs, learnedMs, quietMs }: Rhythm): number | null {
  if (declaredMs !== null) return Math.max(LATE_AFTER_MS_MIN, LATE_FACTOR_DECLARED * declaredMs)
  if (learnedMs === null) return null
  return Math.max(LATE_AFTER_MS_MIN, LATE_FACTOR_LEARNED * learnedMs, QUIET_FACTOR * (quietMs ?? 0))
}

/** `asOf` and `lastPointAt` in epoch ms. */
export function describeFreshness(rhythm: Rhythm, lastPointAt: number | null, asOf: number): Freshness {
  const lateAfterMs = lateAfter(rhythm)
  const ageMs = lastPointAt === null ? null : asOf - lastPointAt
  return {
    lastPointAt,
    cadenceMs: rhythm.declaredMs ?? rhythm.learnedMs,
    ageMs,
    lateAfterMs,
    isLate: ageMs !== null && lateAfterMs !== null && ageMs > lateAfterMs,
  }
}
