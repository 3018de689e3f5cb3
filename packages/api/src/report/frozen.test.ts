import { expect, test } from 'vitest'
import { FrozenReport, hashFrozen } from './frozen'

/** As it was written before answers told their kind, their freshness and their warnings. */
const EARLIER = {
  version: 1,
  reportName: 'Weekly',
  teamName: 'Quay',
  productName: 'Shop',
  productId: 'prd_1',
  dashboardId: 'dsh_1',
  dashboardName: 'Growth',
  zone: 'UTC',
  firstDay: '2026-03-09',
  lastDay: '2026-03-15',
  asOf: 1773619200000,
  widgets: [
    {
      widget: {
        id: 'w1',
        type: 'bar',
        title: 'Orders',
        layout: { x: 0, y: 0, w: 6, h: 7 },
        metric: 'orders',
        aggregation: 'sum',
        filters: [{ tag: 'plan', op: 'is', values: ['solo'] }],
        format: { unit: 'none', lowerIsBetter: false },
        groupBy: 'plan',
      },
      result: {
        metric: 'orders',
        unit: null,
        aggregation: 'sum',
        granularity: 'day',
        zone: 'UTC',
        from: 1773014400000,
        to: 1773619200000,
        asOf: 1773619200000,
        edges: [1773014400000, 1773619200000],
        unfinishedFrom: null,
        series: [{ key: 'k', label: 'solo', tags: { plan: 'solo' }, isOther: false, points: [[1, 2]], total: 2 }],
        total: 2,
        lastPointAt: 1773619100000,
        compare: null,
      },
      failure: null,
    },
  ],
}

test('RP-6: a record of an earlier version is read as it was hashed: nothing is added and nothing lost', () => {
  const read = FrozenReport.parse(JSON.parse(JSON.stringify(EARLIER)))
  expect(read).toEqual(EARLIER)
  expect(hashFrozen(read)).toBe(hashFrozen(EARLIER as unknown as FrozenReport))
})
