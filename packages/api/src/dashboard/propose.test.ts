import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { guessFormat } from './format'
import { guessShape, humanName, type ProposalMetric, proposeWidgets } from './propose'
import { Widgets } from './schema'
import { GRID_COLUMNS } from './widgets/grid'

const metric = (name: string, overrides: Partial<ProposalMetric> = {}): ProposalMetric => ({
  name,
  unit: null,
  defaultAggregation: 'sum',
  tags: [],
  ...overrides,
})

function ids() {
  let next = 0
  return () => `wdg_${next++}`
}

describe('what is proposed', () => {
  test('numbers on top, the main metric over time, its parts stacked by the tag that reads best, a table', () => {
    const widgets = proposeWidgets(
      [
        metric('errors', { tags: [{ tag: 'service', valueCount: 3 }] }),
        metric('revenue', {
          unit: 'EUR',
          tags: [
            { tag: 'plan', valueCount: 3 },
            { tag: 'country', valueCount: 40 },
            { tag: 'customer', valueCount: 9000 },
          ],
        }),
        metric('signup.completed', { tags: [{ tag: 'source', valueCount: 5 }] }),
        metric('response_time', { unit: 'ms' }),
        metric('visits'),
      ],
      ids(),
    )
    expect(widgets.filter((w) => w.type === 'number').map((w) => w.title)).toHaveLength(4)
    expect(widgets[0]).toMatchObject({
      type: 'number',
      title: 'Revenue',
      format: { unit: 'currency', currency: 'EUR' },
      layout: { x: 0, y: 0 },
    })
    expect(widgets.find((w) => w.type === 'line')).toMatchObject({ metric: 'revenue', groupBy: null })
    expect(widgets.find((w) => w.type === 'bar')).toMatchObject({
      metric: 'revenue',
      groupBy: 'plan',
      aggregation: 'sum',
    })
    expect(widgets.find((w) => w.type === 'table')).toMatchObject({ metric: 'signup.completed', groupBy: 'source' })
  })

  test('one metric without tags still makes a whole dashboard', () => {
    const widgets = proposeWidgets([metric('orders')], ids())
    expect(widgets.map((w) => [w.type, w.layout.w])).toEqual([
      ['number', 12],
      ['line', 12],
    ])
  })

  test('nothing is proposed when no metric has arrived', () => {
    expect(proposeWidgets([], ids())).toEqual([])
  })

  test('levels are averaged and counts are added up', () => {
    const shape = (name: string, overrides?: Partial<ProposalMetric>) => guessShape(metric(name, overrides))
    expect(['orders', 'signup.completed', 'revenue', 'page_views'].map((name) => shape(name))).toEqual(
      Array(4).fill('count'),
    )
    expect(['response_time', 'cpu_usage', 'queue_size', 'conversion_rate'].map((name) => shape(name))).toEqual(
      Array(4).fill('gauge'),
    )
    expect(shape('anything', { unit: '%' })).toBe('gauge')
    expect(shape('orders', { defaultAggregation: 'last' })).toBe('gauge')
    expect(proposeWidgets([metric('cpu_usage')], ids())[0]?.aggregation).toBe('avg')
  })

  test('formats follow the unit, and what hurts when it grows is lower-is-better', () => {
    expect(guessFormat(metric('a', { unit: '€' }))).toEqual({ unit: 'currency', currency: 'EUR', lowerIsBetter: false })
    expect(guessFormat(metric('first_reply', { unit: 'min' }))).toEqual({
      unit: 'custom',
      suffix: 'min',
      lowerIsBetter: true,
    })
    expect(guessFormat(metric('latency_ms'))).toEqual({ unit: 'duration_ms', lowerIsBetter: true })
    expect(guessFormat(metric('cart', { unit: 'percent' }))).toEqual({ unit: 'percent', lowerIsBetter: false })
    expect(guessFormat(metric('orders'))).toEqual({ unit: 'none', lowerIsBetter: false })
  })

  test('names read as people write them', () => {
    expect(['checkout.completed', 'first_reply-minutes', 'apiLatency', 'a::b', '...'].map(humanName)).toEqual([
      'Checkout completed',
      'First reply minutes',
      'Api latency',
      'A b',
      'Metric',
    ])
  })
})

const names = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
  fc.constantFrom('revenue', 'errors', 'cpu_usage', 'orders', 'x'.repeat(200)),
)
const metrics: fc.Arbitrary<ProposalMetric[]> = fc.uniqueArray(
  fc.record({
    name: names,
    unit: fc.option(fc.string({ maxLength: 20 })),
    defaultAggregation: fc.constantFrom('sum', 'avg', 'count', 'min', 'max', 'last'),
    tags: fc.array(
      fc.record({ tag: fc.string({ unit: 'binary', minLength: 1, maxLength: 32 }), valueCount: fc.nat(100_000) }),
      { maxLength: 5 },
    ),
  }),
  { selector: (m) => m.name, maxLength: 12 },
)

test('whatever arrives, the proposal is a valid dashboard in which no two widgets overlap and rows are full', () => {
  fc.assert(
    fc.property(metrics, (given) => {
      const widgets = Widgets.parse(proposeWidgets(given, ids()))
      const cells = new Set<string>()
      for (const { layout } of widgets) {
        expect(layout.x + layout.w).toBeLessThanOrEqual(GRID_COLUMNS)
        for (let x = layout.x; x < layout.x + layout.w; x++) {
          for (let y = layout.y; y < layout.y + layout.h; y++) {
            expect(cells.has(`${x},${y}`)).toBe(false)
            cells.add(`${x},${y}`)
          }
        }
      }
      const height = Math.max(0, ...widgets.map(({ layout }) => layout.y + layout.h))
      expect(cells.size).toBe(height * GRID_COLUMNS)
    }),
    { numRuns: 500 },
  )
})
