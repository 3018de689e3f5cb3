/**
 * StatsD as Etsy, Datadog (DogStatsD 1.0 to 1.3) and Telegraf write it, one metric per line:
 *
 *     name:value[:value…]|type[|@rate][|#tag:value,…][|Tseconds]
 */
import type { Fault } from '../columns'
import { type AgentSeries, isFault, toSeries } from './agent-points'

/** `c`; `g`; `ms`, `h` and `d`, which all are values of a distribution; `s`. */
export type StatsdType = 'count' | 'gauge' | 'distribution' | 'set'

export interface StatsdSample {
  type: StatsdType
  series: AgentSeries
  /** Of a set: its members as texts. */
  values: string[]
  /** Of a gauge: a leading sign adds to what it stands at. */
  isDelta: boolean
  /** The share of events that were sent: each stands for 1 / rate. */
  rate: number
  /** Epoch ms; null: now. */
  ts: number | null
}

/** Null for what is no metric, such as events and service checks. */
export function parseStatsdLine(line: string): StatsdSample | Fault | null {
  if (line.startsWith('_e{') || line.startsWith('_sc|')) return null
  const colon = line.indexOf(':')
  const pipe = line.indexOf('|', colon)
  if (colon < 1 || pipe < 0) return wrong('a line is "name:value|type", such as "page.views:1|c"')
  const [typeText = '', ...extras] = line.slice(pipe + 1).split('|')
  const type = TYPES.get(typeText)
  if (!type) return wrong(`the type "${typeText.slice(0, 20)}" is none of c, g, ms, h, d and s`)
  const values = line.slice(colon + 1, pipe).split(':')
  const read = readExtras(extras)
  if (typeof read === 'string') return wrong(read)
  if (type !== 'set' && !values.every((value) => NUMBER.test(value))) return wrong('the value is not a number')
  const series = toSeries(line.slice(0, colon), read.tags)
  if (isFault(series)) return series
  const isDelta = type === 'gauge' && /^[+-]/.test(values[0] as string)
  return { type, series, values, isDelta, rate: read.rate, ts: read.ts }
}

const TYPES = new Map<string, StatsdType>([
  ['c', 'count'],
  ['g', 'gauge'],
  ['ms', 'distribution'],
  ['h', 'distribution'],
  ['d', 'distribution'],
  ['s', 'set'],
])

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

function readExtras(
  extras: readonly string[],
): { rate: number; ts: number | null; tags: Map<string, string> } | string {
  let rate = 1
  let ts: number | null = null
  const tags = new Map<string, string>()
  for (const extra of extras) {
    const rest = extra.slice(1)
    if (extra.startsWith('@')) {
      rate = Number(rest)
      if (!(rate > 0 && rate <= 1)) return 'the sample rate lies between 0 and 1'
    } else if (extra.startsWith('T')) {
      if (!/^\d{1,12}$/.test(rest)) return 'the timestamp is a number of seconds since 1970'
      ts = Number(rest) * 1000
    } else if (extra.startsWith('#')) {
      for (const tag of rest.split(',')) addTag(tags, tag)
    }
    // What else there is (the container, the entity, the cardinality) is about Datadog's own agent.
  }
  return { rate, ts, tags }
}

/** A tag without a value is there or not: `true`, as Telegraf reads it. */
function addTag(tags: Map<string, string>, tag: string): void {
  if (tag === '') return
  const colon = tag.indexOf(':')
  if (colon < 0) tags.set(tag, 'true')
  else tags.set(tag.slice(0, colon), tag.slice(colon + 1))
}

const wrong = (detail: string): Fault => ({
  path: '',
  code: 'invalid_line',
  detail: `Not a line of StatsD: ${detail}.`,
})
