import { GRID_COLUMNS, GRID_GAP_PX, GRID_ROW_PX, type Widget } from '@trackable/api/client'
import { useState } from 'react'
import { GridLayout, type Layout } from 'react-grid-layout'
import { GRID_KEYS, type GridKey, stepLayout } from './grid-keys'
import { inReadingOrder, toLayout, withLayout } from './layout'
import type { ArrangeKeyEvent, WidgetGridProps } from './widget-grid'

const GRID = {
  cols: GRID_COLUMNS,
  rowHeight: GRID_ROW_PX,
  margin: [GRID_GAP_PX, GRID_GAP_PX] as const,
  containerPadding: [0, 0] as const,
}

export interface ArrangeGridProps extends Pick<WidgetGridProps, 'widgets' | 'onArrange' | 'children'> {
  width: number
}

/** The same grid while it is arranged: widgets are dragged and resized by mouse, touch or keys. Loaded when it is needed. */
export default function ArrangeGrid({ widgets, onArrange, children, width }: ArrangeGridProps) {
  const [spoken, setSpoken] = useState('')
  const layout = toLayout(widgets)

  const settle = (next: Layout, id: string | undefined, verb: string) => {
    const moved = withLayout(widgets, next)
    if (moved === widgets) return
    const title = widgets.find((widget) => widget.id === id)?.title ?? 'widget'
    onArrange(moved, `${verb} ${title}`)
  }
  const step = (widget: Widget, event: ArrangeKeyEvent) => {
    if (event.target !== event.currentTarget || !GRID_KEYS.includes(event.key)) return
    event.preventDefault()
    const next = stepLayout(layout, widget.id, event.key as GridKey, event.shiftKey, GRID_COLUMNS)
    const place = next.find(({ i }) => i === widget.id)
    settle(next, widget.id, event.shiftKey ? 'Resized' : 'Moved')
    if (place) setSpoken(describePlace(widget.title, place))
  }
  return (
    <>
      {/* The drag library adds a style element unless one of this id is there; our own style sheet holds its rule. */}
      <span id="react-draggable-style-el" hidden />
      <GridLayout
        width={width}
        layout={layout}
        gridConfig={GRID}
        dragConfig={{ enabled: true, handle: '.widget-handle', threshold: 3 }}
        resizeConfig={{ enabled: true, handles: ['se'] }}
        onDragStop={(next, _old, item) => settle(next, item?.i, 'Moved')}
        onResizeStop={(next, _old, item) => settle(next, item?.i, 'Resized')}
        className="widget-grid"
      >
        {inReadingOrder(widgets).map((widget) => (
          <div key={widget.id}>{children(widget, (event) => step(widget, event))}</div>
        ))}
      </GridLayout>
      <p role="status" className="sr-only">
        {spoken}
      </p>
    </>
  )
}

function describePlace(title: string, place: Layout[number]): string {
  return `${title}: column ${place.x + 1}, row ${place.y + 1}, ${place.w} wide, ${place.h} high`
}
