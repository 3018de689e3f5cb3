import { Line } from 'recharts'
import { type ChartTheme, chartTheme, slotColor } from './colors'
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

/** Indices of values between two gaps, which a line alone would not show. */
function isolatedIn(values: Values): Set<number> {
  const isGap = (index: number) => (values[index] ?? null) === null
  return new Set(
    values.flatMap((value, index) => (value !== null && isGap(index - 1) && isGap(index + 1) ? [index] : [])),
  )
}

function lastIndexIn(values: Values): number {
  return values.reduce<number>((last, value, index) => (value === null ? last : index), -1)
}

interface DotProps {
  cx?: number
  cy?: number
  index?: number
}

/** Filled where a series ends, hollow where its last bucket is not over. */
function endDot(values: Values, isOpenPart: boolean, unfinishedIndex: number | null, color: string, theme: ChartTheme) {
  const last = lastIndexIn(values)
  const isolated = isolatedIn(values)
  const isHollow = unfinishedIndex !== null && last >= unfinishedIndex
  return ({ cx, cy, index = -1 }: DotProps) => {
    const key = `dot${index}`
    if (index === last && isOpenPart === isHollow) {
      return (
        <circle
          key={key}
          cx={cx}
          cy={cy}
          r={3.5}
          fill={isHollow ? theme.card : color}
          stroke={isHollow ? color : theme.card}
          strokeWidth={isHollow ? 2 : 1.5}
        />
      )
    }
    if (!isOpenPart && isolated.has(index)) return <circle key={key} cx={cx} cy={cy} r={2} fill={color} />
    return <g key={key} />
  }
}

const STRAIGHT = { type: 'linear', isAnimationActive: false, connectNulls: false, legendType: 'none' } as const

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
        <Line {...STRAIGHT} dataKey="compare" stroke={theme.compare} strokeWidth={1.5} dot={false} activeDot={false} />
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
            dot={endDot(series.values, false, prepared.unfinishedIndex, color, theme)}
            activeDot={{ r: 4, fill: color, stroke: theme.card, strokeWidth: 2 }}
          />
        )
      })}
      {prepared.unfinishedIndex !== null &&
        prepared.series.map((series, at) => {
          const color = slotColor(series.slot, theme)
          return (
            <Line
              {...STRAIGHT}
              key={`open ${series.key}`}
              dataKey={`open${at}`}
              stroke={color}
              strokeWidth={2}
              strokeDasharray="2 3"
              dot={endDot(series.values, true, prepared.unfinishedIndex, color, theme)}
              activeDot={false}
            />
          )
        })}
    </PlotFrame>
  )
}
