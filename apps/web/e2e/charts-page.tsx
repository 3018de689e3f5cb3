import { type PreparedChart, prepareChart } from '@trackable/ui/charts'
import { gapsResult, hourlyResult, OPTIONS, PLAIN, plansResult, revenueResult } from '@trackable/ui/charts/testing'
import { WidgetChart } from '@trackable/ui/charts/widget-chart'
import { createRoot } from 'react-dom/client'

/** The charts of the comparison between browser and picture worker, under the names both sides use. */
export const CHARTS: Record<string, PreparedChart> = {
  'revenue with the previous period': prepareChart('line', revenueResult(), OPTIONS),
  'plans stacked': prepareChart('bar', plansResult(), { ...OPTIONS, format: PLAIN }),
  'latency with gaps': prepareChart('line', gapsResult(), {
    ...OPTIONS,
    format: { unit: 'duration_ms', lowerIsBetter: true },
  }),
  'hours across the end of summer time': prepareChart('bar', hourlyResult(), { ...OPTIONS, format: PLAIN }),
}

export const FRAME = { width: 720, height: 280, theme: 'light' } as const

/** In the browser: draws one of them into the page. */
export function drawChart(name: string, interactive: boolean): void {
  const prepared = CHARTS[name]
  if (!prepared) throw new Error(`There is no chart "${name}".`)
  const host = document.createElement('div')
  document.body.replaceChildren(host)
  createRoot(host).render(<WidgetChart prepared={prepared} {...FRAME} interactive={interactive} />)
}
