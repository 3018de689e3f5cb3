import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Buckets, ParsedPoints } from './columns'
import { ColumnBuilder } from './columns'
import { type Advance, advance, type CumulativeRow, type CumulativeState, collectStreams } from './cumulative'

const row = (ts: number, value: number, buckets: Buckets | null = null): CumulativeRow => ({ ts, value, buckets })
const explicit = (bounds: number[], counts: number[]): Buckets => ({
  bounds,
  lowers: null,
  counts,
  isExponential: false,
  min: null,
  max: null,
})
const exponential = (bounds: number[], counts: number[]): Buckets => ({
  ...explicit(bounds, counts),
  lowers: bounds.map((bound) => bound / 2),
  isExponential: true,
})
const sums = (steps: readonly number[]) => {
  let sum = 0
  return steps.map((step) => {
    sum += step
    return sum
  })
}
const INF = Number.POSITIVE_INFINITY

/** Hands over the batches one after the other, as requests arrive; the state is all that is kept in between. */
function take(startMs: number, batches: readonly (readonly CumulativeRow[])[]) {
  let state: CumulativeState | null = null
  let total = 0
  let count = 0
  let seen = 0
  for (const batch of batches) {
    if (batch.length === 0) continue
    // As the database would give it back.
    const next: Advance = advance(structuredClone(state), startMs, batch)
    state = next.state
    seen += next.seen.length
    for (const { value, histogram } of next.differences) {
      total += value
      count += histogram?.count ?? 0
    }
  }
  return { total, count, seen, state }
}

describe('a number', () => {
  test('with a known start counts from its start, without one from its first value', () => {
    expect(take(1, [[row(10, 5)], [row(20, 7)]]).total).toBe(7)
    expect(take(0, [[row(10, 5)], [row(20, 7)]]).total).toBe(2)
  })

  test('that falls began again at 0', () => {
    expect(take(1, [[row(1, 5), row(2, 8), row(3, 2), row(4, 3)]]).total).toBe(11)
    expect(take(0, [[row(1, 5), row(2, 8), row(3, 2), row(4, 3)]]).total).toBe(6)
  })

  test('that stays the same adds nothing, whatever its time: a flush and a shutdown send it twice', () => {
    const { differences, state } = advance({ tsMs: 10, value: 5, bounds: null, counts: null }, 1, [row(11, 5)])
    expect(differences).toEqual([])
    expect(state.tsMs).toBe(11)
  })

  test('that was seen adds nothing, and says so', () => {
    expect(take(1, [[row(10, 5)], [row(10, 5)], [row(9, 4)]])).toMatchObject({ total: 5, seen: 2 })
  })

  const growth = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 40 })
  const cuts = fc.array(fc.nat({ max: 40 }), { maxLength: 6 })

  test('any split into requests, any order in them and any retry adds up to the last value minus the first', () => {
    fc.assert(
      fc.property(
        growth,
        cuts,
        fc.array(fc.nat({ max: 7 }), { maxLength: 5 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        (steps, at, again, isKnown, random) => {
          const rows = sums(steps).map((sum, i) => row((i + 1) * 1000, sum))
          const places = [...new Set(at)].sort((a, b) => a - b)
          const split = [...places, rows.length].map((end, i) => rows.slice(places[i - 1] ?? 0, end))
          const shuffled = split.map((batch) =>
            batch
              .map((one) => ({ one, by: random.next().value as number }))
              .sort((a, b) => a.by - b.by)
              .map(({ one }) => one),
          )
          // A request whose answer was lost is sent again before the next one, or much later.
          const sent = shuffled.flatMap((batch, i) => (again.includes(i % 8) ? [batch, batch] : [batch]))
          const retried = [...sent, ...shuffled.slice(0, 2)]
          const { total } = take(isKnown ? 1 : 0, retried)
          expect(total).toBe((rows.at(-1)?.value ?? 0) - (isKnown ? 0 : (rows[0]?.value ?? 0)))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('any restart of the sender adds what it counted since', () => {
    fc.assert(
      fc.property(fc.array(growth, { minLength: 1, maxLength: 4 }), (lives) => {
        let expected = 0
        const rows: CumulativeRow[] = []
        for (const life of lives) {
          const values = sums(life.map((step) => step % 50))
          const before = rows.at(-1)?.value ?? 0
          // A life whose first value is not below the last cannot be told from one that went on.
          expected += (values.at(-1) ?? 0) - ((values[0] ?? 0) >= before ? before : 0)
          for (const value of values) rows.push(row((rows.length + 1) * 1000, value))
        }
        expect(
          take(
            1,
            rows.map((one) => [one]),
          ).total,
        ).toBe(expected)
      }),
    )
  })
})

describe('a distribution', () => {
  const bounds = [1, 2, INF]

  test('is subtracted bucket by bucket, and starts over when a bucket holds less', () => {
    const batches = [[row(1, 4, explicit(bounds, [1, 1, 0]))], [row(2, 10, explicit(bounds, [1, 3, 1]))]]
    expect(take(1, batches)).toMatchObject({ total: 10, count: 5 })
    expect(take(0, batches)).toMatchObject({ total: 6, count: 3 })
    expect(take(0, [...batches, [row(3, 1, explicit(bounds, [1, 0, 0]))]])).toMatchObject({ total: 7, count: 4 })
  })

  test('goes on over the bounds that both have when others are missing or new', () => {
    const batches = [
      [row(1, 4, explicit(bounds, [1, 1, 0]))],
      [row(2, 9, explicit([2, INF], [4, 1]))],
      [row(3, 12, explicit(bounds, [2, 4, 1]))],
    ]
    expect(take(1, batches)).toMatchObject({ total: 12, count: 7 })
  })

  test('goes on when its exponential buckets become wider or some are left out', () => {
    const batches = [
      [row(1, 5, exponential([2, 4, 8, 16], [1, 1, 0, 1]))],
      [row(2, 9, exponential([4, 16], [3, 2]))],
      [row(3, 10, exponential([4, 16, 64], [3, 2, 1]))],
    ]
    expect(take(1, batches)).toMatchObject({ total: 10, count: 6 })
    expect(take(0, batches)).toMatchObject({ total: 5, count: 3 })
  })

  test('any growth adds up, bucket by bucket, however it is split and whatever is sent again', () => {
    const step = fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 }), fc.nat({ max: 9 }))
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), fc.boolean(), (steps, isKnown) => {
        const counts = [0, 0, 0]
        const rows = steps.map((one, i) => {
          one.forEach((more, bucket) => {
            counts[bucket] = (counts[bucket] ?? 0) + more
          })
          const sum = counts.reduce((a, b) => a + b)
          return row((i + 1) * 1000, sum, explicit(bounds, [...counts]))
        })
        const first = isKnown ? 0 : (rows[0]?.value ?? 0)
        const expected = (rows.at(-1)?.value ?? 0) - first
        expect(take(isKnown ? 1 : 0, [...rows.map((one) => [one]), rows])).toMatchObject({
          total: expected,
          count: expected,
        })
      }),
    )
  })
})

test('a series with two starts is two streams, in the order in which every writer locks them', () => {
  const parsed = (rows: [metric: string, ts: number, start: number | null][]): ParsedPoints => {
    const columns = new ColumnBuilder(rows.length, 0, () => '', 'cumulative')
    rows.forEach(([metric, ts, start], i) => {
      columns.add(i, metric, '{}', ts, i, undefined)
      columns.addStart(start)
    })
    return columns.finish()
  }
  const one = {
    productId: 2,
    parsed: parsed([
      ['b', 1, 70],
      ['a', 1, 60],
      ['b', 2, 60],
    ]),
    seriesIds: [8, 7],
  }
  const other = {
    productId: 1,
    parsed: parsed([
      ['c', 1, null],
      ['d', 1, null],
    ]),
    seriesIds: [9, 0],
  }
  const additive = { productId: 1, parsed: { ...other.parsed, identity: 'additive' as const }, seriesIds: [9, 9] }
  expect(
    collectStreams([one, additive, other]).map(({ productId, seriesId, startMs, rows }) => [
      productId,
      seriesId,
      startMs,
      rows.map(({ request, place }) => [request, place]),
    ]),
  ).toEqual([
    [1, 9, 0, [[2, 0]]],
    [2, 7, 60, [[0, 1]]],
    [2, 8, 60, [[0, 2]]],
    [2, 8, 70, [[0, 0]]],
  ])
})
