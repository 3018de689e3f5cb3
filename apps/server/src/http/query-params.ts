/** The query string of `GET /api/v1/query` as the input of a query. What it holds is judged by the query's own schema. */
import { DomainError } from '@trackable/api'

const ONCE = [
  'metric',
  'aggregation',
  'range',
  'from',
  'to',
  'start',
  'end',
  'granularity',
  'zone',
  'compare',
  'seriesMax',
  'format',
] as const
const OFTEN = ['groupBy', 'filter'] as const

const refuse = (name: string, detail: string) =>
  new DomainError('invalid_request', detail, { errors: [{ pointer: `/${name}`, code: 'invalid_parameter', detail }] })

const DEFAULT_RANGE = '30d'

/** Throws `invalid_request` for a parameter that does not exist, or stands there twice. */
export function readQueryParams(params: URLSearchParams): Record<string, unknown> {
  const known: readonly string[] = [...ONCE, ...OFTEN]
  for (const name of new Set(params.keys())) {
    if (!known.includes(name)) throw refuse(name, `There is no parameter "${name}". There are: ${known.join(', ')}.`)
  }
  const one = (name: (typeof ONCE)[number]) => {
    const all = params.getAll(name)
    if (all.length > 1) throw refuse(name, `The parameter "${name}" stands there ${all.length} times.`)
    return all[0]
  }
  const { metric, aggregation, granularity, zone } = {
    metric: one('metric'),
    aggregation: one('aggregation'),
    granularity: one('granularity'),
    zone: one('zone'),
  }
  const seriesMax = one('seriesMax')
  const groupBy = params.getAll('groupBy').flatMap((text) => text.split(','))
  return dropUndefined({
    metric,
    aggregation,
    granularity,
    zone,
    groupBy: groupBy.length > 0 ? groupBy : undefined,
    filters: params.getAll('filter').map(readFilter),
    range: readRange(one),
    compare: readCompare(one('compare')),
    seriesMax: seriesMax === undefined ? undefined : Number(seriesMax),
  })
}

function readRange(one: (name: (typeof ONCE)[number]) => string | undefined): unknown {
  const given = { preset: one('range'), from: one('from'), to: one('to'), start: one('start'), end: one('end') }
  const range = dropUndefined(given)
  return Object.keys(range).length === 0 ? { preset: DEFAULT_RANGE } : range
}

/** A word, or the date that the compared period begins on. */
function readCompare(text: string | undefined): unknown {
  return text !== undefined && /^\d/.test(text) ? { from: text } : text
}

const OPS = { '=': 'is', '!=': 'is_not', '~=': 'contains', '!~=': 'not_contains' } as const

/**
 * `plan=solo,team` is one of them, `plan!=solo` none of them, `plan~=so` contains, `plan!~=so` does not; `plan` alone is
 * there, `!plan` is not. Values with a comma, and tags with one of these signs, need the JSON form.
 */
function readFilter(text: string): unknown {
  const match = /^(.*?)(!~=|~=|!=|=)(.*)$/s.exec(text)
  if (!match) {
    return text.startsWith('!') ? { tag: text.slice(1), op: 'not_exists' } : { tag: text, op: 'exists' }
  }
  const [, tag = '', sign = '=', values = ''] = match
  return { tag, op: OPS[sign as keyof typeof OPS], values: values.split(',') }
}

function dropUndefined<T extends Record<string, unknown>>(record: T): Partial<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>
}
