import { z } from 'zod'
import { groupBy, type WidgetDefinition, widgetBase } from './base'

/** Values over time as bars, stacked by group. */
export const BarWidget = z.strictObject({ type: z.literal('bar'), ...widgetBase, groupBy })

export const barDefinition: WidgetDefinition = { label: 'Bar', size: { w: 6, h: 7, minW: 3, minH: 5 } }
