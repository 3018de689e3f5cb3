import { isAdditive, preparePlot } from './prepare-plot'
import type { ChartResult, PreparedBar, PrepareOptions } from './types'

/** A bar per bucket; grouped data stacks when its parts add up, and stands side by side when they do not. */
export function prepareBar(result: ChartResult, options: PrepareOptions): PreparedBar {
  const layout = isAdditive(result.aggregation) ? 'stacked' : 'grouped'
  return { kind: 'bar', layout, ...preparePlot(result, options, layout) }
}
