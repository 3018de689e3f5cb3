import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatCompact, formatFull, formatShort, formatTicks, safeLocale } from './format'
import { EURO, PLAIN } from './testing'
import type { WidgetFormat } from './types'

const as = (unit: WidgetFormat['unit'], rest: Partial<WidgetFormat> = {}): WidgetFormat => ({
  unit,
  lowerIsBetter: false,
  ...rest,
})
const NB = '\u00a0'

describe('compact', () => {
  test.each([
    [0, PLAIN, '0'],
    [950, PLAIN, '950'],
    [1234, PLAIN, '1.2k'],
    [3_400_000, PLAIN, '3.4M'],
    [-1500, PLAIN, '\u22121.5k'],
    [15_000, EURO, '€15k'],
    [0.004_21, PLAIN, '0.00421'],
    [1536, as('bytes'), `1.5${NB}kB`],
    [2_500_000_000, as('bytes'), `2.5${NB}GB`],
    [420, as('duration_ms'), `420${NB}ms`],
    [90_000, as('duration_ms'), `1.5${NB}min`],
    [7200, as('duration_s'), `2${NB}h`],
    [4.25, as('percent'), '4.3%'],
    [12, as('custom', { suffix: 'req/s' }), `12${NB}req/s`],
    [21, as('custom', { suffix: '°' }), '21°'],
  ])('%d reads as %3$s', (value, format, expected) => {
    expect(formatCompact(value, format, 'en')).toBe(expected)
  })
})

describe('full', () => {
  test.each([
    [10_432.1, EURO, 'en', '€10,432.10'],
    [10_432, EURO, 'en', '€10,432'],
    [10_432.1, EURO, 'de', `10.432,10${NB}€`],
    [245_000, as('duration_ms'), 'en', `4${NB}min 5${NB}s`],
    [3600, as('duration_s'), 'en', `1${NB}h`],
    [59_999, as('duration_ms'), 'en', `60${NB}s`],
    [4.2, as('percent'), 'en', '4.2%'],
    [1.234_56, as('none', { decimals: 1 }), 'en', '1.2'],
    [1_234_567.891, PLAIN, 'en', '1,234,567.89'],
  ])('%d reads whole', (value, format, locale, expected) => {
    expect(formatFull(value, format, locale)).toBe(expected)
  })

  test('an unknown currency or locale still shows the number', () => {
    expect(formatFull(5, as('currency', { currency: 'euro' }), safeLocale('not a locale'))).toBe('5')
  })
})

describe('short', () => {
  test('a tile shows every digit below a million and a compact number from there', () => {
    expect(formatShort(320_865, EURO, 'en')).toBe('€320,865')
    expect(formatShort(1_840_000, EURO, 'en')).toBe('€1.84M')
    expect(formatShort(12.5, EURO, 'en')).toBe('€12.50')
  })

  test('minus zero has no sign', () => {
    expect(formatShort(-0, PLAIN, 'en')).toBe('0')
    expect(formatTicks([-0, 1], PLAIN, 'en')).toEqual(['0', '1'])
  })
})

describe('axis labels', () => {
  test('carry just the decimals that keep them exact', () => {
    expect(formatTicks([0, 0.25, 0.5, 0.75], PLAIN, 'en')).toEqual(['0', '0.25', '0.5', '0.75'])
    expect(formatTicks([6000, 9000, 12_000], EURO, 'en')).toEqual(['€6k', '€9k', '€12k'])
    expect(formatTicks([0, 1_250_000, 2_500_000], PLAIN, 'en')).toEqual(['0', '1.25M', '2.5M'])
    expect(formatTicks([0, 1_800_000, 3_600_000, 5_400_000], as('duration_ms'), 'en')).toEqual([
      '0',
      `30${NB}min`,
      `1${NB}h`,
      `1.5${NB}h`,
    ])
    expect(formatTicks([0, 1_200_000, 2_400_000, 3_600_000, 4_800_000], as('duration_ms'), 'en').at(-1)).toBe(
      `80${NB}min`,
    )
  })
})

test('no finite number of any unit reads as NaN, Infinity or nothing', () => {
  const units = ['none', 'percent', 'bytes', 'duration_ms', 'duration_s', 'currency', 'custom'] as const
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(...units),
      fc.constantFrom('en', 'de', 'fr', 'ja'),
      (value, unit, locale) => {
        const format = as(unit, { currency: 'EUR', suffix: 'x' })
        for (const text of [
          formatCompact(value, format, locale),
          formatShort(value, format, locale),
          formatFull(value, format, locale),
        ]) {
          expect(text).toMatch(/\d/)
          expect(text).not.toMatch(/NaN|Infinity|undefined|-/)
        }
      },
    ),
  )
})
