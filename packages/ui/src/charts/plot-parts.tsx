import { type ChartTheme, slotColor } from './colors'
import { AXIS_FONT, type PlacedEntry, type PlacedLabel, type PlotLayout } from './plot-layout'

/** Text that stands on a baseline a third of its size below the middle: `dominant-baseline` differs between renderers. */
const BASELINE = AXIS_FONT * 0.36

function EntryMark({ entry, theme }: { entry: PlacedEntry; theme: ChartTheme }) {
  if (entry.mark === 'square') {
    return <rect x={entry.x} y={entry.y - 4} width={8} height={8} rx={2.5} fill={slotColor(entry.slot, theme)} />
  }
  const isCompare = entry.mark === 'compare'
  return (
    <line
      x1={entry.x}
      x2={entry.x + 16}
      y1={entry.y}
      y2={entry.y}
      stroke={isCompare ? theme.compare : slotColor(entry.slot, theme)}
      strokeWidth={isCompare ? 1.5 : 2}
      strokeDasharray={entry.mark === 'dotted' ? '2 3' : undefined}
    />
  )
}

/** The rows above a plot. Drawn inside the picture, because a mail has nothing but the picture. */
export function PlotLegend({ entries, theme }: { entries: readonly PlacedEntry[]; theme: ChartTheme }) {
  return (
    <g className="chart-legend" fontSize={AXIS_FONT}>
      {entries.map((entry) => (
        <g key={`${entry.mark}${entry.label}${entry.x}`}>
          <EntryMark entry={entry} theme={theme} />
          <text x={entry.x + (entry.mark === 'square' ? 14 : 22)} y={entry.y + BASELINE} fill={theme.text2}>
            {entry.label}
          </text>
          {entry.value !== null && (
            <text x={entry.valueX} y={entry.y + BASELINE} fill={theme.text} fontWeight={600}>
              {entry.value}
            </text>
          )}
        </g>
      ))}
    </g>
  )
}

/** Names at the ends of their lines. */
export function DirectLabels({ labels, x, theme }: { labels: readonly PlacedLabel[]; x: number; theme: ChartTheme }) {
  return (
    <g className="chart-labels" fontSize={AXIS_FONT} fontWeight={500}>
      {labels.map((label) => (
        <g key={label.key}>
          <rect x={x} y={label.y - 4} width={8} height={8} rx={2.5} fill={slotColor(label.slot, theme)} />
          <text x={x + 14} y={label.y + BASELINE} fill={theme.text}>
            {label.label}
          </text>
        </g>
      ))}
    </g>
  )
}

interface TickProps {
  x?: number | string
  y?: number | string
  payload?: { value: unknown }
}

/** Own tick texts: the library's measure themselves in the DOM and would come out differently in the worker. */
export function xTick(layout: PlotLayout, theme: ChartTheme) {
  const byIndex = new Map(layout.ticks.map((tick) => [tick.index, tick]))
  return ({ payload }: TickProps) => {
    const tick = byIndex.get(Number(payload?.value))
    if (!tick) return <g />
    return (
      <text
        x={tick.x}
        y={layout.plot.bottom + 17}
        textAnchor="middle"
        fontSize={AXIS_FONT}
        fill={theme.text3}
        style={{ fontVariantNumeric: 'tabular-nums' }}
      >
        {tick.label}
      </text>
    )
  }
}

export function yTick(layout: PlotLayout, theme: ChartTheme, labels: ReadonlyMap<number, string>) {
  return ({ y, payload }: TickProps) => (
    <text
      x={layout.plot.left - 8}
      y={Number(y) + BASELINE}
      textAnchor="end"
      fontSize={AXIS_FONT}
      fill={theme.text3}
      style={{ fontVariantNumeric: 'tabular-nums' }}
    >
      {labels.get(Number(payload?.value)) ?? ''}
    </text>
  )
}

export interface EmptyChartProps {
  text: string
  width: number
  height: number
  theme: ChartTheme
}

/** In place of a chart without data: the words, where the drawing would be. */
export function EmptyChart({ text, width, height, theme }: EmptyChartProps) {
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={text}
      data-empty="true"
    >
      <line x1={0} x2={width} y1={height - 22} y2={height - 22} stroke={theme.axis} />
      <text x={width / 2} y={height / 2} textAnchor="middle" fontSize={13} fill={theme.text3}>
        {text}
      </text>
    </svg>
  )
}
