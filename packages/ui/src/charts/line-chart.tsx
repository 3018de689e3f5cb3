import { DefaultZIndexes, Line, ZIndexLayer } from 'recharts'
import { type ChartTheme, chartTheme, slotColor } from './colors'
import { type LineDot, lineDots } from './line-dots'
import { PlotFrame, type PlotRow } from './plot-frame'
import { layoutPlot } from './plot-layout'
import { EmptyChart } from './plot-parts'
import type { ChartProps, PreparedLine } from './types'

type Values = readonly (number | null)[]

/** The part that is over is solid; the dotted part starts at its last point, so that the two meet. */
function splitAt(values: Values, unfinishedIndex: number | null): { solid: Values; open: Values } {
  if (unfinishedIndex === null) return { solid: values, open: [] }
  return {
    solid: values.map((value, index) => (index < unfinishedIndex ? value : null)),
    open: values.map((value, index) => (index >= unfinishedIndex - 1 ? value : null)),
  }
}

function rowsOf(prepared: PreparedLine): PlotRow[] {
  const split = prepared.series.map((series) => splitAt(series.values, prepared.unfinishedIndex))
  return prepared.buckets.map((_, index) => {
    const row: PlotRow = { index, compare: prepared.compareLine?.[index] ?? null }
    split.forEach(({ solid, open }, at) => {
      row[`solid${at}`] = solid[index] ?? null
      row[`open${at}`] = open[index] ?? null
    })
    return row
  })
}

function Dot({ dot, theme }: { dot: LineDot; theme: ChartTheme }) {
  const color = slotColor(dot.slot, theme)
  const place = { cx: dot.cx, cy: dot.cy }
  if (dot.role === 'alone') return <circle {...place} r={2} fill={color} />
  if (dot.role === 'open') return <circle {...place} r={3.5} fill={theme.card} stroke={color} strokeWidth={2} />
  return <circle {...place} r={3.5} fill={color} stroke={theme.card} strokeWidth={1.5} />
}

const STRAIGHT = {
  type: 'linear',
  dot: false,
  isAnimationActive: false,
  connectNulls: false,
  legendType: 'none',
} as const

/** Lines over time. Straight segments only: a curve would show values nobody measured. */
export function LineChart(props: ChartProps<PreparedLine>) {
  const { prepared, width, height } = props
  const theme = chartTheme(props.theme)
  if (prepared.emptyText !== null)
    return <EmptyChart text={prepared.emptyText} width={width} height={height} theme={theme} />
  const layout = layoutPlot(prepared, width, height)
  return (
    <PlotFrame {...props} layout={layout} colors={theme} rows={rowsOf(prepared)}>
      {prepared.compareLine && (
        <Line {...STRAIGHT} dataKey="compare" stroke={theme.compare} strokeWidth={1.5} activeDot={false} />
      )}
      {prepared.series.map((series, at) => {
        const color = slotColor(series.slot, theme)
        return (
          <Line
            {...STRAIGHT}
            key={series.key}
            dataKey={`solid${at}`}
            stroke={color}
            strokeWidth={2}
            strokeLinejoin="round"
            strokeLinecap="round"
            activeDot={{ r: 4, fill: color, stroke: theme.card, strokeWidth: 2 }}
          />
        )
      })}
      {prepared.unfinishedIndex !== null &&
        prepared.series.map((series, at) => (
          <Line
            {...STRAIGHT}
            key={`open ${series.key}`}
            dataKey={`open${at}`}
            stroke={slotColor(series.slot, theme)}
            strokeWidth={2}
            strokeDasharray="2 3"
            activeDot={false}
          />
        ))}
      <ZIndexLayer zIndex={DefaultZIndexes.scatter}>
        <g className="chart-dots">
          {lineDots(prepared, layout).map((dot) => (
            <Dot key={dot.key} dot={dot} theme={theme} />
          ))}
        </g>
      </ZIndexLayer>
    </PlotFrame>
  )
}
