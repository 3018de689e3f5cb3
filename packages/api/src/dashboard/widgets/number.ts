import { z } from 'zod'
import { type WidgetDefinition, widgetBase } from './base'

/** One number for the whole range, with its change and a sparkline. */
export const NumberWidget = z.strictObject({ type: z.literal('number'), ...widgetBase })

export const numberDefinition: WidgetDefinition = { label: 'Number', size: { w: 3, h: 3, minW: 2, minH: 3 } }
