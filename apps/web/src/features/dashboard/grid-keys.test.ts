import fc from 'fast-check'
import { verticalCompactor } from 'react-grid-layout/core'
import { describe, expect, test } from 'vitest'
import { GRID_KEYS, type GridKey, stepLayout } from './grid-keys'

const COLUMNS = 12
const item = fc.record({
  x: fc.integer({ min: 0, max: 11 }),
  y: fc.integer({ min: 0, max: 30 }),
  w: fc.integer({ min: 1, max: 12 }),
  h: fc.integer({ min: 1, max: 8 }),
})
const layouts = fc.array(item, { minLength: 1, maxLength: 12 }).map((items) =>
  verticalCompactor.compact(
    items.map((it, i) => ({ ...it, i: String(i), w: Math.min(it.w, COLUMNS - it.x), minW: 1, minH: 1 })),
    COLUMNS,
  ),
)
const step = fc.record({ id: fc.nat(11), key: fc.constantFrom(...(GRID_KEYS as GridKey[])), resize: fc.boolean() })

describe('moving widgets by keyboard', () => {
  test('after any number of steps nothing overlaps, leaves the grid or is lost', () => {
    fc.assert(
      fc.property(layouts, fc.array(step, { maxLength: 40 }), (start, steps) => {
        let layout = start
        for (const s of steps) layout = stepLayout(layout, String(s.id), s.key, s.resize, COLUMNS)
        expect(layout.map((o) => o.i).sort()).toEqual(start.map((o) => o.i).sort())
        for (const a of layout) {
          expect(a.x >= 0 && a.y >= 0 && a.w >= 1 && a.h >= 1 && a.x + a.w <= COLUMNS).toBe(true)
          for (const b of layout) {
            if (a.i === b.i) continue
            expect(a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h).toBe(false)
          }
        }
      }),
      { numRuns: 250 },
    )
  })

  test('right moves by a column, down swaps with the neighbour below, shift grows', () => {
    const layout = [
      { i: 'a', x: 0, y: 0, w: 4, h: 3 },
      { i: 'b', x: 0, y: 3, w: 4, h: 3 },
    ]
    const place = (l: typeof layout | ReturnType<typeof stepLayout>, id: string) => l.find((o) => o.i === id)
    expect(place(stepLayout(layout, 'a', 'ArrowRight', false, COLUMNS), 'a')).toMatchObject({ x: 1 })
    const swapped = stepLayout(layout, 'a', 'ArrowDown', false, COLUMNS)
    expect(place(swapped, 'a')).toMatchObject({ y: 3 })
    expect(place(swapped, 'b')).toMatchObject({ y: 0 })
    expect(place(stepLayout(layout, 'a', 'ArrowRight', true, COLUMNS), 'a')).toMatchObject({ w: 5 })
    expect(stepLayout(layout, 'a', 'ArrowUp', false, COLUMNS)).toBe(layout)
  })
})
