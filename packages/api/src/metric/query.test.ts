import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Aggregation, MetricKind, QueryResult, QuerySpecInput } from './schema'
import { ask, createMetricWorld, type MetricWorld, NOW, type Sent, type Tenant } from './testing'

let world: MetricWorld

beforeAll(async () => {
  world = await createMetricWorld()
})
afterAll(() => world.close())

const values = (result: QueryResult, i = 0) => result.series[i]?.points.map(([, value]) => value)
const totals = ({ series }: QueryResult) => series.map(({ label, total }) => [label, total])

async function createWith(points: Sent[], kind?: MetricKind): Promise<Tenant> {
  const tenant = await world.createTenant()
  await world.send(tenant, points)
  if (kind) await tenant.caller.metric.update({ productId: tenant.productId, metric: 'm', kind })
  return tenant
}

const query = (tenant: Tenant, spec: QuerySpecInput) =>
  tenant.caller.metric.query({ productId: tenant.productId, spec })

describe('MT-2: aggregations', () => {
  test('each says what its name says, in buckets and over the range', async () => {
    const tenant = await createWith([
      { value: 4, at: '2026-03-28T10:00:00Z', tags: { host: 'a' } },
      { value: 1, at: '2026-03-28T11:00:00Z', tags: { host: 'b' } },
      { value: 7, at: '2026-03-30T10:00:00Z', tags: { host: 'a' } },
    ])
    const read = async (aggregation: Aggregation) => {
      const result = await ask(tenant, { aggregation, range: { from: '2026-03-27', to: '2026-03-30' } })
      return [values(result), result.total]
    }
    // The 29th has 23 hours in Berlin.
    const range = 4 * 86_400 - 3600
    expect(await read('first')).toEqual([[null, 4, null, 7], 4])
    expect(await read('last')).toEqual([[null, 1, null, 7], 7])
    expect(await read('rate')).toEqual([[null, 5 / 86_400, 0, 7 / 86_400], 12 / range])
    expect(await read('cumulative')).toEqual([[null, 5, 5, 12], 12])
    expect(await read('unique')).toEqual([[null, 2, 0, 1], 2])
    expect(await read('p50')).toEqual([[null, 2.5, null, 7], 4])
    expect((await read('p99'))[0]).toEqual([null, expect.closeTo(3.97, 9), null, 7])
  })

  test('a rate counts the time that has passed, and not the part of the bucket that is still to come', async () => {
    const tenant = await createWith([{ value: 46_800, at: '2026-03-31T10:00:00Z' }])
    // 13:00 in Berlin.
    const result = await ask(tenant, { aggregation: 'rate', range: { preset: 'today' } })
    expect(result.total).toBe(1)
    expect(values(result)).toEqual([1])
  })

  test('a running total carries on over silence and stops now', async () => {
    const tenant = await createWith([
      { value: 0.1, at: '2026-03-29T10:00:00Z' },
      { value: 0.2, at: '2026-03-31T10:00:00Z' },
    ])
    const result = await ask(tenant, { aggregation: 'cumulative', range: { from: '2026-03-28', to: '2026-04-02' } })
    expect(values(result)).toEqual([null, 0.1, 0.1, 0.3, null, null])
  })

  test('without one the metric’s own is taken', async () => {
    const tenant = await createWith([
      { value: 2, at: NOW },
      { value: 4, at: NOW },
    ])
    const change = { productId: tenant.productId, metric: 'm', defaultAggregation: 'max' as const }
    await tenant.caller.metric.update(change)
    expect(await query(tenant, { metric: 'm', range: { preset: '7d' } })).toMatchObject({
      aggregation: 'max',
      total: 4,
    })
  })
})

describe('MT-2, MT-5: the kind', () => {
  const points = [
    { value: 5, at: '2026-03-28T10:00:00Z' },
    { value: 7, at: '2026-03-30T10:00:00Z' },
  ]

  test('a gauge that is asked for a sum answers it with a warning, and its silence is no zero', async () => {
    const tenant = await createWith(points, 'gauge')
    const result = await ask(tenant, { range: { from: '2026-03-28', to: '2026-03-31' } })
    expect(values(result)).toEqual([5, null, 7, null])
    expect(result.warnings).toEqual([
      { code: 'aggregation_of_kind', detail: expect.stringMatching(/^The values of "m" are readings .* Ask for avg/) },
    ])
    const average = await ask(tenant, { aggregation: 'avg' })
    expect(average).toMatchObject({ kind: 'gauge', total: 6, warnings: [] })
  })

  test('of a count silence is zero, from the first point until now', async () => {
    const tenant = await createWith(points, 'count')
    const result = await ask(tenant, { range: { from: '2026-03-27', to: '2026-04-01' } })
    expect(values(result)).toEqual([null, 5, 0, 7, 0, null])
    expect(result.warnings).toEqual([])
  })
})

describe('MT-3: groups and filters', () => {
  const at = '2026-03-30T10:00:00Z'
  const point = (value: number, plan: string, country?: string) => ({
    value,
    at,
    tags: { plan, ...(country && { country }) },
  })
  const sample = [point(8, 'solo', 'de'), point(4, 'team', 'de'), point(2, 'team', 'fr'), point(1, 'solo')]

  test('several tags make a group for each combination, and the rest is added up exactly', async () => {
    const tenant = await createWith(sample)
    const all = await ask(tenant, { groupBy: ['plan', 'country'] })
    expect(totals(all)).toEqual([
      ['solo · de', 8],
      ['team · de', 4],
      ['team · fr', 2],
      ['solo · (none)', 1],
    ])
    expect(all.series.map(({ tags }) => tags)[3]).toEqual({ plan: 'solo' })
    expect(new Set(all.series.map(({ key }) => key)).size).toBe(4)
    const some = await ask(tenant, { groupBy: ['plan', 'country'], seriesMax: 2 })
    expect(totals(some)).toEqual([
      ['solo · de', 8],
      ['team · de', 4],
      ['Other', 3],
    ])
    expect(some.series[0]?.key).toBe(all.series[0]?.key)
    expect(some.total).toBe(15)
  })

  test('a tag alone, in a list or as text, is the same group with the same key', async () => {
    const tenant = await createWith(sample)
    const [text, list] = [await ask(tenant, { groupBy: 'plan' }), await ask(tenant, { groupBy: ['plan'] })]
    expect(text.series).toEqual(list.series)
    expect(text.series[0]?.key).toBe(JSON.stringify(['m', 'plan', 'solo']))
  })

  test('all of the filters have to hold, and one of each group of them', async () => {
    const tenant = await createWith(sample)
    const total = async (filters: QuerySpecInput['filters']) => (await ask(tenant, { filters })).total
    expect(await total([{ tag: 'plan', op: 'contains', values: ['EA'] }])).toBe(6)
    expect(await total([{ tag: 'country', op: 'not_exists' }])).toBe(1)
    const solo = { tag: 'plan', op: 'is' as const, values: ['solo'] }
    const french = { tag: 'country', op: 'is' as const, values: ['fr'] }
    expect(await total([{ any: [solo, french] }])).toBe(11)
    expect(await total([{ any: [solo, french] }, { tag: 'country', op: 'exists' }])).toBe(10)
  })

  test('OV-10: a filter is text and no pattern, however evil', async () => {
    const tenant = await createWith(sample)
    const filters = [{ tag: 'plan', op: 'contains' as const, values: ['(a+)+$'.repeat(40), '%', '_'] }]
    expect((await ask(tenant, { filters })).total).toBe(0)
    await expect(ask(tenant, { filters: [{ tag: 'plan', op: 'is', values: [] }] })).rejects.toThrow('needs a value')
  })
})

describe('MT-4: formulas', () => {
  const formula = (expression: string) => ({
    expression,
    terms: {
      errors: { metric: 'errors', aggregation: 'sum' as const },
      requests: { metric: 'requests', aggregation: 'sum' as const },
    },
  })
  const spec = { range: { from: '2026-03-28', to: '2026-03-31' }, granularity: 'day' as const }

  async function createTraffic() {
    const point = (metric: string, value: number, day: string, route: string) => ({
      metric,
      value,
      at: `${day}T10:00:00Z`,
      tags: { route },
    })
    return createWith([
      point('requests', 100, '2026-03-28', '/a'),
      point('errors', 10, '2026-03-28', '/a'),
      point('requests', 1, '2026-03-29', '/b'),
      point('requests', 300, '2026-03-30', '/a'),
      point('errors', 1, '2026-03-30', '/c'),
    ])
  }

  test('are ratios of sums at every level: buckets, groups, the rest and the range', async () => {
    const tenant = await createTraffic()
    const result = await query(tenant, { formula: formula('errors / requests'), ...spec })
    // On the 29th nothing failed, which is zero and not nothing; on the 31st 0 / 0 is nothing.
    expect(values(result)).toEqual([0.1, 0, 1 / 300, null])
    expect(result.total).toBe(11 / 401)
    const grouped = await query(tenant, {
      formula: formula('errors / requests'),
      ...spec,
      groupBy: 'route',
      seriesMax: 1,
    })
    expect(totals(grouped)).toEqual([
      ['/a', 10 / 400],
      ['Other', 1],
    ])
  })

  test('know precedence and parentheses, and compare with the period before', async () => {
    const tenant = await createTraffic()
    const total = async (expression: string) => (await query(tenant, { formula: formula(expression), ...spec })).total
    expect(await total('requests - errors * 2 - -1')).toBe(401 - 22 + 1)
    expect(await total('(requests - errors) / 1e2')).toBe(3.9)
    expect(await total('requests / (errors - 11)')).toBeNull()
    const day = { from: '2026-03-30', to: '2026-03-30' }
    const compared = { formula: formula('errors / requests'), range: day, compare: { from: '2026-03-28' } }
    expect((await query(tenant, compared)).compare?.total).toBe(0.1)
  })

  test('a term whose metric is unknown is refused, and so is a query of both or neither', async () => {
    const tenant = await createTraffic()
    const terms = { a: { metric: 'request', aggregation: 'sum' as const } }
    await expect(query(tenant, { formula: { expression: 'a', terms }, ...spec })).rejects.toThrow(
      'Did you mean "requests"',
    )
    await expect(query(tenant, { ...spec })).rejects.toThrow('either a metric or a formula')
    const both = { metric: 'requests', formula: formula('errors / requests'), ...spec }
    await expect(query(tenant, both)).rejects.toThrow('either a metric or a formula')
  })
})

describe('MT-6: comparisons', () => {
  test('the year before, the same weekdays, and any date; what is unfinished up to the same time', async () => {
    const tenant = await createWith([
      { value: 1, at: '2026-03-31T10:00:00Z' },
      { value: 2, at: '2025-03-31T10:30:00Z' },
      { value: 64, at: '2025-03-31T11:30:00Z' },
      { value: 4, at: '2026-03-24T10:30:00Z' },
      { value: 128, at: '2026-03-24T12:30:00Z' },
      { value: 8, at: '2026-01-02T09:00:00Z' },
    ])
    const before = async (compare: QuerySpecInput['compare']) =>
      (await ask(tenant, { range: { preset: 'today' }, granularity: 'hour', compare })).compare
    // 13:00 in Berlin: 11:00 in UTC in summer, and 12:00 while it is winter.
    expect((await before('previous_year'))?.total).toBe(2)
    expect((await before('previous_weekday'))?.total).toBe(4)
    expect((await before({ from: '2026-01-02' }))?.total).toBe(8)
    expect(await before('none')).toBeNull()
  })
})

describe('MT-7: freshness', () => {
  test('is the age of the newest point against a declared cadence', async () => {
    const tenant = await createWith([{ value: 1, at: '2026-03-31T10:50:00Z' }])
    expect((await ask(tenant)).freshness).toMatchObject({ cadenceMs: null, ageMs: 600_000, isLate: false })
    const change = { productId: tenant.productId, metric: 'm', cadenceS: 60 }
    await tenant.caller.metric.update(change)
    expect((await ask(tenant)).freshness).toEqual({
      lastPointAt: Date.parse('2026-03-31T10:50:00Z'),
      cadenceMs: 60_000,
      ageMs: 600_000,
      lateAfterMs: 120_000,
      isLate: true,
    })
  })

  test('of nothing is nothing, and of a formula it is that of the term that stopped first', async () => {
    const tenant = await createWith([
      { metric: 'a', value: 1, at: '2026-03-30T10:00:00Z' },
      { metric: 'b', value: 1, at: '2026-03-31T10:00:00Z' },
    ])
    const term = (metric: string) => ({ metric, aggregation: 'sum' as const })
    const formula = { expression: 'b + a', terms: { a: term('a'), b: term('b') } }
    const { freshness } = await query(tenant, { formula, range: { preset: '7d' } })
    expect(freshness.lastPointAt).toBe(Date.parse('2026-03-30T10:00:00Z'))
  })
})

describe('IN-04, IN-05: numbers', () => {
  const at = '2026-03-30T10:00:00Z'
  const sent = (list: number[]) => list.map((value, i) => ({ value, at, tags: { i: String(i) } }))

  test('IN-04: a sum beyond a float is missing and flagged; its average is not', async () => {
    const tenant = await createWith(sent([1e308, 1e308]))
    const result = await ask(tenant)
    expect(result).toMatchObject({ total: null, overflowed: true, warnings: [{ code: 'overflow' }] })
    expect(await ask(tenant, { aggregation: 'cumulative' })).toMatchObject({ total: null, overflowed: true })
    expect(await ask(tenant, { aggregation: 'avg' })).toMatchObject({ total: 1e308, overflowed: false })
    const terms = { m: { metric: 'm', aggregation: 'max' as const } }
    const product = await query(tenant, { formula: { expression: 'm * m', terms }, range: { preset: '7d' } })
    expect(product).toMatchObject({ total: null, overflowed: true })
  })

  test('IN-04: the smallest float, minus zero and integers beyond 2^53 come back as floats can say them', async () => {
    expect((await ask(await createWith(sent([5e-324])))).total).toBe(5e-324)
    const zero = await ask(await createWith(sent([-0])), { aggregation: 'last' })
    expect(Object.is(zero.total, 0)).toBe(true)
    expect((await ask(await createWith(sent([2 ** 53, 1])))).total).toBe(2 ** 53)
    expect((await ask(await createWith(sent([2 ** 53, 1, 1])))).total).toBe(2 ** 53 + 2)
  })

  test('IN-05: sums and running totals are exact in every order', async () => {
    expect((await ask(await createWith(sent(Array<number>(10).fill(0.1))))).total).toBe(1)
    for (const order of [
      [1e16, 1, -1e16],
      [1, 1e16, -1e16],
      [-1e16, 1e16, 1],
    ]) {
      expect((await ask(await createWith(sent(order)))).total).toBe(1)
    }
    const days = Array.from({ length: 3 }, (_, i) => ({ value: 0.1, at: `2026-03-2${5 + i}T10:00:00Z` }))
    const running = await ask(await createWith(days), { aggregation: 'cumulative' })
    expect(values(running)).toEqual([0.1, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3])
  })
})

describe('MT-5: granularities', () => {
  test('minutes and quarters of an hour end with the current one', async () => {
    const tenant = await createWith([{ value: 1, at: '2026-03-31T10:59:30Z' }])
    const result = await ask(tenant, { range: { preset: '60m' }, granularity: 'minute' })
    expect(result.edges).toHaveLength(61)
    expect(result.to).toBe(Date.parse('2026-03-31T11:01:00Z'))
    expect(values(result)?.slice(-3)).toEqual([null, 1, 0])
    const instants = { start: '2026-03-31T10:05:00Z', end: '2026-03-31T12:35:00+01:00' }
    const zoomed = await ask(tenant, { range: instants, granularity: 'quarter_hour', compare: 'previous_period' })
    expect(zoomed.edges[1]).toBe(Date.parse('2026-03-31T10:15:00Z'))
    expect(zoomed.compare?.from).toBe(Date.parse('2026-03-31T08:35:00Z'))
  })

  test('quarters and years are those of the product’s fiscal year', async () => {
    const tenant = await createWith([
      { value: 1, at: '2025-03-15T10:00:00Z' },
      { value: 2, at: '2025-04-15T10:00:00Z' },
      { value: 4, at: '2026-03-15T10:00:00Z' },
    ])
    await tenant.caller.product.update({ productId: tenant.productId, fiscalYearStart: 4 })
    const range = { from: '2025-01-01', to: '2026-03-31' }
    expect(values(await ask(tenant, { range, granularity: 'year' }))).toEqual([1, 6])
    expect(values(await ask(tenant, { range, granularity: 'quarter' }))).toEqual([1, 2, 0, 0, 4])
    expect((await ask(tenant, { range: { preset: 'last_year' }, granularity: 'year' })).total).toBe(1)
  })
})
