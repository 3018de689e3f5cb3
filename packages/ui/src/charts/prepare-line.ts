import { preparePlot } from './prepare-plot'
import type { ChartResult, PreparedLine, PrepareOptions } from './types'

/** A line per series over the buckets of the range. */
export function prepareLine(result: ChartResult, options: PrepareOptions): PreparedLine {
  return { kind: 'line', ...preparePlot(result, options, 'lines') }
}
