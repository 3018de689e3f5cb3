import { z } from 'zod'
import { groupBy, widgetBase } from './base'

/** Values over time, one line per group. */
export const LineWidget = z.strictObject({ type: z.literal('line'), ...widgetBase, groupBy })
