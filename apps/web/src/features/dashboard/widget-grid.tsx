import { GRID_COLUMNS, type Widget } from '@trackable/api/client'
import { type CSSProperties, type KeyboardEvent, lazy, type ReactNode, Suspense } from 'react'
import { verticalCompactor } from 'react-grid-layout/core'
import { inReadingOrder, toLayout, withLayout } from './layout'
import './widget-grid.css'

const ArrangeGrid = lazy(() => import('./arrange-grid'))

/** Below this width a quarter of the grid is too narrow for a number: one column then. widget-grid.css says the same. */
export const COLUMN_BELOW_PX = 700

export type ArrangeKeyEvent = KeyboardEvent<HTMLElement>

export interface WidgetGridProps {
  widgets: Widget[]
  /** Of the place that the grid stands in; only arranging has to know it. */
  width: number | null
  isArranging: boolean
  onArrange: (widgets: Widget[], label: string) => void
  children: (widget: Widget, onArrange: ((event: ArrangeKeyEvent) => void) | undefined) => ReactNode
}

/** Twelve columns on a desk, a single one on a phone. What only looks is laid out by the style sheet, so nothing jumps. */
export function WidgetGrid({ width, isArranging, ...props }: WidgetGridProps) {
  const still = <StillGrid {...props} />
  if (!isArranging || width === null) return still
  return (
    <Suspense fallback={still}>
      <ArrangeGrid {...props} width={width} />
    </Suspense>
  )
}

function StillGrid({ widgets, children }: Pick<WidgetGridProps, 'widgets' | 'children'>) {
  // Closes the gaps that a removed widget left, as the grid does while it is arranged.
  const settled = withLayout(widgets, verticalCompactor.compact(toLayout(widgets), GRID_COLUMNS))
  return (
    <div className="widget-board">
      <div className="widget-list">
        {inReadingOrder(settled).map((widget) => (
          <div key={widget.id} data-type={widget.type} style={placeOf(widget)}>
            {children(widget, undefined)}
          </div>
        ))}
      </div>
    </div>
  )
}

/** Read by widget-grid.css. */
function placeOf({ layout: { x, y, w, h } }: Widget): CSSProperties {
  return { '--x': x + 1, '--y': y + 1, '--w': w, '--h': h } as CSSProperties
}
