import type { ColorSlot, ThemeName } from './types'

/** Everything a chart paints with, as hex: the same values draw in the browser and in the mail's pictures, where CSS variables do not exist. */
export interface ChartTheme {
  series: readonly [string, string, string, string, string, string, string, string]
  /** Grey of the previous period and of "everything else". */
  compare: string
  card: string
  text: string
  text2: string
  text3: string
  /** Grid lines, 8 % ink on the card. */
  grid: string
  /** The base line and the hair line of the tooltip. */
  axis: string
  track: string
  good: string
  goodTint: string
  bad: string
  badTint: string
  warn: string
  warnTint: string
  focus: string
  raised: string
  border: string
}

const LIGHT: ChartTheme = {
  series: ['#3259ce', '#ae3f00', '#1f9a9f', '#8f4d71', '#a48921', '#9475fa', '#de6273', '#357b49'],
  compare: '#818998',
  card: '#ffffff',
  text: '#13161d',
  text2: '#464d5b',
  text3: '#5d6574',
  grid: '#ecedee',
  axis: '#d7d8db',
  track: '#e6e9ee',
  good: '#0f7a45',
  goodTint: '#e7f5ed',
  bad: '#c0272d',
  badTint: '#fdecec',
  warn: '#8f5700',
  warnTint: '#fcf2de',
  focus: '#2f54d6',
  raised: '#ffffff',
  border: '#eaebed',
}

const DARK: ChartTheme = {
  series: ['#5372e4', '#cd5402', '#48b9b1', '#ac6585', '#bea905', '#b297fc', '#fc7a81', '#2d9350'],
  compare: '#717988',
  card: '#14171d',
  text: '#eff1f4',
  text2: '#b7bdc8',
  text3: '#969eac',
  grid: '#24282f',
  axis: '#393c44',
  track: '#20252e',
  good: '#4cc38a',
  goodTint: '#132a20',
  bad: '#ff8a86',
  badTint: '#341a1c',
  warn: '#e3a63a',
  warnTint: '#2d230f',
  focus: '#7d97fa',
  raised: '#1c2027',
  border: '#2e3239',
}

const THEMES: Record<ThemeName, ChartTheme> = { light: LIGHT, dark: DARK }

export function chartTheme(name: ThemeName): ChartTheme {
  return THEMES[name]
}

export const SLOT_COUNT = 8

/** FNV-1a, 32 bits: small, well spread on short strings, and the same on every machine. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  // FNV's low bits are weak for the last character; a final mix spreads them.
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d)
  return (value ^ (value >>> 13)) >>> 0
}

/** Slots for a metric as a whole: a lone coral or rust line would read as an alarm, so those stay with groups. */
const CALM_SLOTS: readonly number[] = [0, 2, 3, 5, 7]

interface Identity {
  key: string
  tags: Record<string, string>
  isOther: boolean
}

const identityText = (metric: string, tags: Record<string, string>) =>
  JSON.stringify([
    metric,
    ...Object.keys(tags)
      .sort()
      .map((name) => [name, tags[name]]),
  ])

/**
 * Colour is identity: a series takes the slot its metric and tag values hash to, in every chart and mail. When two of one
 * chart meet, the one that sorts first keeps the slot and the other steps on, so the outcome depends on who is in the
 * chart but never on their order or values.
 */
export function assignSlots(metric: string, series: readonly Identity[]): Map<string, ColorSlot> {
  const slots = new Map<string, ColorSlot>()
  const free = new Set(Array.from({ length: SLOT_COUNT }, (_, slot) => slot))
  const named = series
    .map((one) => ({ ...one, text: identityText(metric, one.tags) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.key < b.key ? -1 : 1))
  for (const one of named) {
    if (one.isOther || free.size === 0) {
      slots.set(one.key, 'other')
      continue
    }
    const value = hash(one.text)
    // An odd step visits all eight slots.
    const step = ((value >>> 8) % (SLOT_COUNT / 2)) * 2 + 1
    const isWhole = Object.keys(one.tags).length === 0
    let slot = (isWhole ? CALM_SLOTS[value % CALM_SLOTS.length] : undefined) ?? value % SLOT_COUNT
    while (!free.has(slot)) slot = (slot + step) % SLOT_COUNT
    free.delete(slot)
    slots.set(one.key, slot as ColorSlot)
  }
  return slots
}

/** The slot of a metric as a whole, ungrouped. */
export const metricSlot = (metric: string): ColorSlot =>
  assignSlots(metric, [{ key: '', tags: {}, isOther: false }]).get('') ?? 0

/** The colour of a slot in a theme. */
export function slotColor(slot: ColorSlot, theme: ChartTheme): string {
  return slot === 'other' ? theme.compare : theme.series[slot]
}
