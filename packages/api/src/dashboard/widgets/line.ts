import { z } from 'zod'
import { groupBy, type WidgetDefinition, widgetBase } from './base'

/** Values over time, one line per group. */
export const LineWidget = z.strictObject({ type: z.literal('line'), ...widgetBase, groupBy })

export const lineDefinition: WidgetDefinition = { label: 'Line', size: { w: 8, h: 7, minW: 3, minH: 5 } }
