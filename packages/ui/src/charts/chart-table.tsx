import type { ReactElement } from 'react'
import type { PreparedChart, ThemeName } from './types'

export interface ChartTableProps {
  prepared: PreparedChart
  theme: ThemeName
}

export function ChartTable(_props: ChartTableProps): ReactElement | null {
  return null
}
