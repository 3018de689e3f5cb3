import { Bar, Line } from 'recharts'
import { chartTheme, slotColor } from './colors'
import { PlotFrame, type PlotRow } from './plot-frame'
import { layoutPlot } from './plot-layout'
import { EmptyChart } from './plot-parts'
import type { ChartProps, PreparedBar } from './types'

const UNFINISHED_OPACITY = 0.45
const BAR_WIDTH_MAX = 48
const RADIUS = 1.5

function rowsOf(prepared: PreparedBar): PlotRow[] {
  return prepared.buckets.map((_, index) => {
    const row: PlotRow = { index, compare: prepared.compareLine?.[index] ?? null }
    prepared.series.forEach((series, at) => {
      row[`bar${at}`] = series.values[index] ?? null
    })
    return row
  })
}

interface ShapeProps {
  x?: number
  y?: number
  width?: number
  height?: number
  index?: number
}

/** A part of a stack gives one pixel to the gap above it; a bar too thin for a gap keeps its height. */
function barShape(color: string, unfinishedIndex: number | null, hasGap: boolean) {
  return ({ x = 0, y = 0, width = 0, height = 0, index = 0 }: ShapeProps) => {
    const top = Math.min(y, y + height)
    const full = Math.abs(height)
    if (full === 0 || width <= 0) return <g />
    const gap = hasGap && full > 2 ? 1 : 0
    const isOpen = unfinishedIndex !== null && index >= unfinishedIndex
    return (
      <rect
        x={x}
        y={top + gap}
        width={width}
        height={full - gap}
        rx={Math.min(RADIUS, width / 2, (full - gap) / 2)}
        fill={color}
        fillOpacity={isOpen ? UNFINISHED_OPACITY : 1}
      />
    )
  }
}

const COMPARE = {
  type: 'linear',
  dataKey: 'compare',
  dot: false,
  activeDot: false,
  isAnimationActive: false,
  legendType: 'none',
} as const

/** Bars over time, stacked or side by side as the data allows. */
export function BarChart(props: ChartProps<PreparedBar>) {
  const { prepared, width, height } = props
  const theme = chartTheme(props.theme)
  if (prepared.emptyText !== null)
    return <EmptyChart text={prepared.emptyText} width={width} height={height} theme={theme} />
  const layout = layoutPlot(prepared, width, height)
  const isStacked = prepared.layout === 'stacked'
  return (
    <PlotFrame {...props} layout={layout} colors={theme} rows={rowsOf(prepared)}>
      {prepared.series.map((series, at) => (
        <Bar
          key={series.key}
          dataKey={`bar${at}`}
          stackId={isStacked ? 'stack' : undefined}
          maxBarSize={BAR_WIDTH_MAX}
          isAnimationActive={false}
          legendType="none"
          shape={barShape(
            slotColor(series.slot, theme),
            prepared.unfinishedIndex,
            isStacked && prepared.series.length > 1,
          )}
        />
      ))}
      {/* A rim in the card's colour keeps the grey line readable across the bars. */}
      {prepared.compareLine && <Line {...COMPARE} stroke={theme.card} strokeOpacity={0.8} strokeWidth={4} />}
      {prepared.compareLine && <Line {...COMPARE} stroke={theme.compare} strokeWidth={1.5} />}
    </PlotFrame>
  )
}
