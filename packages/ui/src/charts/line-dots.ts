import type { PlotLayout } from './plot-layout'
import type { ColorSlot, PreparedLine, PreparedSeries } from './types'

export interface LineDot {
  key: string
  /** `end` closes a finished series, `open` ends one whose last bucket is not over, `alone` is a value between two gaps. */
  role: 'end' | 'open' | 'alone'
  slot: ColorSlot
  cx: number
  cy: number
}

const ENDS_MAX = 4

type Values = readonly (number | null)[]

const isGap = (values: Values, index: number) => (values[index] ?? null) === null

function rolesOf(values: Values, unfinishedIndex: number | null): Map<number, LineDot['role']> {
  const roles = new Map<number, LineDot['role']>()
  let last = -1
  values.forEach((value, index) => {
    if (value === null) return
    last = index
    if (isGap(values, index - 1) && isGap(values, index + 1)) roles.set(index, 'alone')
  })
  if (last >= 0) roles.set(last, unfinishedIndex !== null && last >= unfinishedIndex ? 'open' : 'end')
  return roles
}

/** The few dots a line chart has: its ends, and the values a line alone would not show because both neighbours are missing. */
export function lineDots(prepared: PreparedLine, layout: PlotLayout): LineDot[] {
  const [low, high] = prepared.y.domain
  const { plot, bandWidth } = layout
  // Many filled ends would pile up at the right edge; the hollow ones carry meaning and stay.
  const isCrowded = prepared.series.length > ENDS_MAX
  const dotsOf = (series: PreparedSeries): LineDot[] =>
    [...rolesOf(series.values, prepared.unfinishedIndex)].map(([index, role]) => ({
      key: `${series.key} ${index}`,
      role,
      slot: series.slot,
      cx: plot.left + (index + 0.5) * bandWidth,
      cy: plot.bottom - (((series.values[index] ?? low) - low) / (high - low)) * (plot.bottom - plot.top),
    }))
  return prepared.series.flatMap(dotsOf).filter((dot) => !(isCrowded && dot.role === 'end'))
}
