/**
 * The same points for every run and every program that is measured: 20 metrics × 3 regions × 8 channels (480 series),
 * 90 days around the end of summer time in Berlin (2025-10-26), two decimals, in an order that is fixed and looks random.
 */
const METRICS = 20
const REGIONS = ['eu', 'us', 'ap']
const CHANNELS = ['ads', 'mail', 'web', 'shop', 'app', 'call', 'fair', 'post']
export const SERIES_COUNT = METRICS * REGIONS.length * CHANNELS.length

const FROM_MS = Date.UTC(2025, 8, 1)
const SPAN_MS = 90 * 86_400_000

export interface BenchPoint {
  series: number
  /** Epoch ms. */
  ts: number
  /** The value is `cents / 100`. */
  cents: number
}

/** The i-th of `count` points. Any order of asking gives the same points: nothing is kept between two calls. */
export function pointAt(i: number, count: number): BenchPoint {
  // A step that shares no factor with any count we use walks through all places once, far apart from each other.
  const place = Number((BigInt(i) * 7_368_787n) % BigInt(count))
  const random = mix(place)
  return {
    series: random % SERIES_COUNT,
    ts: FROM_MS + Math.floor((place / count) * SPAN_MS),
    cents: mix(random) % 100_000,
  }
}

/** A 32-bit mix (lowbias32 by Chris Wellons). */
function mix(n: number): number {
  let x = (n ^ 0x9e3779b9) >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad) >>> 0
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97) >>> 0
  return (x ^ (x >>> 15)) >>> 0
}

export function seriesName(series: number): { metric: string; region: string; channel: string } {
  const channel = CHANNELS[series % CHANNELS.length] as string
  const region = REGIONS[Math.floor(series / CHANNELS.length) % REGIONS.length] as string
  return { metric: `metric ${Math.floor(series / (CHANNELS.length * REGIONS.length))}`, region, channel }
}

export function toJson({ series, ts, cents }: BenchPoint): string {
  const { metric, region, channel } = seriesName(series)
  const time = new Date(ts).toISOString()
  return `{"metric":"${metric}","value":${cents / 100},"timestamp":"${time}","tags":{"region":"${region}","channel":"${channel}"}}`
}

export function sumOfCents(count: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += pointAt(i, count).cents
  return sum
}
