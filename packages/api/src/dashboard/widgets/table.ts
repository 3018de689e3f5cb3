import { z } from 'zod'
import { groupBy, widgetBase } from './base'

/** A row per group (or per bucket when there is no group), with the change. */
export const TableWidget = z.strictObject({ type: z.literal('table'), ...widgetBase, groupBy })
