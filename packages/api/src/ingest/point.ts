/**
 * One point of the wire, validated by hand: the same rules as IngestPoint in schema.ts (a test compares them), at half
 * the cost and without a copy.
 */
import { toPointer } from '../kernel/pointer'
import { UNSTORABLE } from '../kernel/storable'
import type { ColumnBuilder, Fault } from './columns'
import { INGEST_LIMITS } from './schema'
import { parseEpoch, parseIso, TIMESTAMP_FAULTS } from './timestamp'

export interface PointRules {
  /** Epoch ms: what a point without a timestamp gets. */
  now: number
  /** The format has seen that no text holds anything that JSON would escape; it saves a scan of every text. */
  isPlain: boolean
}

const FIELDS = new Set(['metric', 'value', 'timestamp', 'tags', 'id'])

/** Adds the point to the columns, or answers its first fault. `input` is what JSON.parse returned. */
export function readPoint(columns: ColumnBuilder, index: number, input: unknown, rules: PointRules): Fault | null {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return NOT_AN_OBJECT
  const { metric, value, timestamp, tags, id } = input as Record<string, unknown>
  const fault =
    findUnknownField(input) ??
    findTextFault('/metric', 'metric', metric, INGEST_LIMITS.metricCharsMax, rules) ??
    findValueFault(value) ??
    (id === undefined ? null : findTextFault('/id', 'id', id, INGEST_LIMITS.idCharsMax, rules))
  if (fault) return fault
  const ts = readTimestamp(timestamp, rules.now)
  if (typeof ts === 'object') return ts
  const canonical = tags === undefined ? '{}' : readTags(tags, rules)
  if (typeof canonical === 'object') return canonical
  // Adding 0 turns -0 into 0: the two are equal, print alike, and would still differ in an index or a hash.
  columns.add(index, metric as string, canonical, ts, (value as number) + 0, id as string | undefined)
  return null
}

const NOT_AN_OBJECT: Fault = {
  path: '',
  code: 'not_an_object',
  detail: 'A point is an object with a metric and a value.',
}

function findUnknownField(input: object): Fault | null {
  for (const field in input) {
    if (!FIELDS.has(field)) {
      const detail = 'A point has metric, value, timestamp, tags and id, and no other field.'
      return { path: toPointer([field]), code: 'unknown_field', detail }
    }
  }
  return null
}

function findTextFault(path: string, name: string, text: unknown, charsMax: number, rules: PointRules): Fault | null {
  if (typeof text !== 'string') {
    if (text === undefined) return { path, code: 'missing_field', detail: `A point needs a ${name}.` }
    return { path, code: 'invalid_type', detail: `The ${name} is a text.` }
  }
  if (text === '') return { path, code: 'missing_field', detail: `The ${name} is empty.` }
  if (text.length > charsMax)
    return { path, code: 'too_long', detail: `The ${name} has at most ${charsMax} characters.` }
  return !rules.isPlain && UNSTORABLE.test(text) ? unstorable(path, name) : null
}

const unstorable = (path: string, name: string): Fault => ({
  path,
  code: 'invalid_text',
  detail: `The ${name} holds U+0000 or half a surrogate pair, which cannot be stored.`,
})

function findValueFault(value: unknown): Fault | null {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return null
    return { path: '/value', code: 'not_finite', detail: 'The value is too large for a 64-bit float.' }
  }
  if (value === undefined) return { path: '/value', code: 'missing_field', detail: 'A point needs a value.' }
  return { path: '/value', code: 'invalid_type', detail: 'The value is a number, without quotes.' }
}

function readTimestamp(input: unknown, now: number): number | Fault {
  if (input === undefined) return now
  const ts =
    typeof input === 'number' ? parseEpoch(input) : typeof input === 'string' ? parseIso(input) : 'invalid_type'
  if (typeof ts === 'number') {
    // Written so that NaN and Infinity fail it.
    if (ts >= INGEST_LIMITS.timestampMsMin && ts <= now + INGEST_LIMITS.futureMsMax) return ts
    const detail = 'Timestamps from 1970 to 24 hours ahead are accepted. Epoch numbers below 5e9 are read as seconds.'
    return { path: '/timestamp', code: 'timestamp_out_of_window', detail }
  }
  if (ts === 'invalid_type') return { path: '/timestamp', code: ts, detail: TIMESTAMP_FAULTS.not_iso }
  return { path: '/timestamp', code: 'invalid_timestamp', detail: TIMESTAMP_FAULTS[ts] }
}

/** Canonical JSON of the tags. Keys are own properties, so that `__proto__` and `constructor` are names like others. */
function readTags(input: unknown, rules: PointRules): string | Fault {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { path: '/tags', code: 'invalid_type', detail: 'Tags are an object of texts.' }
  }
  const tags = input as Record<string, unknown>
  const keys = Object.keys(tags)
  if (keys.length > INGEST_LIMITS.tagsPerPointMax) {
    return {
      path: '/tags',
      code: 'too_many_tags',
      detail: `A point has at most ${INGEST_LIMITS.tagsPerPointMax} tags.`,
    }
  }
  if (keys.length > 1) keys.sort()
  let canonical = '{'
  for (const key of keys) {
    const value = tags[key]
    const fault = findTagFault(key, value, rules)
    if (fault) return fault
    const member = rules.isPlain ? `"${key}":"${value}"` : `${JSON.stringify(key)}:${JSON.stringify(value)}`
    canonical += canonical === '{' ? member : `,${member}`
  }
  return `${canonical}}`
}

function findTagFault(key: string, value: unknown, rules: PointRules): Fault | null {
  const { tagKeyCharsMax, tagValueCharsMax } = INGEST_LIMITS
  if (typeof value === 'string' && key.length > 0 && key.length <= tagKeyCharsMax && value.length <= tagValueCharsMax) {
    if (rules.isPlain || !(UNSTORABLE.test(key) || UNSTORABLE.test(value))) return null
  }
  const path = toPointer(['tags', key])
  if (key === '') return { path, code: 'missing_field', detail: 'The name of a tag is empty.' }
  if (key.length > tagKeyCharsMax)
    return { path, code: 'too_long', detail: `A tag's name has at most ${tagKeyCharsMax} characters.` }
  if (typeof value !== 'string')
    return { path, code: 'invalid_type', detail: 'The value of a tag is a text, in quotes.' }
  if (value.length > tagValueCharsMax)
    return { path, code: 'too_long', detail: `A tag's value has at most ${tagValueCharsMax} characters.` }
  return unstorable(path, 'tag')
}
