import { z } from 'zod'
import { groupBy, widgetBase } from './base'

/** Values over time as bars, stacked by group. */
export const BarWidget = z.strictObject({ type: z.literal('bar'), ...widgetBase, groupBy })
