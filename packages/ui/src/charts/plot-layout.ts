import { fitText, textWidth } from './text-width'
import type { ColorSlot, LegendEntry, PreparedBar, PreparedLine, Tick } from './types'

export const AXIS_FONT = 12
const ROW_HEIGHT = 20
const ROWS_MAX = 3
const MORE_WIDTH = 72
const ENTRY_GAP = 16
const MARK_WIDTH = { square: 14, line: 22, compare: 22, dotted: 22 } as const
const LABEL_MAX = 140
const DIRECT_FROM_WIDTH = 480
const WIDE_TICKS_FROM_WIDTH = 360
const LABEL_PITCH = 18

export interface PlacedEntry extends LegendEntry {
  x: number
  y: number
  /** Where the bold total starts, right of the label. */
  valueX: number
}

export interface PlacedTick {
  index: number
  label: string
  /** Centre of the text, moved inward where it would leave the picture. */
  x: number
}

export interface PlacedLabel {
  key: string
  slot: ColorSlot
  label: string
  y: number
}

/** Where everything of a plot stands, in CSS pixels. */
export interface PlotLayout {
  plot: { left: number; top: number; right: number; bottom: number }
  bandWidth: number
  ticks: PlacedTick[]
  entries: PlacedEntry[]
  labels: PlacedLabel[]
  labelX: number
}

type Plot = PreparedLine | PreparedBar

function entryWidth(entry: LegendEntry, label: string): { labelEnd: number; width: number } {
  const labelEnd = MARK_WIDTH[entry.mark] + textWidth(label, AXIS_FONT)
  return { labelEnd, width: entry.value === null ? labelEnd : labelEnd + 6 + textWidth(entry.value, AXIS_FONT) * 1.02 }
}

/** Legend in rows from the left; what does not fit into the last row is counted and not squeezed in. */
export function placeEntries(entries: readonly LegendEntry[], width: number): PlacedEntry[] {
  const placed: PlacedEntry[] = []
  let x = 0
  let row = 0
  for (const [index, entry] of entries.entries()) {
    const label = fitText(entry.label, AXIS_FONT, LABEL_MAX)
    const { labelEnd, width: wide } = entryWidth(entry, label)
    // In the last row every entry but the last leaves room for the count of those that follow.
    const reserved = row === ROWS_MAX - 1 && index < entries.length - 1 ? MORE_WIDTH : 0
    if (x > 0 && x + wide + reserved > width) {
      if (row === ROWS_MAX - 1) {
        const y = row * ROW_HEIGHT + ROW_HEIGHT / 2
        placed.push({
          mark: 'square',
          slot: 'other',
          label: `+${entries.length - index} more`,
          value: null,
          x,
          y,
          valueX: x,
        })
        return placed
      }
      row += 1
      x = 0
    }
    placed.push({ ...entry, label, x, y: row * ROW_HEIGHT + ROW_HEIGHT / 2, valueX: x + labelEnd + 6 })
    x += wide + ENTRY_GAP
  }
  return placed
}

/** Pushes labels apart until they are a line's height away from each other, then back inside the plot. */
export function spreadLabels(wanted: readonly number[], top: number, bottom: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0))
  const ys = [...wanted]
  let floor = top
  for (const index of order) {
    ys[index] = Math.max(ys[index] ?? 0, floor)
    floor = (ys[index] ?? 0) + LABEL_PITCH
  }
  let ceiling = bottom
  for (const index of order.reverse()) {
    ys[index] = Math.min(ys[index] ?? 0, ceiling)
    ceiling = (ys[index] ?? 0) - LABEL_PITCH
  }
  return ys
}

function lastValue(values: readonly (number | null)[]): number | null {
  for (let index = values.length - 1; index >= 0; index--) {
    const value = values[index] ?? null
    if (value !== null) return value
  }
  return null
}

function placeLabels(prepared: Plot, plot: PlotLayout['plot']): PlacedLabel[] {
  const [low, high] = prepared.y.domain
  const ends = prepared.series.map((series) => lastValue(series.values) ?? low)
  const wanted = ends.map((value) => plot.bottom - ((value - low) / (high - low)) * (plot.bottom - plot.top))
  const ys = spreadLabels(wanted, plot.top, plot.bottom)
  return prepared.series.map((series, index) => ({
    key: series.key,
    slot: series.slot,
    label: fitText(series.label, AXIS_FONT, LABEL_MAX),
    y: ys[index] ?? plot.top,
  }))
}

/** Keeps labels inside the picture and drops the ones that would touch their neighbour. */
function placeTicks(ticks: readonly Tick[], plot: PlotLayout['plot'], bandWidth: number, width: number): PlacedTick[] {
  const placed: PlacedTick[] = []
  let end = Number.NEGATIVE_INFINITY
  for (const tick of ticks) {
    const half = textWidth(tick.label, AXIS_FONT) / 2
    const middle = plot.left + (tick.at + 0.5) * bandWidth
    const x = Math.max(half, Math.min(width - half, middle))
    if (x - half < end + 6) continue
    placed.push({ index: tick.at, label: tick.label, x })
    end = x + half
  }
  return placed
}

/** Lays a prepared plot out in a box. All geometry is decided here, so that browser and worker cannot disagree. */
export function layoutPlot(prepared: Plot, width: number, height: number): PlotLayout {
  const isDirect = prepared.legend === 'direct' && width >= DIRECT_FROM_WIDTH
  const isListed = prepared.legend === 'rows' || (prepared.legend === 'direct' && !isDirect)
  const entries = isListed ? placeEntries(prepared.legendEntries, width) : []
  const rows = entries.length === 0 ? 0 : Math.floor((entries.at(-1)?.y ?? 0) / ROW_HEIGHT) + 1
  const labelWidth = Math.max(
    0,
    ...prepared.series.map((one) => textWidth(fitText(one.label, AXIS_FONT, LABEL_MAX), AXIS_FONT)),
  )
  const axisWidth = Math.max(0, ...prepared.y.ticks.map((tick) => textWidth(tick.label, AXIS_FONT)))
  const plot = {
    left: Math.max(44, Math.ceil(axisWidth) + 10),
    top: rows === 0 ? 10 : rows * ROW_HEIGHT + 12,
    right: width - (isDirect ? Math.max(76, Math.ceil(labelWidth) + 26) : 4),
    bottom: height - 22,
  }
  const bandWidth = (plot.right - plot.left) / Math.max(1, prepared.buckets.length)
  const ticks = plot.right - plot.left >= WIDE_TICKS_FROM_WIDTH ? prepared.x.wide : prepared.x.narrow
  return {
    plot,
    bandWidth,
    ticks: placeTicks(ticks, plot, bandWidth, width),
    entries,
    labels: isDirect ? placeLabels(prepared, plot) : [],
    labelX: plot.right + 8,
  }
}
