import { z } from 'zod'
import { widgetBase } from './base'

/** One number for the whole range, with its change and a sparkline. */
export const NumberWidget = z.strictObject({ type: z.literal('number'), ...widgetBase })
