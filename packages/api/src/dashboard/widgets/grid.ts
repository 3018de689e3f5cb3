/** Measures of the grid and of the widget types. Free of schemas, so that a page that only draws loads no schema library. */
import type { WidgetType } from './index'

export const GRID_COLUMNS = 12
/**
 * A grid row is 28 px high and 16 px from the next, so `h` rows are `28 h + 16 (h - 1)` px: a number tile of 3 is the
 * 116 px that its label, hero number and delta need inside a card, a chart of 7 is 292 px. The pages that draw the grid
 * take both figures from here.
 */
export const GRID_ROW_PX = 28
export const GRID_GAP_PX = 16

/** What the registry knows about a type beside its schema: smallest and initial size in grid units. */
export interface WidgetDefinition {
  label: string
  size: { w: number; h: number; minW: number; minH: number }
}

export const WIDGET_TYPES: Record<WidgetType, WidgetDefinition> = {
  number: { label: 'Number', size: { w: 3, h: 3, minW: 2, minH: 3 } },
  line: { label: 'Line', size: { w: 8, h: 7, minW: 3, minH: 5 } },
  bar: { label: 'Bar', size: { w: 6, h: 7, minW: 3, minH: 5 } },
  table: { label: 'Table', size: { w: 6, h: 7, minW: 3, minH: 4 } },
}
