/** Attributes of OTLP as tags: texts as they are, everything else as the text that JSON has for it. */
import { INGEST_LIMITS } from '../schema'
import type { OtlpAnyValue, OtlpKeyValue } from './otlp-schema'

/**
 * What of a resource becomes tags, the most telling first: the rest (versions, process ids, command lines) describes the
 * sender and would make a new series of every restart. They fill up what the attributes of a point leave free of the
 * tags that a point may have, and an attribute of the point goes before one of the resource.
 */
const RESOURCE_TAGS = [
  'service.name',
  'deployment.environment.name',
  'deployment.environment',
  'service.namespace',
  'service.instance.id',
]

export function readResource(attributes: readonly OtlpKeyValue[]): Map<string, string> {
  const all = new Map(attributes.map(({ key, value }) => [key, value]))
  const tags = new Map<string, string>()
  for (const key of RESOURCE_TAGS) {
    const text = toText(all.get(key))
    if (text !== '') tags.set(key, text)
  }
  return tags
}

/** An attribute without a value is left out. */
export function readAttributes(
  attributes: readonly OtlpKeyValue[],
  resource: ReadonlyMap<string, string>,
): Map<string, string> {
  const tags = new Map<string, string>()
  for (const { key, value } of attributes) {
    const text = toText(value)
    if (text !== '') tags.set(key, text)
  }
  for (const [key, text] of resource) {
    if (tags.size >= INGEST_LIMITS.tagsPerPointMax) break
    if (!tags.has(key)) tags.set(key, text)
  }
  return tags
}

function toText(value: OtlpAnyValue | null | undefined): string {
  const plain = toPlain(value)
  if (plain === null) return ''
  return typeof plain === 'string' ? plain : JSON.stringify(plain)
}

/** The decoder has refused what is nested deeper than a stack. */
function toPlain(value: OtlpAnyValue | null | undefined): unknown {
  switch (value?.value) {
    case 'stringValue':
      return value.stringValue
    case 'boolValue':
      return value.boolValue
    case 'intValue':
      return value.intValue.toString()
    case 'doubleValue':
      // JSON has no NaN and no infinity; their names are as good.
      return String(value.doubleValue)
    case 'arrayValue':
      return value.arrayValue.values.map(toPlain)
    case 'kvlistValue':
      return Object.fromEntries(value.kvlistValue.values.map((one) => [one.key, toPlain(one.value)]))
    case 'bytesValue':
      return Buffer.from(value.bytesValue).toString('base64')
    default:
      return null
  }
}
