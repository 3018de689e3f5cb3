import { prepareBar } from './prepare-bar'
import { prepareLine } from './prepare-line'
import { prepareNumber } from './prepare-number'
import { prepareTable } from './prepare-table'
import type {
  ChartKind,
  ChartResult,
  PreparedBar,
  PreparedChart,
  PreparedLine,
  PreparedNumber,
  PreparedTable,
  PrepareOptions,
} from './types'

interface PreparedOf {
  number: PreparedNumber
  line: PreparedLine
  bar: PreparedBar
  table: PreparedTable
}

const PREPARE: { [K in ChartKind]: (result: ChartResult, options: PrepareOptions) => PreparedOf[K] } = {
  number: prepareNumber,
  line: prepareLine,
  bar: prepareBar,
  table: prepareTable,
}

/** Turns a query result into what a chart of this kind draws. Pure; the answer is plain JSON. */
export function prepareChart<K extends ChartKind>(kind: K, result: ChartResult, options: PrepareOptions): PreparedOf[K]
export function prepareChart(kind: ChartKind, result: ChartResult, options: PrepareOptions): PreparedChart {
  return PREPARE[kind](result, options)
}
