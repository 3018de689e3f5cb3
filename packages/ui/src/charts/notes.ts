import { ageWords, formatCadence } from './rhythm'
import type { ChartResult } from './types'

/** Something to know about the figures before they are trusted. */
export interface ChartNote {
  /** `late`, or the code of the query's warning. */
  code: string
  /** One sentence. */
  text: string
  /** Whether the figures may mislead. What is merely rounded is quiet. */
  isWarning: boolean
}

/**
 * What has to be said about a result beside its figures: that its points stopped coming, and what the query warns of.
 * `now` in epoch ms; a result that stays on screen grows late without being asked for again.
 */
export function notesOf(result: ChartResult, now: number = result.asOf): ChartNote[] {
  const late = lateText(result, now)
  const warnings = (result.warnings ?? []).map(({ code, detail }) => ({
    code,
    text: detail,
    isWarning: code !== 'approximate',
  }))
  return late === null ? warnings : [{ code: 'late', text: late, isWarning: true }, ...warnings]
}

function lateText({ freshness }: ChartResult, now: number): string | null {
  if (!freshness || freshness.lastPointAt === null || freshness.lateAfterMs === null) return null
  const age = now - freshness.lastPointAt
  if (age <= freshness.lateAfterMs) return null
  const expected = freshness.cadenceMs === null ? '' : `, expected ${formatCadence(freshness.cadenceMs)}`
  return `Late: last point ${ageWords(age)} ago${expected}.`
}
