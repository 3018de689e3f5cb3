import type { ReactElement } from 'react'
import type { ChartProps, PreparedTable } from './types'

export function TableChart(_props: ChartProps<PreparedTable>): ReactElement | null {
  return null
}
