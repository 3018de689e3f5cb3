import { GRID_COLUMNS, WIDGET_TYPES, type Widget, type WidgetLayout, type WidgetType } from '@trackable/api/client'
import type { Layout } from 'react-grid-layout/core'

/** The widgets as the grid library wants them. */
export function toLayout(widgets: readonly Widget[]): Layout {
  return widgets.map(({ id, type, layout }) => {
    const { minW, minH } = WIDGET_TYPES[type].size
    return { i: id, ...layout, minW: Math.min(minW, layout.w), minH: Math.min(minH, layout.h) }
  })
}

/** Puts the places of a layout back on the widgets. Answers the same array when nothing moved. */
export function withLayout(widgets: Widget[], layout: Layout): Widget[] {
  let hasChanged = false
  const next = widgets.map((widget) => {
    const item = layout.find(({ i }) => i === widget.id)
    if (!item) return widget
    const { x, y, w, h } = item
    if (isSamePlace(widget.layout, { x, y, w, h })) return widget
    hasChanged = true
    return { ...widget, layout: { x, y, w, h } }
  })
  return hasChanged ? next : widgets
}

const isSamePlace = (a: WidgetLayout, b: WidgetLayout) => a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h

/** The first free place for a new widget, from the top: beside others where it fits, else below everything. */
export function findPlace(widgets: readonly Widget[], type: WidgetType): WidgetLayout {
  const { w, h } = WIDGET_TYPES[type].size
  const bottom = Math.max(0, ...widgets.map(({ layout }) => layout.y + layout.h))
  for (let y = 0; y < bottom; y++) {
    for (let x = 0; x + w <= GRID_COLUMNS; x++) {
      const isFree = widgets.every(({ layout: o }) => x >= o.x + o.w || o.x >= x + w || y >= o.y + o.h || o.y >= y + h)
      if (isFree) return { x, y, w, h }
    }
  }
  return { x: 0, y: bottom, w, h }
}

/** Reading order: the order of tab stops, and of the single column on a phone. */
export function inReadingOrder(widgets: readonly Widget[]): Widget[] {
  return [...widgets].sort((a, b) => a.layout.y - b.layout.y || a.layout.x - b.layout.x)
}

/** A widget's id is made here, so that it can be shown before it is stored. */
export function newWidgetId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10))
  return `wdg_${Array.from(bytes, (byte) => byte.toString(36).padStart(2, '0')).join('')}`
}
