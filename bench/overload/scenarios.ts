import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answers, call, flood, noAnswers, points, prepared, quantile, trickle } from './clients'
import type { World } from './world'

export interface Finding {
  isMet: boolean
  text: string
}

export interface Scenario {
  id: string
  env?: Record<string, string>
  run(world: World, seconds: number): Promise<Finding[]>
}

const MB = 1_000_000
const RSS_BYTES_MAX = 700 * MB
const DAY_MS = 86_400_000

const after = (seconds: number) => AbortSignal.timeout(seconds * 1000)
const ms = (value: number) => `${value.toFixed(1)} ms`
const p99 = ({ okMs }: Answers) => quantile(okMs, 0.99)

const batch = (count: number) =>
  prepared(16, (n) => points(count, (i) => ({ metric: `m${i % 20}`, value: n + i, tags: { shelf: String(i % 24) } })))

const describeOthers = ({ others }: Answers) =>
  [...others].map(([what, count]) => `${count} × ${what}`).join(', ') || 'none'

/** Every refusal is one that tells the client to come back. */
const isPolite = ({ others, withoutRetryAfter }: Answers) =>
  withoutRetryAfter === 0 && [...others.keys()].every((what) => what === '429' || what === '503')

/** How long the quiet one waits while nothing else goes on, and the server is warm. */
async function unloaded({ quiet }: World): Promise<number> {
  await trickle(quiet, 5, after(3))
  return p99(await trickle(quiet, 20, after(5)))
}

/** Twice as long, or so little that nobody could tell: below it the scheduler of the machine is what is measured. */
const isUndisturbed = (loaded: number, alone: number) => loaded <= Math.max(2 * alone, 25)

export const SCENARIOS: Scenario[] = [
  {
    id: 'OV-01',
    async run(world, seconds) {
      const size = 1000
      const body = batch(size)
      await flood(world.loud, 8, body, after(3))
      const peak = await flood(world.loud, 8, body, after(8))
      const peakRate = peak.okMs.length / 8
      const over = await flood(world.loud, 256, body, after(seconds), 2 * peakRate)
      const rate = over.okMs.length / seconds
      const rss = world.rssBytes()
      await sleep(10_000)
      const later = p99(await trickle(world.quiet, 20, after(3)))
      return [
        {
          isMet: rate >= 0.8 * peakRate,
          text: `goodput under overload ${Math.round(rate * size)} points/s, peak ${Math.round(peakRate * size)}`,
        },
        { isMet: isPolite(over), text: `refusals: ${describeOthers(over)}` },
        { isMet: p99(over) <= 10_000, text: `p99 of what was accepted: ${ms(p99(over))}` },
        { isMet: rss <= RSS_BYTES_MAX, text: `resident memory ${Math.round(rss / MB)} MB` },
        { isMet: later <= 100, text: `p99 of single points ten seconds later: ${ms(later)}` },
      ]
    },
  },
  {
    id: 'OV-05',
    async run(world, seconds) {
      const alone = await unloaded(world)
      const stop = after(seconds)
      const [quiet, loud] = await Promise.all([trickle(world.quiet, 20, stop), flood(world.loud, 16, batch(500), stop)])
      return [
        {
          isMet: isUndisturbed(p99(quiet), alone) && quiet.others.size === 0,
          text: `p99 of the quiet product ${ms(p99(quiet))}, alone ${ms(alone)}; the loud one stores ${Math.round((loud.okMs.length * 500) / seconds)} points/s`,
        },
      ]
    },
  },
  {
    id: 'OV-06',
    async run(world, seconds) {
      await fillYear(world)
      const alone = await unloaded(world)
      const stop = after(seconds)
      const asked = noAnswers()
      const agent = new Agent({ keepAlive: true, maxSockets: 50 })
      const ask = async (n: number) => {
        for (let i = 0; !stop.aborted; i++) {
          // Percentiles by tag are read from the points themselves, and no two questions are the same.
          const range = { from: isoDay(364 - ((n + i) % 30)), to: isoDay(0) }
          const spec = { metric: 'year', aggregation: 'p95', groupBy: ['shelf'], granularity: 'week', range }
          await call(world.loud, agent, asked, { path: '/api/v1/query', body: JSON.stringify(spec) })
        }
      }
      const [quiet] = await Promise.all([
        trickle(world.quiet, 20, stop),
        ...Array.from({ length: 50 }, (_, n) => ask(n)),
      ])
      agent.destroy()
      return [
        {
          isMet: isUndisturbed(p99(quiet), alone) && quiet.others.size === 0,
          text: `p99 of ingest beside 50 questions over a year ${ms(p99(quiet))}, alone ${ms(alone)}`,
        },
        { isMet: isPolite(asked), text: `${asked.okMs.length} answered; refused: ${describeOthers(asked)}` },
      ]
    },
  },
  {
    id: 'OV-08',
    async run(world, seconds) {
      const body = batch(10_000)
      await flood(world.loud, 2, body, after(3))
      await world.loopDelay()
      const answers = await flood(world.loud, 4, body, after(seconds))
      const { p99Ms, maxMs } = await world.loopDelay()
      return [
        {
          isMet: p99Ms < 50,
          text: `event loop p99 ${ms(p99Ms)}, longest ${ms(maxMs)}, with ${Math.round((answers.okMs.length * 10_000) / seconds)} points/s in requests of 10,000`,
        },
      ]
    },
  },
  {
    // F22: a tag that has another value in every point.
    id: 'IN-19',
    env: { SERIES_PER_PRODUCT_MAX: '20000' },
    async run(world, seconds) {
      await call(world.loud, new Agent(), noAnswers(), { path: '/api/v1/ingest', body: batch(100)(0) })
      const alone = await unloaded(world)
      const before = world.rssBytes()
      const stop = after(seconds)
      let sent = 0
      const body = () => points(1000, () => ({ metric: 'flood', value: 1, tags: { request: `r${sent++}` } }))
      const known = noAnswers()
      const agent = new Agent({ keepAlive: true })
      const [quiet] = await Promise.all([
        trickle(world.quiet, 20, stop),
        flood(world.loud, 4, body, stop),
        (async () => {
          for (; !stop.aborted; await sleep(100))
            await call(world.loud, agent, known, { path: '/api/v1/ingest', body: batch(100)(1) })
        })(),
      ])
      agent.destroy()
      const grown = world.rssBytes() - before
      return [
        {
          isMet: isUndisturbed(p99(quiet), alone) && quiet.others.size === 0,
          text: `p99 of another product ${ms(p99(quiet))}, alone ${ms(alone)}, beside ${sent} invented series`,
        },
        {
          isMet: known.others.size === 0,
          text: `known series of the same product: ${known.okMs.length} stored, ${describeOthers(known)} refused`,
        },
        { isMet: grown <= 300 * MB, text: `memory grew by ${Math.round(grown / MB)} MB` },
      ]
    },
  },
]

const isoDay = (daysAgo: number) => new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10)

async function fillYear({ loud }: World): Promise<void> {
  const agent = new Agent({ keepAlive: true })
  for (let part = 0; part < 20; part++) {
    const body = points(5000, (i) => ({
      metric: 'year',
      value: (i * 7919) % 1000,
      tags: { shelf: String(i % 24) },
      timestamp: new Date(Date.now() - ((part * 5000 + i) / 100_000) * 364 * DAY_MS).toISOString(),
    }))
    await call(loud, agent, noAnswers(), { path: '/api/v1/ingest', body })
  }
  agent.destroy()
}
