/**
 * The text format of Prometheus (0.0.4), as programs push it, and what OpenMetrics adds to it: `# UNIT`, `# EOF`,
 * exemplars, seconds as timestamps, and `_created`. Strict: a line that cannot be read refuses the body, because the
 * format has no way to say that half of it was taken.
 */
import { DomainError } from '../../kernel/errors'
import type { MetricHint, ParsedPoints } from '../columns'
import { AgentPoints } from './agent-points'
import { addSamples, type PrometheusSample, type PrometheusSeries } from './prometheus-families'
import { METRIC_TYPES, type MetricType } from './prometheus-schema'
import { decodeUtf8 } from './text'

/**
 * `labels` of the request are put on each sample, before those of the line. `now` is epoch ms, and the time of samples
 * that have none. Throws a DomainError that names the line.
 */
export function parseTextExposition(
  body: Uint8Array,
  labels: ReadonlyMap<string, string>,
  now: number,
): ParsedPoints[] {
  const text = decodeUtf8(body)
  const exposition = new Exposition(labels, now, /^# EOF *$/m.test(text))
  text.split('\n').forEach((line, i) => {
    const fault = exposition.read(line.endsWith('\r') ? line.slice(0, -1) : line, i + 1)
    if (fault) throw refused(i + 1, fault)
  })
  const points = new AgentPoints(body.byteLength, now)
  const all = exposition.finish()
  addSamples(points, all)
  const parsed = points.finish()
  const rejected = parsed.flatMap((part) => part.rejected)[0]
  if (rejected) throw refused(Number(/^\/(\d+)/.exec(rejected.pointer)?.[1] ?? 0), rejected.detail)
  return parsed
}

const refused = (line: number, detail: string) =>
  new DomainError('invalid_request', `Line ${line}: ${detail}`, {
    errors: [{ pointer: `/${line}`, code: 'invalid_line', detail }],
  })

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,?)/y
const REST = /\s*(\S+)(?:\s+([^\s#]+))?\s*(?:#.*)?$/y
const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const COMMENT = /^#\s*(HELP|TYPE|UNIT)\s+([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\s+(.*))?$/
const INFINITIES: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  '+inf': Infinity,
  '-inf': -Infinity,
  inf: Infinity,
}
const SUFFIX = /_(bucket|sum|count|total|created)$/

/** A series of the text with its line, by name and labels. */
interface Line {
  series: Omit<PrometheusSeries, 'samples' | 'type' | 'hint'> & { samples: PrometheusSample[] }
}

class Exposition {
  readonly #labels: ReadonlyMap<string, string>
  readonly #now: number
  readonly #isOpenMetrics: boolean
  readonly #types = new Map<string, MetricType>()
  readonly #hints = new Map<string, MetricHint>()
  readonly #lines = new Map<string, Line>()
  #isOver = false

  constructor(labels: ReadonlyMap<string, string>, now: number, isOpenMetrics: boolean) {
    this.#labels = labels
    this.#now = now
    this.#isOpenMetrics = isOpenMetrics
  }

  /** What is wrong with the line, null when nothing is. */
  read(line: string, number: number): string | null {
    if (line.trim() === '') return null
    if (this.#isOver) return 'There is something behind "# EOF".'
    if (line.startsWith('#')) return this.#readComment(line)
    return this.#readSample(line, number)
  }

  #readComment(line: string): string | null {
    if (line.trim() === '# EOF') this.#isOver = true
    const [, word, name, rest = ''] = COMMENT.exec(line) ?? []
    if (!word || !name) return null
    if (word === 'HELP') this.#hint(name, { description: unescapeText(rest) })
    else if (word === 'UNIT') this.#hint(name, { unit: rest.trim() })
    else {
      const type = rest.trim().toLowerCase()
      if (type === 'untyped' || type === 'unknown') return null
      if (!isType(type)) return `There is no type "${rest.trim()}".`
      if (this.#types.has(name)) return `The type of ${name} stands there twice.`
      this.#types.set(name, type)
    }
    return null
  }

  #hint(name: string, hint: MetricHint): void {
    this.#hints.set(name, { ...this.#hints.get(name), ...hint })
  }

  #readSample(line: string, number: number): string | null {
    const start = line.length - line.trimStart().length
    NAME.lastIndex = start
    const name = NAME.exec(line)?.[0]
    if (!name) return 'A line begins with the name of a metric.'
    let at = NAME.lastIndex
    const labels = new Map<string, string>()
    while (line[at] === ' ' || line[at] === '\t') at++
    if (line[at] === '{') {
      const end = readLabels(line, at + 1, labels)
      if (typeof end === 'string') return end
      at = end
    }
    REST.lastIndex = at
    const [, value = '', timestamp] = REST.exec(line) ?? []
    const number64 = toFloat(value)
    if (number64 === null) return `"${value}" is no number.`
    const ts = timestamp === undefined ? this.#now : this.#toMs(timestamp)
    if (ts === null) return `"${timestamp}" is no timestamp.`
    for (const [key, own] of this.#labels) labels.set(key, own)
    for (const [key, own] of labels) if (own === '') labels.delete(key)
    const key = JSON.stringify([name, [...labels].sort(([a], [b]) => (a < b ? -1 : 1))])
    const known = this.#lines.get(key)
    if (known?.series.samples.some((sample) => sample.ts === ts)) return 'The same series stands there twice.'
    const sample = { ts, startMs: 0, value: number64 }
    if (known) known.series.samples.push(sample)
    else this.#lines.set(key, { series: { name, labels, pointer: `/${number}`, samples: [sample] } })
    return null
  }

  #toMs(timestamp: string): number | null {
    if (!FLOAT.test(timestamp)) return null
    return this.#isOpenMetrics ? Math.round(Number(timestamp) * 1e6) / 1000 : Math.round(Number(timestamp))
  }

  finish(): PrometheusSeries[] {
    const starts = new Map<string, number>()
    const all: PrometheusSeries[] = []
    for (const { series } of this.#lines.values()) {
      if (this.#isCreated(series.name)) {
        const seconds = series.samples.at(-1)?.value ?? 0
        starts.set(startKey(series.name, series.labels), Math.round(seconds * 1e6) / 1000)
      } else {
        const family = this.#familyOf(series.name)
        all.push({ ...series, type: this.#types.get(family) ?? null, hint: this.#hints.get(family) ?? {} })
      }
    }
    if (starts.size === 0) return all
    return all.map((one) => {
      const startMs = starts.get(startKey(one.name, one.labels))
      return startMs ? { ...one, samples: one.samples.map((sample) => ({ ...sample, startMs })) } : one
    })
  }

  /** The name under which the type of a sample stands: its own, or that of the histogram, summary or counter it is of. */
  #familyOf(name: string): string {
    if (this.#types.has(name) || this.#hints.has(name)) return name
    return name.replace(SUFFIX, '')
  }

  /** When something began to count. Python's client writes it as a gauge of its own, OpenMetrics as a part of the counter. */
  #isCreated(name: string): boolean {
    if (!name.endsWith('_created')) return false
    const base = name.slice(0, -'_created'.length)
    const type = this.#types.get(base) ?? this.#types.get(`${base}_total`)
    return type === 'counter' || type === 'histogram' || type === 'summary'
  }
}

/** The same for all parts of a counter, histogram or summary. */
function startKey(name: string, labels: ReadonlyMap<string, string>): string {
  const own = [...labels].filter(([key]) => key !== 'le' && key !== 'quantile').sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([name.replace(SUFFIX, ''), own])
}

/** Fills `labels` and answers the place behind the brace, or what is wrong. */
function readLabels(line: string, from: number, labels: Map<string, string>): number | string {
  let at = from
  for (;;) {
    while (line[at] === ' ' || line[at] === '\t') at++
    if (line[at] === '}') return at + 1
    LABEL.lastIndex = at
    const [all, name, value = '', comma] = LABEL.exec(line) ?? []
    if (!all || !name) return 'The labels cannot be read: {name="value",…}.'
    if (labels.has(name)) return `The label "${name}" stands there twice.`
    labels.set(name, unescapeText(value))
    at += all.length
    if (comma === '' && line[at] !== '}') return 'A comma or } is missing behind a label.'
  }
}

const unescapeText = (text: string) =>
  text.includes('\\') ? text.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)) : text

function toFloat(text: string): number | null {
  if (FLOAT.test(text)) return Number(text)
  return INFINITIES[text.toLowerCase()] ?? null
}

const isType = (type: string): type is MetricType => METRIC_TYPES.some((one) => one === type)
