import { type ComponentType, lazy, Suspense } from 'react'
import { NumberChart } from './number-chart'
import { TableChart } from './table-chart'
import type { ChartKind, ChartProps, PreparedBar, PreparedLine, PreparedNumber, PreparedTable } from './types'

interface PreparedOf {
  number: PreparedNumber
  line: PreparedLine
  bar: PreparedBar
  table: PreparedTable
}

// Recharts weighs about 110 kB and is only fetched for the kinds that draw with it.
const LineChart = lazy(() => import('./line-chart').then((module) => ({ default: module.LineChart })))
const BarChart = lazy(() => import('./bar-chart').then((module) => ({ default: module.BarChart })))

/** Adding a kind is one line here, one in `prepare.ts` and a component. */
const CHARTS: { [K in ChartKind]: ComponentType<ChartProps<PreparedOf[K]>> } = {
  number: NumberChart,
  line: LineChart,
  bar: BarChart,
  table: TableChart,
}

/** Draws any prepared chart. The space is held while a chart's code loads, so nothing jumps. */
export function WidgetChart(props: ChartProps) {
  // The registry pairs each kind with its own props, which TypeScript cannot follow through an index by union.
  const Chart = CHARTS[props.prepared.kind] as ComponentType<ChartProps>
  return (
    <Suspense fallback={<div style={{ width: props.width, height: props.height }} />}>
      <Chart {...props} />
    </Suspense>
  )
}
