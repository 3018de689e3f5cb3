/**
 * The numbers of an invented company: a year of three products, ending now. Pure and seeded by series and time, so that
 * the same moment has the same number whenever it is asked for; a point's id follows from its time, so that seeding
 * again adds only what has happened since.
 */
import { createHash } from 'node:crypto'
import { ColumnBuilder, type ParsedPoints } from '../ingest/service'
import type { Aggregation, MetricKind } from '../metric/schema'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const HISTORY_DAYS = 365
/** Hours where one looks closely, quarters of days before: a year takes seconds to store. */
const HOURLY_DAYS = 15
const COARSE_HOURS = 6
/** One hand-over to the writer. */
const CHUNK_POINTS = 10_000

export interface DemoMetric {
  name: string
  unit: string | null
  description: string
  kind: MetricKind
  aggregation: Aggregation
  /** For sums: what the whole metric adds up to on an average day now. For levels: the value itself. */
  level: number
  /** Growth over the year: 0.4 is forty per cent more than a year ago. */
  growth: number
  /** Share of the working days' numbers that a weekend day has. */
  weekend: number
  /** Relative noise of one point. */
  noise: number
  decimals: number
  /** What the bad day does to it: a factor while it lasts. */
  outage: number
  /** Tag keys with their values and shares. */
  tags: Record<string, Record<string, number>>
}

export interface DemoProduct {
  name: string
  zone: string
  metrics: DemoMetric[]
}

const COUNTRIES = { Germany: 0.33, 'United States': 0.27, 'United Kingdom': 0.18, France: 0.13, Netherlands: 0.09 }
const sum = {
  kind: 'count',
  aggregation: 'sum',
  decimals: 0,
  outage: 0.15,
  weekend: 0.6,
  noise: 0.12,
  growth: 0.45,
} as const
const level = {
  kind: 'gauge',
  aggregation: 'avg',
  decimals: 1,
  outage: 1,
  weekend: 0.9,
  noise: 0.06,
  growth: 0.1,
} as const

/** The main one first: they are made, and listed, in this order. */
export const DEMO_PRODUCTS: readonly [DemoProduct, ...DemoProduct[]] = [
  {
    name: 'Quill',
    zone: 'Europe/Berlin',
    metrics: [
      {
        ...sum,
        name: 'revenue',
        unit: 'EUR',
        description: 'Paid invoices, without tax.',
        level: 10_800,
        decimals: 2,
        tags: { country: COUNTRIES, plan: { Solo: 0.28, Team: 0.42, Business: 0.3 } },
      },
      {
        ...sum,
        name: 'signups',
        unit: null,
        description: 'New accounts.',
        level: 158,
        tags: { source: { Search: 0.41, Direct: 0.27, Referral: 0.2, Ads: 0.12 } },
      },
      {
        ...sum,
        name: 'subscriptions.new',
        unit: null,
        description: 'First payments of an account.',
        level: 56,
        tags: { plan: { Solo: 0.55, Team: 0.31, Business: 0.14 } },
      },
      {
        ...level,
        kind: 'distribution',
        name: 'first_reply',
        unit: 'min',
        description: 'Time until support answers for the first time.',
        level: 44,
        growth: -0.2,
        outage: 2.4,
        noise: 0.14,
        tags: { team: { Support: 1.05, Billing: 0.85 } },
      },
      {
        ...sum,
        name: 'errors',
        unit: null,
        description: 'Requests that failed on our side.',
        level: 210,
        growth: -0.3,
        weekend: 0.7,
        noise: 0.3,
        outage: 14,
        tags: { service: { api: 0.5, editor: 0.3, sync: 0.2 } },
      },
    ],
  },
  {
    name: 'Quill mobile',
    zone: 'Europe/Berlin',
    metrics: [
      {
        ...sum,
        name: 'installs',
        unit: null,
        description: 'First starts after an installation.',
        level: 420,
        weekend: 1.25,
        tags: { store: { 'App Store': 0.58, 'Google Play': 0.42 } },
      },
      {
        ...sum,
        name: 'sessions',
        unit: null,
        description: 'Times somebody opened the app.',
        level: 9_400,
        weekend: 1.15,
        noise: 0.06,
        tags: { country: COUNTRIES },
      },
      {
        ...sum,
        name: 'crashes',
        unit: null,
        description: 'Sessions that ended in a crash.',
        level: 38,
        growth: -0.5,
        noise: 0.35,
        outage: 9,
        tags: { version: { '4.2': 0.6, '4.1': 0.3, '4.0': 0.1 } },
      },
      {
        ...level,
        name: 'rating',
        unit: null,
        description: 'Average stars of the day.',
        level: 4.5,
        growth: 0.06,
        noise: 0.02,
        tags: {},
      },
    ],
  },
  {
    name: 'Print shop',
    zone: 'Europe/Berlin',
    metrics: [
      {
        ...sum,
        name: 'orders',
        unit: null,
        description: 'Orders that were paid.',
        level: 240,
        weekend: 0.8,
        tags: { product: { Cards: 0.44, Posters: 0.36, Books: 0.2 } },
      },
      {
        ...sum,
        name: 'sales',
        unit: 'EUR',
        description: 'Value of paid orders, without tax.',
        level: 8_900,
        decimals: 2,
        weekend: 0.8,
        tags: { product: { Cards: 0.24, Posters: 0.33, Books: 0.43 }, country: COUNTRIES },
      },
      {
        ...sum,
        name: 'returns',
        unit: null,
        description: 'Orders that came back.',
        level: 9,
        noise: 0.4,
        outage: 1,
        tags: { reason: { Damaged: 0.4, 'Wrong size': 0.35, Other: 0.25 } },
      },
      {
        ...level,
        kind: 'distribution',
        name: 'delivery_time',
        unit: 'days',
        description: 'From the order to the door.',
        level: 2.8,
        growth: -0.15,
        noise: 0.08,
        tags: { carrier: { DHL: 0.95, UPS: 1.02, DPD: 1.12 } },
      },
    ],
  },
]

/** Share of a day's work in each hour, in local time of the company (about UTC+1); adds up to one. */
const HOURS = normalize([1, 1, 1, 1, 1, 2, 3, 5, 8, 10, 10, 9, 8, 9, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
const LOCAL_OFFSET_HOURS = 1
/** Nine days ago, shortly after noon: a card processor was away. Somebody looking at "30 days" finds it at once. */
const OUTAGE_DAYS_AGO = 9
const OUTAGE_FROM_HOUR = 12
const OUTAGE_TO_HOUR = 15

/** The points of a product up to and including `now`, in pieces that the writer takes. */
export function* demoPoints(product: DemoProduct, now: number): Generator<ParsedPoints> {
  const slots = slotsUntil(now)
  let builder = new ColumnBuilder(0, 0, (index) => `/${index}`)
  let count = 0
  for (const metric of product.metrics) {
    for (const series of seriesOf(metric)) {
      const seed = seedOf(`${product.name}/${metric.name}/${series.tags}`)
      for (const slot of slots) {
        builder.add(
          count++,
          metric.name,
          series.tags,
          slot.at,
          valueAt(metric, series.share, seed, slot, now),
          `demo:${slot.at}`,
        )
        if (count < CHUNK_POINTS) continue
        yield builder.finish()
        builder = new ColumnBuilder(0, 0, (index) => `/${index}`)
        count = 0
      }
    }
  }
  if (count > 0) yield builder.finish()
}

/** How many points `demoPoints` yields. */
export function countDemoPoints(product: DemoProduct, now: number): number {
  return product.metrics.reduce((total, metric) => total + [...seriesOf(metric)].length, 0) * slotsUntil(now).length
}

interface Slot {
  at: number
  hours: number
}

function slotsUntil(now: number): Slot[] {
  const slots: Slot[] = []
  const fineFrom = Math.floor((now - HOURLY_DAYS * DAY_MS) / DAY_MS) * DAY_MS
  const coarseMs = COARSE_HOURS * HOUR_MS
  const start = Math.ceil((now - HISTORY_DAYS * DAY_MS) / coarseMs) * coarseMs
  for (let at = start; at < fineFrom; at += coarseMs) slots.push({ at, hours: COARSE_HOURS })
  // An hour's number is there when the hour is over.
  for (let at = fineFrom; at + HOUR_MS <= now; at += HOUR_MS) slots.push({ at, hours: 1 })
  return slots
}

/** Every combination of the tags' values, with the product of their shares. */
function* seriesOf(metric: DemoMetric): Generator<{ tags: string; share: number }> {
  let combinations: { tags: Record<string, string>; share: number }[] = [{ tags: {}, share: 1 }]
  for (const key of Object.keys(metric.tags).sort()) {
    combinations = combinations.flatMap(({ tags, share }) =>
      Object.entries(metric.tags[key] ?? {}).map(([value, part]) => ({
        tags: { ...tags, [key]: value },
        share: share * part,
      })),
    )
  }
  for (const { tags, share } of combinations) yield { tags: JSON.stringify(tags), share }
}

function valueAt(metric: DemoMetric, share: number, seed: number, { at, hours }: Slot, now: number): number {
  const age = (now - at) / (HISTORY_DAYS * DAY_MS)
  const grown = (1 + metric.growth) ** -age
  const noise = 1 + metric.noise * normal(seed, at)
  const outage = outageShare(at, hours, now)
  const isLevel = metric.aggregation !== 'sum'
  const rhythm = isLevel ? weekdayFactor(metric, at) ** 0.3 : weekdayFactor(metric, at) * hoursFactor(at, hours)
  const value = metric.level * share * grown * Math.max(0.05, noise) * rhythm * (1 + (metric.outage - 1) * outage)
  return roundTo(value, metric.decimals, uniform(seed ^ 0x9e3779b9, at))
}

function weekdayFactor(metric: DemoMetric, at: number): number {
  const weekday = new Date(at + LOCAL_OFFSET_HOURS * HOUR_MS).getUTCDay()
  return weekday === 0 || weekday === 6 ? metric.weekend : weekday === 1 ? 1.08 : weekday === 5 ? 0.94 : 1.02
}

function hoursFactor(at: number, hours: number): number {
  const first = new Date(at + LOCAL_OFFSET_HOURS * HOUR_MS).getUTCHours()
  let share = 0
  for (let i = 0; i < hours; i++) share += HOURS[(first + i) % 24] ?? 0
  return share
}

/** The part of the slot that the bad hours cover, 0 to 1. */
function outageShare(at: number, hours: number, now: number): number {
  const day = Math.floor(now / DAY_MS) * DAY_MS - OUTAGE_DAYS_AGO * DAY_MS
  const from = day + (OUTAGE_FROM_HOUR - LOCAL_OFFSET_HOURS) * HOUR_MS
  const to = day + (OUTAGE_TO_HOUR - LOCAL_OFFSET_HOURS) * HOUR_MS
  return Math.max(0, Math.min(to, at + hours * HOUR_MS) - Math.max(from, at)) / (hours * HOUR_MS)
}

/** Counts are whole; what is cut off comes back as chance, so that small numbers keep their average. */
function roundTo(value: number, decimals: number, chance: number): number {
  const scaled = value * 10 ** decimals
  const whole = decimals === 0 ? Math.floor(scaled + chance) : Math.round(scaled)
  return whole / 10 ** decimals
}

function normalize(values: readonly number[]): number[] {
  const total = values.reduce((a, b) => a + b, 0)
  return values.map((value) => value / total)
}

const seedOf = (text: string): number => createHash('sha256').update(text).digest().readInt32LE(0)

/** 0 to 1 from a seed and a time (the finaliser of MurmurHash3: every bit of the input reaches every bit of the output). */
function uniform(seed: number, at: number): number {
  let h = seed ^ Math.imul(Math.floor(at / HOUR_MS), 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32
}

/** Roughly normal, within ±3: the sum of three uniforms, scaled. Enough for noise that looks like life. */
function normal(seed: number, at: number): number {
  return (uniform(seed, at) + uniform(seed ^ 0x51ed270b, at) + uniform(seed ^ 0x2545f491, at) - 1.5) * 2
}
