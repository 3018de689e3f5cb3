import { describe, expect, test } from 'vitest'
import { notesOf } from './notes'
import { prepareChart } from './prepare'
import { tableViewOf } from './table-view'
import {
  berlinDays,
  DAY,
  gapsResult,
  hourlyResult,
  makeResult,
  OPTIONS,
  PLAIN,
  plansResult,
  revenueResult,
} from './testing'
import { textWidth } from './text-width'
import type { Aggregation, ChartKind } from './types'

const EDGES = berlinDays('2026-11-10', 3)
const COMPARE_EDGES = berlinDays('2026-11-07', 3)
const one = (values: (number | null)[], previous?: (number | null)[]) =>
  makeResult({ edges: EDGES, compareEdges: COMPARE_EDGES, series: [{ label: 'signups', values, previous }] })

function countries(count: number, aggregation: Aggregation = 'sum') {
  const series = Array.from({ length: count }, (_, index) => ({
    label: `C${index}`,
    tags: { country: `C${index}` },
    values: [index + 1, index + 1, null],
    previous: [1, 1, 1],
  }))
  return makeResult({ edges: EDGES, compareEdges: COMPARE_EDGES, aggregation, series })
}

describe('all kinds', () => {
  const kinds: ChartKind[] = ['number', 'line', 'bar', 'table']

  test.each(kinds)('%s: survives the way to a worker as JSON', (kind) => {
    for (const result of [revenueResult(), plansResult(), gapsResult(), hourlyResult()]) {
      const prepared = prepareChart(kind, result, OPTIONS)
      expect(JSON.parse(JSON.stringify(prepared))).toEqual(prepared)
    }
  })

  test.each(kinds)('%s: says so when there is no data, and since when', (kind) => {
    const { emptyText } = prepareChart(
      kind,
      { ...one([null, null, null]), total: null, lastPointAt: EDGES[0] ?? 0 },
      OPTIONS,
    )
    expect(emptyText).toBe('No data in this range. Last point on 10 Nov')
    expect(prepareChart(kind, { ...one([null]), total: null, lastPointAt: null }, OPTIONS).emptyText).toBe(
      'No data yet',
    )
  })

  test.each(kinds)('%s: copes with a range that has not begun, and with a previous period of no length', (kind) => {
    const asOf = (EDGES[0] ?? 0) - 2 * DAY
    const future = { ...one([null, null, null], [null]), asOf, total: null, lastPointAt: asOf }
    const from = COMPARE_EDGES[0] ?? 0
    const nothing = { from, to: from, edges: [from], series: [], total: null }
    for (const compare of [null, nothing]) {
      const prepared = prepareChart(kind, { ...future, compare }, OPTIONS)
      expect(prepared.emptyText).toBe('No data in this range. Last point on 8 Nov')
      expect(JSON.stringify(prepared)).not.toMatch(/NaN|Invalid|undefined/)
    }
  })
})

describe('lines and bars', () => {
  test('a missing bucket stays missing, also in a sum of series', () => {
    expect(prepareChart('line', one([1, null, 3]), OPTIONS).series[0]?.values).toEqual([1, null, 3])
    expect(prepareChart('bar', countries(10), OPTIONS).series.at(-1)?.values).toEqual([3, 3, null])
  })

  test('the previous period is aligned by bucket index, whatever its length', () => {
    const { series, buckets } = prepareChart('line', one([1, 2, 3], [7, 8]), OPTIONS)
    expect(series[0]?.previous).toEqual([7, 8, null])
    expect(buckets.map((bucket) => bucket.compareTitle)).toEqual(['Sat 7 Nov', 'Sun 8 Nov', 'Mon 9 Nov'])
  })

  test('the bucket that contains now is unfinished', () => {
    const prepared = prepareChart('line', revenueResult(), OPTIONS)
    expect(prepared.unfinishedIndex).toBe(29)
    expect(prepared.legendEntries.at(-1)).toMatchObject({ mark: 'dotted', label: 'Today so far' })
    expect(prepareChart('line', one([1, 2, 3]), OPTIONS).unfinishedIndex).toBeNull()
  })

  test('one series has no legend, up to four are labelled at the line, more have rows', () => {
    expect(prepareChart('line', one([1, 2, 3]), OPTIONS).legend).toBe('none')
    expect(prepareChart('line', countries(4), OPTIONS).legend).toBe('direct')
    expect(prepareChart('line', countries(5), OPTIONS).legend).toBe('rows')
  })

  test('beyond eight series the biggest keep their colours and the rest is one grey sum', () => {
    const { series } = prepareChart('bar', countries(11), OPTIONS)
    expect(series.map((each) => each.label)).toEqual(['C10', 'C9', 'C8', 'C7', 'C6', 'C5', 'C4', 'C3', 'Other'])
    expect(new Set(series.slice(0, 8).map((each) => each.slot)).size).toBe(8)
    expect(series.at(-1)).toMatchObject({ slot: 'other', total: 12, previousTotal: 9 })
  })

  test('averages of the rest are left out and counted, because they cannot be added', () => {
    const prepared = prepareChart('bar', countries(11, 'avg'), OPTIONS)
    expect(prepared.series).toHaveLength(8)
    expect(prepared.note).toBe('3 more series not shown')
    expect(prepared.layout).toBe('grouped')
  })

  test('a stack fits its axis, and no line of the previous period crosses it', () => {
    const prepared = prepareChart('bar', countries(3), OPTIONS)
    expect(prepared.layout).toBe('stacked')
    expect(prepared.y.domain).toEqual([0, 6])
    expect(prepared.compareLine).toBeNull()
    expect(prepareChart('bar', countries(1), OPTIONS).compareLine).toEqual([1, 1, 1])
    expect(prepareChart('line', countries(3), OPTIONS).compareLine).toBeNull()
  })

  test('the hour that happens twice is told apart by its offset', () => {
    const hour = 3_600_000
    const from = Date.parse('2026-10-24T23:00:00Z')
    const edges = Array.from({ length: 5 }, (_, index) => from + index * hour)
    const result = makeResult({ edges, granularity: 'hour', series: [{ label: 'x', values: [1, 2, 3, 4] }] })
    expect(prepareChart('line', result, OPTIONS).buckets.map((bucket) => bucket.title)).toEqual([
      'Sun 25 Oct, 01:00',
      'Sun 25 Oct, 02:00 GMT+2',
      'Sun 25 Oct, 02:00 GMT+1',
      'Sun 25 Oct, 03:00',
    ])
  })

  test('the summary tells range, total, change, lowest and highest, without the unfinished day', () => {
    const { summary } = prepareChart('line', revenueResult(), OPTIONS)
    expect(summary).toMatch(
      /^Revenue by day, 22 Oct – 20 Nov by day: €[\d,]+, \+[\d.]+% against 22 Sept – 21 Oct, lowest €[\d,]+ \(.+\), highest €[\d,]+ \(.+\)\.$/,
    )
    expect(summary).not.toContain('5,210')
  })
})

describe('what has to be known about the figures', () => {
  const HOUR = 3_600_000
  const asOf = EDGES[3] ?? 0
  const freshness = { lastPointAt: asOf - 3 * HOUR, cadenceMs: HOUR, lateAfterMs: 2 * HOUR }

  test('points that stopped coming are late by their own rhythm, as soon as they are', () => {
    const result = { ...one([1, 2, 3]), asOf, freshness }
    expect(notesOf(result)).toEqual([
      { code: 'late', text: 'Late: last point 3 h ago, expected hourly.', isWarning: true },
    ])
    expect(notesOf(result, asOf - HOUR)).toEqual([])
    expect(notesOf(result, asOf - HOUR + 1)).toHaveLength(1)
    expect(notesOf({ ...result, freshness: { ...freshness, lateAfterMs: null } })).toEqual([])
    expect(notesOf(one([1, 2, 3]))).toEqual([])
  })

  test.each(['number', 'line', 'bar', 'table'] as const)('%s: the summary says all of it', (kind) => {
    const warnings = [{ code: 'approximate', detail: 'Each is within 1 %.' }]
    const result = { ...one([1, 2, 3]), asOf, freshness, warnings }
    expect(notesOf(result)[1]).toMatchObject({ text: 'Each is within 1 %.', isWarning: false })
    expect(prepareChart(kind, result, OPTIONS).summary).toMatch(
      /\. Late: last point 3 h ago, expected hourly\. Each is within 1 %\.$/,
    )
  })
})

describe('number', () => {
  test('carries value, change and what it was', () => {
    const prepared = prepareChart('number', one([100, 100, 113], [100, 100, 100]), { ...OPTIONS, format: PLAIN })
    expect(prepared).toMatchObject({
      valueText: '313',
      previousText: '300',
      delta: { text: '+4.3%', tone: 'good' },
      spark: [100, 100, 113],
    })
  })

  test('tells its age when the newest point is too old', () => {
    const result = { ...one([1, 2, 3]), lastPointAt: (EDGES[3] ?? 0) - 26 * 3_600_000 }
    expect(prepareChart('number', result, { ...OPTIONS, staleAfterMs: DAY }).staleText).toBe('26 h old')
    expect(prepareChart('number', result, OPTIONS).staleText).toBeNull()
  })

  test('averages of groups have no common shape', () => {
    expect(prepareChart('number', gapsResult(), OPTIONS).spark).toEqual([])
  })
})

describe('table', () => {
  test('the heads are the names of metric and tag as people write them, short enough for a column', () => {
    const heads = (metric: string, tag = 'country') => {
      const series = ['a', 'b'].map((label) => ({ label, tags: { [tag]: label }, values: [1, 2, 3] }))
      const { labelHead, valueHead } = prepareChart('table', makeResult({ metric, edges: EDGES, series }), OPTIONS)
      return [labelHead, valueHead]
    }
    expect(heads('revenue')).toEqual(['Country', 'Revenue'])
    expect(heads('checkout.completed', 'billing_country')).toEqual(['Billing country', 'Checkout completed'])
    expect(heads('apiLatency')[1]).toBe('Api latency')
    expect(heads('...')[1]).toBe('Value')
    expect(textWidth(heads('very.'.repeat(40))[1] ?? '', 12)).toBeLessThanOrEqual(140)
  })

  test('grouped data lists series by size under the name of their tag', () => {
    const prepared = prepareChart('table', countries(3), { ...OPTIONS, format: PLAIN })
    expect(prepared.labelHead).toBe('Country')
    expect(prepared.rows.map((row) => [row.label, row.valueText, row.share, row.delta?.text])).toEqual([
      ['C2', '6', 1, '+100.0%'],
      ['C1', '4', 4 / 6, '+33.3%'],
      ['C0', '2', 2 / 6, '\u221233.3%'],
    ])
  })

  test('a single series lists its buckets, newest first, and does not judge the unfinished one', () => {
    const prepared = prepareChart('table', revenueResult(), OPTIONS)
    expect(prepared.rows).toHaveLength(30)
    expect(prepared.rows[0]).toMatchObject({ label: 'Fri 20 Nov', isUnfinished: true, delta: null })
    expect(prepared.rows[1]?.delta).not.toBeNull()
  })
})

describe('table view', () => {
  test('every chart has its figures as rows and columns', () => {
    const view = tableViewOf(prepareChart('line', one([1, null, 3], [4, 5, 6]), { ...OPTIONS, format: PLAIN }))
    expect(view.columns.map((column) => column.text)).toEqual(['Day', 'Revenue', 'Previous'])
    expect(view.rows.map((row) => [row.label, ...row.cells])).toEqual([
      ['Thu 12 Nov', '3', '6'],
      ['Wed 11 Nov', '–', '5'],
      ['Tue 10 Nov', '1', '4'],
    ])
    expect(tableViewOf(prepareChart('number', revenueResult(), OPTIONS)).rows).toHaveLength(30)
    expect(tableViewOf(prepareChart('table', countries(3), OPTIONS)).rows).toHaveLength(3)
  })
})
