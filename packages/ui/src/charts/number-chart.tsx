import type { ReactElement } from 'react'
import type { ChartProps, PreparedNumber } from './types'

export function NumberChart(_props: ChartProps<PreparedNumber>): ReactElement | null {
  return null
}
