/** The widget types. A new one is a file beside this one and a line in each of the two tables. */
import { z } from 'zod'
import { BarWidget, barDefinition } from './bar'
import type { WidgetDefinition } from './base'
import { LineWidget, lineDefinition } from './line'
import { NumberWidget, numberDefinition } from './number'
import { TableWidget, tableDefinition } from './table'

export const Widget = z.discriminatedUnion('type', [NumberWidget, LineWidget, BarWidget, TableWidget])
export type Widget = z.infer<typeof Widget>
export type WidgetType = Widget['type']

export const WIDGET_TYPES: Record<WidgetType, WidgetDefinition> = {
  number: numberDefinition,
  line: lineDefinition,
  bar: barDefinition,
  table: tableDefinition,
}
