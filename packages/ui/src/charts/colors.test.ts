import { readFileSync } from 'node:fs'
import {
  type Color,
  converter,
  differenceCiede2000,
  filterDeficiencyDeuter,
  filterDeficiencyProt,
  filterDeficiencyTrit,
  parse,
  wcagContrast,
} from 'culori'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assignSlots, chartTheme, slotColor } from './colors'
import type { ThemeName } from './types'

const THEMES: ThemeName[] = ['light', 'dark']
const toLinear = converter('lrgb')
const toRgb = converter('rgb')
const difference = differenceCiede2000()

const color = (hex: string): Color => {
  const parsed = parse(hex)
  if (!parsed) throw new Error(`${hex} is no colour`)
  return parsed
}

/** The filters' matrices are defined on linear light. */
function seenThrough(filter: (color: Color) => Color) {
  return (hex: string): Color => {
    const { r, g, b } = toLinear(color(hex))
    const seen = toRgb(filter({ mode: 'rgb', r, g, b }))
    return { mode: 'lrgb', r: seen.r, g: seen.g, b: seen.b }
  }
}

const VIEWS = [
  ['normal vision', 18.5, color],
  ['deuteranopia', 12.7, seenThrough(filterDeficiencyDeuter(1))],
  ['protanopia', 12.6, seenThrough(filterDeficiencyProt(1))],
  ['tritanopia', 12.6, seenThrough(filterDeficiencyTrit(1))],
] as const

/** A token of the page: `light-dark(a, b)`, or plain hex written once per theme. */
function readToken(variable: string, theme: ThemeName): string | undefined {
  const css = readFileSync(new URL('../theme.css', import.meta.url), 'utf8')
  const pair = css.match(new RegExp(`--${variable}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`))
  const plain = [...css.matchAll(new RegExp(`--${variable}: (#[0-9a-f]{6})`, 'g'))].map((match) => match[1])
  const [light, dark] = pair ? [pair[1], pair[2]] : plain
  return theme === 'light' ? light : dark
}

describe.each(THEMES)('%s palette', (name) => {
  const theme = chartTheme(name)

  test.each(VIEWS)('every two series colours are told apart under %s', (_, least, view) => {
    const seen = theme.series.map(view)
    const pairs = seen.flatMap((a, index) => seen.slice(index + 1).map((b) => difference(a, b)))
    expect(pairs).toHaveLength(28)
    expect(Math.min(...pairs)).toBeGreaterThanOrEqual(least)
  })

  test('series stand out from the card by 3:1 and texts by 4.5:1', () => {
    for (const mark of [...theme.series, theme.compare])
      expect(wcagContrast(mark, theme.card)).toBeGreaterThanOrEqual(3)
    for (const text of [theme.text, theme.text2, theme.text3, theme.good, theme.bad])
      expect(wcagContrast(text, theme.card)).toBeGreaterThanOrEqual(4.5)
  })

  test('everything is a six-digit hex: the rasteriser turns other notations black without a word', () => {
    for (const value of Object.values(theme).flat()) expect(value).toMatch(/^#[0-9a-f]{6}$/)
  })

  test('the pictures use the colours of the page', () => {
    const token = (variable: string) => readToken(variable, name)
    expect(theme.series.map((_, index) => token(`series-${index + 1}`))).toEqual([...theme.series])
    expect([token('compare'), token('card'), token('text'), token('text-2'), token('text-3')]).toEqual([
      theme.compare,
      theme.card,
      theme.text,
      theme.text2,
      theme.text3,
    ])
    expect([token('good'), token('bad'), token('warn')]).toEqual([theme.good, theme.bad, theme.warn])
  })
})

const series = (name: string) => ({ key: name, tags: { plan: name }, isOther: false })

describe('colour is identity', () => {
  test('a series has the same colour whoever is asked first', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ maxLength: 6 }), { maxLength: 8 }), (names) => {
        const forward = assignSlots('revenue', names.map(series))
        const backward = assignSlots('revenue', [...names].reverse().map(series))
        expect([...forward].sort()).toEqual([...backward].sort())
      }),
    )
  })

  test('up to eight series of a chart never share a colour', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ maxLength: 6 }), { minLength: 1, maxLength: 8 }), (names) => {
        expect(new Set(assignSlots('revenue', names.map(series)).values()).size).toBe(names.length)
      }),
    )
  })

  test('alone, a series keeps the colour it has in company, unless it had to step aside', () => {
    const names = ['solo', 'team', 'business', 'free', 'trial', 'student']
    const together = assignSlots('revenue', names.map(series))
    const kept = names.filter((name) => assignSlots('revenue', [series(name)]).get(name) === together.get(name))
    expect(kept.length).toBeGreaterThanOrEqual(names.length / 2)
  })

  test('a metric as a whole is never red', () => {
    fc.assert(
      fc.property(fc.string(), (metric) => {
        expect([1, 6]).not.toContain(assignSlots(metric, [{ key: '', tags: {}, isOther: false }]).get(''))
      }),
    )
  })

  test('everything else is grey', () => {
    const slots = assignSlots('revenue', [series('solo'), { key: 'other', tags: {}, isOther: true }])
    expect(slots.get('other')).toBe('other')
    expect(slotColor('other', chartTheme('light'))).toBe(chartTheme('light').compare)
  })
})
