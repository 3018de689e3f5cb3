import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineDots } from './line-dots'
import { layoutNumber } from './number-layout'
import { layoutPlot, placeEntries, spreadLabels } from './plot-layout'
import { prepareChart } from './prepare'
import { berlinDays, makeResult, OPTIONS, plansResult, revenueResult } from './testing'
import { fitText, textWidth } from './text-width'

describe('plot layout', () => {
  test('labels at the lines never overlap and stay in the plot when there is room', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 10, max: 190, noNaN: true }), { minLength: 1, maxLength: 4 }), (wanted) => {
        const ys = spreadLabels(wanted, 10, 190).sort((a, b) => a - b)
        expect(ys.every((y, index) => index === 0 || y - (ys[index - 1] ?? 0) >= 17.999)).toBe(true)
        expect(ys.every((y) => y >= 9.999 && y <= 190.001)).toBe(true)
      }),
    )
  })

  test('a legend that does not fit says how many more there are', () => {
    const entries = Array.from({ length: 30 }, (_, index) => ({
      mark: 'square' as const,
      slot: 'other' as const,
      label: `Country ${index}`,
      value: null,
    }))
    const placed = placeEntries(entries, 320)
    expect(placed.at(-1)?.label).toMatch(/^\+\d+ more$/)
    expect(placed.length - 1 + Number(placed.at(-1)?.label.match(/\d+/)?.[0])).toBe(30)
    expect(placed.every((entry) => entry.x < 320)).toBe(true)
  })

  test('a phone lists names above the plot and keeps its width for the lines', () => {
    const prepared = prepareChart('line', plansResult(), OPTIONS)
    expect(layoutPlot(prepared, 720, 260)).toMatchObject({
      entries: [],
      labels: [{ label: 'Solo' }, { label: 'Team' }, { label: 'Business' }],
    })
    const phone = layoutPlot(prepared, 326, 220)
    expect(phone.labels).toEqual([])
    expect(phone.entries.map((entry) => entry.label)).toEqual(['Solo', 'Team', 'Business'])
  })

  test('no tick label leaves the picture or touches its neighbour', () => {
    for (const width of [240, 326, 552, 1200]) {
      for (const locale of ['en-GB', 'de', 'ja', 'fr']) {
        const prepared = prepareChart('line', revenueResult(), { ...OPTIONS, locale })
        const { ticks } = layoutPlot(prepared, width, 260)
        expect(ticks.length).toBeGreaterThan(1)
        ticks.forEach((tick, index) => {
          const half = textWidth(tick.label, 12) / 2
          const before = ticks[index - 1]
          expect(tick.x - half).toBeGreaterThanOrEqual(before ? before.x + textWidth(before.label, 12) / 2 : 0)
          expect(tick.x + half).toBeLessThanOrEqual(width + 0.001)
        })
      }
    }
  })
})

describe('dots', () => {
  const edges = berlinDays('2026-11-10', 5)
  const rolesOf = (values: (number | null)[], asOf?: number) => {
    const prepared = prepareChart('line', makeResult({ edges, asOf, series: [{ label: 'x', values }] }), OPTIONS)
    return lineDots(prepared, layoutPlot(prepared, 600, 200)).map((dot) => [dot.role, dot.key.split(' ').at(-1)])
  }

  test('a value between two gaps is a dot, because a line alone would not show it', () => {
    expect(rolesOf([1, null, 3, null, 5])).toEqual([
      ['alone', '0'],
      ['alone', '2'],
      ['end', '4'],
    ])
  })

  test('the end of a bucket that is not over is hollow', () => {
    expect(rolesOf([1, 2, 3, 4, 5], (edges[4] ?? 0) + 1)).toEqual([['open', '4']])
  })
})

describe('number tile', () => {
  const prepared = prepareChart('number', revenueResult(), OPTIONS)

  test('the number always fits its tile', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 1200 }), fc.integer({ min: 40, max: 600 }), (width, height) => {
        const { fontSize, spark } = layoutNumber(prepared, width, height)
        expect(textWidth(prepared.valueText, fontSize)).toBeLessThanOrEqual(width)
        expect(fontSize).toBeGreaterThanOrEqual(16)
        expect(spark.width).toBeLessThanOrEqual(width)
      }),
    )
  })

  test('a usual tile has 28 px and its sparkline beside the number', () => {
    expect(layoutNumber(prepared, 260, 62)).toMatchObject({ fontSize: 28, spark: { place: 'side', width: 96 } })
  })
})

test('a text is cut with an ellipsis and never wider than asked', () => {
  expect(fitText('Business', 12, 200)).toBe('Business')
  expect(textWidth(fitText('A very long name of a plan', 12, 60), 12)).toBeLessThanOrEqual(60)
})
