/** The widget types. A new one is a file beside this one, a member of the union below and a line in grid.ts. */
import { z } from 'zod'
import { BarWidget } from './bar'
import { LineWidget } from './line'
import { NumberWidget } from './number'
import { TableWidget } from './table'

export { WIDGET_TYPES } from './grid'

export const Widget = z.discriminatedUnion('type', [NumberWidget, LineWidget, BarWidget, TableWidget])
export type Widget = z.infer<typeof Widget>
export type WidgetType = Widget['type']
