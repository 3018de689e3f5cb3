import type { AggregateRow } from '@trackable/db/points'
import { expect, test } from 'vitest'
import { type Question, rankGroups } from './aggregate'

const GROUPS = 20_000

const rowOf = (i: number): AggregateRow => ({
  level: 'group',
  group: [`user-${i}`],
  is_other: false,
  bucket: null,
  count: 1,
  sum: String(i % 1000),
  min: null,
  max: null,
  first: null,
  last: null,
  unique: null,
  quantiles: null,
  isApproximate: false,
})

test('OV-06: while very many groups are ranked, others have their turn', async () => {
  const rows = Array.from({ length: GROUPS }, (_, i) => rowOf(i))
  const question: Question = {
    metric: 'm',
    groupBy: ['user'],
    edges: [0, 1000],
    asOf: 1000,
    terms: [{ aggregation: 'sum', kind: 'count', firstPointAt: 0, rows }],
  }
  let turns = 0
  let counting = setImmediate(function count() {
    turns++
    counting = setImmediate(count)
  })
  const largest = await rankGroups(question, 3)
  clearImmediate(counting)
  // Of the twenty groups with 999 the first by name.
  expect(largest).toEqual([['user-10999'], ['user-11999'], ['user-12999']])
  expect(turns).toBeGreaterThan(8)
})
