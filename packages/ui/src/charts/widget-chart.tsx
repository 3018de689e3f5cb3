import { type ComponentType, lazy, Suspense } from 'react'
import { PlotSkeleton } from './chart-skeleton'
import { NumberChart } from './number-chart'
import { TableChart } from './table-chart'
import type { ChartKind, ChartProps, PreparedBar, PreparedLine, PreparedNumber, PreparedTable } from './types'

interface PreparedOf {
  number: PreparedNumber
  line: PreparedLine
  bar: PreparedBar
  table: PreparedTable
}

type Charts = { [K in ChartKind]: ComponentType<ChartProps<PreparedOf[K]>> }

// Recharts weighs about 110 kB and is only fetched for the kinds that draw with it.
const LOADERS = {
  line: () => import('./line-chart').then(({ LineChart }) => keep('line', LineChart)),
  bar: () => import('./bar-chart').then(({ BarChart }) => keep('bar', BarChart)),
}

/** Adding a kind is one line here, one in `prepare.ts` and a component. */
const CHARTS: Charts = {
  number: NumberChart,
  line: lazy(LOADERS.line),
  bar: lazy(LOADERS.bar),
  table: TableChart,
}

/** A chart whose code is here is drawn in the same pass as its data: a lazy component would show its fallback once more. */
function keep<K extends 'line' | 'bar'>(kind: K, chart: Charts[K]): { default: Charts[K] } {
  CHARTS[kind] = chart
  return { default: chart }
}

/** Fetches the code of these kinds while their data is on its way. */
export function preloadCharts(kinds: Iterable<ChartKind>): void {
  for (const kind of new Set(kinds)) {
    if (kind !== 'line' && kind !== 'bar') continue
    // Drawing asks again, and says what is wrong.
    LOADERS[kind]().catch(() => {})
  }
}

/** Draws any prepared chart. Where a chart's code is still on its way, its axis stands in, so nothing jumps. */
export function WidgetChart(props: ChartProps) {
  // The registry pairs each kind with its own props, which TypeScript cannot follow through an index by union.
  const Chart = CHARTS[props.prepared.kind] as ComponentType<ChartProps>
  return (
    <Suspense
      fallback={
        <div style={{ width: props.width, height: props.height }}>
          <PlotSkeleton />
        </div>
      }
    >
      <Chart {...props} />
    </Suspense>
  )
}
