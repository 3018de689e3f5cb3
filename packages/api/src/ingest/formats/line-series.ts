/** The part of a line before its fields: measurement and tags. Read once for each series of a request. */
import { UNSTORABLE } from '../../kernel/storable'
import type { ColumnBuilder, Fault } from '../columns'
import { INGEST_LIMITS } from '../schema'

export interface LineSeries {
  measurement: string
  /** Canonical JSON. */
  tags: string
  /** By the field as it is written. */
  places: Map<string, number>
  /** Why no point of it can be stored. */
  fault: Fault | null
}

/** `name` is as written: `measurement,tag=value`, backslashes and all. */
export function readLineSeries(name: string): LineSeries {
  const parts = splitAtCommas(name)
  const measurement = (parts[0] as string).replaceAll(/\\([, ])/g, '$1')
  const series: LineSeries = { measurement, tags: '{}', places: new Map(), fault: null }
  if (measurement === '') series.fault = missing('/measurement', 'The measurement is empty.')
  else if (parts.length > 1) {
    const tags = readTags(parts)
    if (typeof tags === 'string') series.tags = tags
    else series.fault = tags
  }
  return series
}

/** The place of a field's series among the columns. The field `value` is the measurement's own number. */
export function placeOfField(columns: ColumnBuilder, series: LineSeries, field: string): number | Fault {
  const known = series.places.get(field)
  if (known !== undefined) return known
  const name = takeEscapes(field)
  const metric = name === 'value' ? series.measurement : `${series.measurement}.${name}`
  if (metric.length > INGEST_LIMITS.metricCharsMax) {
    const detail = `The metric "measurement.field" has at most ${INGEST_LIMITS.metricCharsMax} characters.`
    return { path: '/metric', code: 'too_long', detail }
  }
  if (UNSTORABLE.test(metric)) return unstorable('/metric')
  const place = columns.placeOf(detach(metric), series.tags)
  series.places.set(field, place)
  return place
}

/** A slice keeps the whole text alive that it is cut from, and names of metrics live on in caches: these are copies. */
const detach = (slice: string) => Buffer.from(slice, 'utf8').toString('utf8')

function readTags(parts: readonly string[]): string | Fault {
  const { tagsPerPointMax, tagKeyCharsMax, tagValueCharsMax } = INGEST_LIMITS
  if (parts.length - 1 > tagsPerPointMax)
    return { path: '/tags', code: 'too_many_tags', detail: `A point has at most ${tagsPerPointMax} tags.` }
  const tags: [key: string, value: string][] = []
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i] as string
    const equals = findSpecial(part, '=')
    if (equals < 0) return missing('/tags', `A tag is "name=value"; "${part.slice(0, 40)}" has no equals sign.`)
    const key = takeEscapes(part.slice(0, equals))
    const value = takeEscapes(part.slice(equals + 1))
    const path = `/tags/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (key === '') return missing(path, 'The name of a tag is empty.')
    if (value === '') return missing(path, 'The value of a tag is empty; leave the tag out instead.')
    if (key.length > tagKeyCharsMax)
      return { path, code: 'too_long', detail: `A tag's name has at most ${tagKeyCharsMax} characters.` }
    if (value.length > tagValueCharsMax)
      return { path, code: 'too_long', detail: `A tag's value has at most ${tagValueCharsMax} characters.` }
    if (UNSTORABLE.test(key) || UNSTORABLE.test(value)) return unstorable(path)
    tags.push([key, value])
  }
  tags.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
  for (let i = 1; i < tags.length; i++) {
    const [key] = tags[i] as [string, string]
    if (key === tags[i - 1]?.[0])
      return { path: '/tags', code: 'invalid_line', detail: `The tag "${key}" stands there twice.` }
  }
  return `{${tags.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`
}

function splitAtCommas(name: string): string[] {
  const parts: string[] = []
  let from = 0
  for (let at = findSpecial(name, ','); at >= 0; at = findSpecial(name, ',', from)) {
    parts.push(name.slice(from, at))
    from = at + 1
  }
  parts.push(name.slice(from))
  return parts
}

/** The first one that no backslash stands before; -1 when there is none. */
function findSpecial(text: string, special: string, from = 0): number {
  let at = text.indexOf(special, from)
  while (at > 0 && text[at - 1] === '\\') at = text.indexOf(special, at + 1)
  return at
}

const takeEscapes = (text: string) => (text.includes('\\') ? text.replaceAll(/\\([,= ])/g, '$1') : text)

const missing = (path: string, detail: string): Fault => ({ path, code: 'missing_field', detail })

const unstorable = (path: string): Fault => ({
  path,
  code: 'invalid_text',
  detail: 'The name holds U+0000, which cannot be stored.',
})
