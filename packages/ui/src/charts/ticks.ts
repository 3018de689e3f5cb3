import type { WidgetFormat } from './types'

export interface ValueScale {
  domain: [number, number]
  ticks: number[]
}

interface ScaleOptions {
  /** Bars and areas: their length is the value, so the axis starts at zero. */
  zeroBased: boolean
  /** Counts have no halves: steps below one are not offered. */
  isWhole: boolean
  unit: WidgetFormat['unit']
}

/** Beyond this, differences overflow; no metric lives there. */
const VALUE_MAX = 1e300
const VALUE_MIN = 1e-290
/** Lines start at zero too when the smallest value is not far from it, compared with the largest. */
const NEAR_ZERO = 0.45
const COUNT = { min: 3, max: 5 } as const

const MANTISSAS = [1, 2, 2.5, 3, 5]
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TIME_STEPS = [
  ...[1, 2, 3, 5, 10, 15, 20, 30].map((step) => step * SECOND),
  ...[1, 2, 3, 5, 10, 15, 20, 30].map((step) => step * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((step) => step * HOUR),
]

function decimalSteps(range: number, isWhole: boolean): number[] {
  const power = Math.floor(Math.log10(range))
  const steps: number[] = []
  for (let exponent = power - 2; exponent <= power + 1; exponent++) {
    for (const mantissa of MANTISSAS) steps.push(Number(`${mantissa}e${exponent}`))
  }
  return isWhole ? steps.filter((step) => Number.isInteger(step)) : steps
}

/** Steps of clocks, in the metric's own unit: 15 min and not 1,000 s. */
function durationSteps(range: number, msPerUnit: number): number[] {
  const ms = range * msPerUnit
  if (ms < 2 * SECOND) return decimalSteps(range, false)
  const steps = ms > 2 * DAY ? [...TIME_STEPS, ...decimalSteps(ms / DAY, false).map((days) => days * DAY)] : TIME_STEPS
  return steps.map((step) => step / msPerUnit)
}

function stepsFor(range: number, options: ScaleOptions): number[] {
  if (options.unit === 'duration_ms') return durationSteps(range, 1)
  if (options.unit === 'duration_s') return durationSteps(range, 1000)
  return decimalSteps(range, options.isWhole)
}

/** Widens a range that has no height, so that a flat line lies in the middle and a bar has its length. */
function spread(min: number, max: number, zeroBased: boolean): [number, number] {
  if (max - min > Math.max(VALUE_MIN, Math.max(Math.abs(min), Math.abs(max)) * 1e-9)) return [min, max]
  // Below this a tenth of the value rounds to nothing.
  if (Math.abs(max) < VALUE_MIN) return [Math.min(0, min), 1]
  if (zeroBased) return max > 0 ? [0, max] : [min, 0]
  const reach = Math.abs(max) * 0.1
  return [min - reach, max + reach]
}

function multiplesOf(step: number, first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const value = Number(((first + index) * step).toPrecision(12))
    return value === 0 ? 0 : value
  })
}

/** Share of the axis that stays empty, with a little against steps that are harder to read. */
function cost(step: number, count: number, range: number): number {
  const mantissa = Number(step.toExponential().split('e')[0])
  const odd = mantissa === 2.5 ? 0.08 : mantissa === 3 ? 0.05 : 0
  return (step * (count - 1)) / range + odd - count * 0.02
}

/** Axis of a chart: three to five round ticks whose ends are the domain and enclose every value. */
export function niceScale(values: Iterable<number | null>, options: ScaleOptions): ValueScale {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue
    const clipped = Math.max(-VALUE_MAX, Math.min(VALUE_MAX, value))
    low = Math.min(low, clipped)
    high = Math.max(high, clipped)
  }
  if (low > high) [low, high] = [0, 0]
  if (options.zeroBased || (low >= 0 && low <= high * NEAR_ZERO)) low = Math.min(low, 0)
  if (options.zeroBased || (high <= 0 && high >= low * NEAR_ZERO)) high = Math.max(high, 0)
  ;[low, high] = spread(low, high, options.zeroBased)
  if (options.isWhole && high - low < COUNT.min - 1) return smallWhole(low, high)
  const range = high - low
  let best: { cost: number; ticks: number[] } | null = null
  for (const step of stepsFor(range, options)) {
    const first = Math.floor(low / step + 1e-9)
    const count = Math.ceil(high / step - 1e-9) - first + 1
    if (count < COUNT.min || count > COUNT.max) continue
    const candidate = { cost: cost(step, count, range), ticks: multiplesOf(step, first, count) }
    if (!best || candidate.cost < best.cost) best = candidate
  }
  const ticks = best?.ticks ?? [low, low + range / 2, high]
  return { ticks, domain: [Math.min(low, ticks[0] ?? low), Math.max(high, ticks.at(-1) ?? high)] }
}

/** Counts up to two: 0, 1, 2. */
function smallWhole(low: number, high: number): ValueScale {
  const first = Math.floor(low)
  const last = Math.max(Math.ceil(high), first + COUNT.min - 1)
  return { ticks: Array.from({ length: last - first + 1 }, (_, index) => first + index), domain: [first, last] }
}
