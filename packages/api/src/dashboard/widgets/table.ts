import { z } from 'zod'
import { groupBy, type WidgetDefinition, widgetBase } from './base'

/** A row per group (or per bucket when there is no group), with the change. */
export const TableWidget = z.strictObject({ type: z.literal('table'), ...widgetBase, groupBy })

export const tableDefinition: WidgetDefinition = { label: 'Table', size: { w: 6, h: 7, minW: 3, minH: 4 } }
