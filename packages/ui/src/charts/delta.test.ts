import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { delta } from './delta'
import { EURO, PLAIN } from './testing'
import type { WidgetFormat } from './types'

const of = (current: number | null, previous: number | null, format: WidgetFormat = PLAIN) =>
  delta(current, previous, format, 'en')
const DURATION: WidgetFormat = { unit: 'duration_s', lowerIsBetter: true }
const PERCENT: WidgetFormat = { unit: 'percent', lowerIsBetter: false }

describe('delta', () => {
  test('a rise is good and carries its sign', () => {
    expect(of(113.2, 100)).toMatchObject({ direction: 'up', tone: 'good', text: '+13.2%' })
  })

  test('a fall is good where lower is better', () => {
    expect(of(2520, 2880, DURATION)).toMatchObject({ direction: 'down', tone: 'good', text: '\u22126\u00a0min' })
    expect(of(97, 100)).toMatchObject({ direction: 'down', tone: 'bad', text: '\u22123.0%' })
  })

  test('percentages differ in points', () => {
    expect(of(10.9, 10.1, PERCENT)?.text).toBe('+0.8\u00a0pp')
  })

  test('there is no percentage of a previous zero or negative value', () => {
    expect(of(12, 0)).toMatchObject({ percent: null, text: '+12' })
    expect(of(5, -10, EURO)).toMatchObject({ percent: null, text: '+€15' })
    expect(of(0, 0)).toMatchObject({ direction: 'flat', tone: 'neutral', text: '0' })
  })

  test('nothing is compared with a missing value', () => {
    expect(of(5, null)).toBeNull()
    expect(of(null, 5)).toBeNull()
  })

  test('what rounds to zero is flat and not green', () => {
    expect(of(100.01, 100)).toMatchObject({ direction: 'flat', tone: 'neutral', text: '0.0%' })
  })

  test('a tenfold rise reads as a factor', () => {
    expect(of(12_500, 100)?.text).toBe('\u00d7125')
  })

  test('no pair of numbers reads as Infinity or NaN', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(of(a, b)?.text ?? '').not.toMatch(/Infinity|NaN|∞/)
      }),
    )
  })
})
