import { cloneLayout, getLayoutItem, type Layout, verticalCompactor } from 'react-grid-layout/core'

export type GridKey = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown'
export const GRID_KEYS: readonly string[] = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'] satisfies GridKey[]

const ROWS_MAX = 50
const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))

/**
 * One keyboard step on the grid; pure. Arrows move a widget by a column, or past its neighbour above or below; with
 * `resize` they change its size. The answer is compacted, as after a drag. An impossible step returns the same layout.
 */
export function stepLayout(layout: Layout, id: string, key: GridKey, resize: boolean, columns: number): Layout {
  const item = getLayoutItem(layout, id)
  if (!item) return layout
  const dx = key === 'ArrowLeft' ? -1 : key === 'ArrowRight' ? 1 : 0
  const dy = key === 'ArrowUp' ? -1 : key === 'ArrowDown' ? 1 : 0
  if (resize) {
    const w = clamp(item.w + dx, item.minW ?? 1, columns - item.x)
    const h = clamp(item.h + dy, item.minH ?? 1, ROWS_MAX)
    return compact(replace(layout, id, { w, h }), columns, id)
  }
  if (dx !== 0) {
    const x = clamp(item.x + dx, 0, columns - item.w)
    return x === item.x ? layout : compact(replace(layout, id, { x }), columns, id)
  }
  return moveVertically(layout, item, dy, columns)
}

type Item = Layout[number]
type Place = Partial<Pick<Item, 'x' | 'y' | 'w' | 'h'>>

const replace = (layout: Layout, id: string, place: Place): Layout =>
  layout.map((item) => (item.i === id ? { ...item, ...place } : item))

const overlap = (a: Item, b: Item) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h

/** Whatever the moved widget lies on goes below it; the compactor then closes the gaps. */
function compact(layout: Layout, columns: number, movedId: string): Layout {
  const moved = getLayoutItem(layout, movedId)
  const settled = cloneLayout(layout).map((item) =>
    moved && item.i !== movedId && overlap(item, moved) ? { ...item, y: moved.y + moved.h } : item,
  )
  return verticalCompactor.compact(settled, columns)
}

/** Up and down swap with the nearest neighbour in the same columns: a single row would only be compacted away again. */
function moveVertically(layout: Layout, item: Item, dy: number, columns: number): Layout {
  const column = layout.filter((o) => o.i !== item.i && o.x < item.x + item.w && item.x < o.x + o.w)
  const neighbour =
    dy > 0
      ? column.filter((o) => o.y >= item.y + item.h).sort((a, b) => a.y - b.y)[0]
      : column.filter((o) => o.y + o.h <= item.y).sort((a, b) => b.y + b.h - (a.y + a.h))[0]
  if (!neighbour) return layout
  const y = dy > 0 ? neighbour.y + neighbour.h : neighbour.y
  const opened = layout.map((o) => (o.i === item.i ? { ...o, y } : o.y >= y ? { ...o, y: o.y + item.h } : o))
  return verticalCompactor.compact(cloneLayout(opened), columns)
}
