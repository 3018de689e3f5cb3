import type { ReactNode } from 'react'
import { CartesianGrid, ComposedChart, ReferenceLine, Tooltip, XAxis, YAxis } from 'recharts'
import { ChartTooltip } from './chart-tooltip'
import type { ChartTheme } from './colors'
import type { PlotLayout } from './plot-layout'
import { DirectLabels, PlotLegend, xTick, yTick } from './plot-parts'
import type { ChartProps, PreparedBar, PreparedLine } from './types'

/** A row of the drawing: the bucket index and one value per data key. */
export type PlotRow = { index: number } & Record<string, number | null>

interface PlotFrameProps extends ChartProps<PreparedLine | PreparedBar> {
  layout: PlotLayout
  colors: ChartTheme
  rows: PlotRow[]
  children: ReactNode
}

interface BandCursorProps {
  bandWidth: number
  color: string
  /** The hair line through the bucket, from the library. */
  points?: readonly { x: number; y: number }[]
}

/** Bars stand in a band, and a hair line would cut through them. */
function BandCursor({ bandWidth, color, points }: BandCursorProps) {
  const [top, bottom] = points ?? []
  if (!top || !bottom) return null
  return (
    <rect
      x={top.x - bandWidth / 2}
      y={top.y}
      width={bandWidth}
      height={bottom.y - top.y}
      fill={color}
      fillOpacity={0.07}
      pointerEvents="none"
    />
  )
}

/** Axes, grid, legend and tooltip that lines and bars share. */
export function PlotFrame({ prepared, width, height, interactive, layout, colors, rows, children }: PlotFrameProps) {
  const { plot } = layout
  const yLabels = new Map(prepared.y.ticks.map((tick) => [tick.at, tick.label]))
  const isBar = prepared.kind === 'bar'
  return (
    <ComposedChart
      width={width}
      height={height}
      data={rows}
      margin={{ top: plot.top, right: width - plot.right, bottom: 0, left: 0 }}
      accessibilityLayer={interactive}
      barCategoryGap="16.7%"
      barGap={1}
      stackOffset="sign"
      role={interactive ? 'application' : 'img'}
      aria-label={prepared.summary}
      aria-roledescription={interactive ? 'chart, arrow keys step through the values' : undefined}
      style={{ overflow: 'visible', outlineOffset: 2 }}
    >
      <CartesianGrid vertical={false} stroke={colors.grid} syncWithTicks />
      <XAxis
        dataKey="index"
        type="category"
        scale="band"
        height={22}
        ticks={layout.ticks.map((tick) => tick.index)}
        interval={0}
        tickLine={false}
        axisLine={{ stroke: colors.axis }}
        tick={xTick(layout, colors)}
      />
      <YAxis
        type="number"
        width={plot.left}
        domain={prepared.y.domain}
        ticks={prepared.y.ticks.map((tick) => tick.at)}
        interval={0}
        allowDataOverflow
        tickLine={false}
        axisLine={false}
        tick={yTick(layout, colors, yLabels)}
      />
      {prepared.y.domain[0] < 0 && prepared.y.domain[1] > 0 && <ReferenceLine y={0} stroke={colors.axis} />}
      {children}
      <PlotLegend entries={layout.entries} theme={colors} />
      <DirectLabels labels={layout.labels} x={layout.labelX} theme={colors} />
      {interactive && (
        <Tooltip
          isAnimationActive={false}
          offset={12}
          cursor={
            isBar ? (
              <BandCursor bandWidth={layout.bandWidth} color={colors.text} />
            ) : (
              { stroke: colors.axis, strokeWidth: 1 }
            )
          }
          wrapperStyle={{ zIndex: 20, outline: 'none' }}
          allowEscapeViewBox={{ x: false, y: true }}
          content={({ active, label }) =>
            active ? (
              <ChartTooltip prepared={prepared} index={Number(label)} theme={colors} width={width - plot.left} />
            ) : null
          }
        />
      )}
    </ComposedChart>
  )
}
