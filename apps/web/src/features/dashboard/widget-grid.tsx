import { GRID_COLUMNS, GRID_GAP_PX, GRID_ROW_PX, type Widget } from '@trackable/api/client'
import { cn } from '@trackable/ui/cn'
import { type KeyboardEvent, type ReactNode, useState } from 'react'
import { GridLayout, type Layout } from 'react-grid-layout'
import { GRID_KEYS, type GridKey, stepLayout } from './grid-keys'
import { inReadingOrder, toLayout, withLayout } from './layout'
import './widget-grid.css'

const GRID = {
  cols: GRID_COLUMNS,
  rowHeight: GRID_ROW_PX,
  margin: [GRID_GAP_PX, GRID_GAP_PX] as const,
  containerPadding: [0, 0] as const,
}

export interface WidgetGridProps {
  widgets: Widget[]
  /** Null until it was measured: nothing is drawn that would jump then. */
  width: number | null
  isArranging: boolean
  onArrange: (widgets: Widget[], label: string) => void
  children: (widget: Widget, onArrange: ((event: KeyboardEvent) => void) | undefined) => ReactNode
}

/** Below this width a quarter of the grid is too narrow for a number: one column then, number tiles two. */
export const COLUMN_BELOW_PX = 700

/** Twelve columns on a desk, where widgets are dragged and resized by mouse, touch or keys; a single column on a phone. */
export function WidgetGrid({ width, ...props }: WidgetGridProps) {
  if (width === null) return null
  return width < COLUMN_BELOW_PX ? <Column {...props} /> : <Grid {...props} width={width} />
}

type DrawnGridProps = Omit<WidgetGridProps, 'width'>

function Column({ widgets, children }: DrawnGridProps) {
  return (
    <div className="grid grid-cols-2 gap-3">
      {inReadingOrder(widgets).map((widget) => (
        <div
          key={widget.id}
          className={cn(widget.type === 'number' ? 'col-span-1 h-40' : 'col-span-2', heightOnPhone(widget))}
        >
          {children(widget, undefined)}
        </div>
      ))}
    </div>
  )
}

function heightOnPhone(widget: Widget): string {
  if (widget.type === 'number') return ''
  return widget.type === 'table' ? 'h-84' : 'h-72'
}

function Grid({ widgets, isArranging, onArrange, children, width }: DrawnGridProps & { width: number }) {
  const [spoken, setSpoken] = useState('')
  const layout = toLayout(widgets)

  const settle = (next: Layout, id: string | undefined, verb: string) => {
    const moved = withLayout(widgets, next)
    if (moved === widgets) return
    const title = widgets.find((widget) => widget.id === id)?.title ?? 'widget'
    onArrange(moved, `${verb} ${title}`)
  }
  const step = (widget: Widget, event: KeyboardEvent) => {
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
        dragConfig={{ enabled: isArranging, handle: '.widget-handle', threshold: 3 }}
        resizeConfig={{ enabled: isArranging, handles: ['se'] }}
        onDragStop={(next, _old, item) => settle(next, item?.i, 'Moved')}
        onResizeStop={(next, _old, item) => settle(next, item?.i, 'Resized')}
        className={cn('widget-grid', isArranging && 'is-arranging')}
      >
        {inReadingOrder(widgets).map((widget) => (
          <div key={widget.id}>{children(widget, isArranging ? (event) => step(widget, event) : undefined)}</div>
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
