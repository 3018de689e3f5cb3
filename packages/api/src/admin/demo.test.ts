import { describe, expect, test } from 'vitest'
import { Widgets } from '../dashboard/schema'
import { KIND_RULES } from '../metric/kinds'
import { countDemoPoints, DEMO_PRODUCTS, demoPoints } from './demo'
import { DEMO_DASHBOARDS } from './demo-dashboards'

const NOW = Date.parse('2026-11-20T17:30:00Z')
const DAY_MS = 86_400_000

function collect(name: string, metric: string, now = NOW) {
  const product = DEMO_PRODUCTS.find((p) => p.name === name)
  if (!product) throw new Error(name)
  const rows: { at: number; value: number; tags: string; id: string | undefined }[] = []
  for (const chunk of demoPoints(product, now)) {
    for (let i = 0; i < chunk.length; i++) {
      const series = chunk.series[chunk.seriesOf[i] ?? 0]
      if (series?.metric === metric)
        rows.push({ at: chunk.ts[i] ?? 0, value: chunk.value[i] ?? 0, tags: series.tags, id: chunk.ids?.[i] })
    }
  }
  return rows
}

const sumBetween = (rows: { at: number; value: number }[], from: number, to: number) =>
  rows.filter((row) => row.at >= from && row.at < to).reduce((sum, row) => sum + row.value, 0)
const daysAgo = (days: number) => Math.floor(NOW / DAY_MS) * DAY_MS - days * DAY_MS

describe('demo data', () => {
  test('is the same each time, covers a year, ends with the last whole hour and never lies in the future', () => {
    const rows = collect('Quill', 'revenue')
    expect(collect('Quill', 'revenue')).toEqual(rows)
    expect(Math.max(...rows.map((row) => row.at))).toBe(Date.parse('2026-11-20T16:00:00Z'))
    expect(NOW - Math.min(...rows.map((row) => row.at))).toBeGreaterThan(364 * DAY_MS)
  })

  test('each moment of a series has one id, and an hour later only the new hour has a new one', () => {
    const rows = collect('Quill', 'signups')
    const ids = (of: typeof rows) => new Set(of.map((row) => `${row.tags} ${row.id}`))
    expect(ids(rows).size).toBe(rows.length)
    const known = ids(rows)
    const later = collect('Quill', 'signups', NOW + 3_600_000)
    expect([...ids(later)].filter((id) => !known.has(id))).toHaveLength(4)
  })

  test('looks like a business: growth, quieter weekends, and a bad day that shows in sales and errors', () => {
    const revenue = collect('Quill', 'revenue')
    expect(sumBetween(revenue, daysAgo(30), daysAgo(0))).toBeGreaterThan(
      1.2 * sumBetween(revenue, daysAgo(360), daysAgo(330)),
    )
    expect(sumBetween(revenue, daysAgo(6), daysAgo(5))).toBeLessThan(0.8 * sumBetween(revenue, daysAgo(8), daysAgo(7)))
    const errors = collect('Quill', 'errors')
    expect(sumBetween(errors, daysAgo(9), daysAgo(8))).toBeGreaterThan(2 * sumBetween(errors, daysAgo(8), daysAgo(7)))
    expect(sumBetween(revenue, daysAgo(9), daysAgo(8))).toBeLessThan(sumBetween(revenue, daysAgo(8), daysAgo(7)))
  })

  test('values are finite, counts are whole, and the announced number of points is true', () => {
    for (const product of DEMO_PRODUCTS) {
      let count = 0
      for (const chunk of demoPoints(product, NOW)) {
        count += chunk.length
        expect(chunk.value.every((value) => Number.isFinite(value) && value >= 0)).toBe(true)
      }
      expect(count).toBe(countDemoPoints(product, NOW))
    }
    expect(collect('Quill', 'signups').every((row) => Number.isInteger(row.value))).toBe(true)
  })

  test('the catalogue says what each metric is, and nothing starts with an aggregation that its kind does not offer', () => {
    for (const metric of DEMO_PRODUCTS.flatMap((product) => product.metrics)) {
      expect(metric.description, metric.name).toMatch(/\.$/)
      expect(KIND_RULES[metric.kind].offered, metric.name).toContain(metric.aggregation)
    }
    const kindOf = (name: string) => DEMO_PRODUCTS[0].metrics.find((metric) => metric.name === name)?.kind
    expect([kindOf('errors'), kindOf('revenue'), kindOf('first_reply')]).toEqual(['count', 'count', 'distribution'])
  })

  test('the finished dashboards are valid and ask for metrics and tags that exist', () => {
    for (const { product: name, dashboard } of DEMO_DASHBOARDS) {
      const product = DEMO_PRODUCTS.find((p) => p.name === name)
      for (const widget of Widgets.parse(dashboard.widgets)) {
        const metric = product?.metrics.find((m) => m.name === widget.metric)
        expect(metric, widget.title).toBeDefined()
        if (widget.type !== 'number' && widget.groupBy)
          expect(Object.keys(metric?.tags ?? {})).toContain(widget.groupBy)
      }
    }
  })
})
