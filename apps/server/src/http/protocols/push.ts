/** What is pushed to a Prometheus Pushgateway: `/metrics/job/<job>{/<label>/<value>}`, in the text format. */
import { AGENT_LIMITS, DomainError, parseTextExposition } from '@trackable/api'
import { type Answer, type Protocol, statusOf } from './protocol'

const PREFIX = '/metrics/'
const BASE64 = '@base64'
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const TYPES = /^(text\/plain|application\/openmetrics-text|application\/x-www-form-urlencoded|)$/

/**
 * PUT and POST are the same here: a gateway keeps the last push of a group to be scraped, and needs to know what it
 * replaces; this keeps every push.
 */
const routes = (['POST', 'PUT'] as const).flatMap((method) =>
  ['/metrics/job/*', `/metrics/job${BASE64}/*`].map((path) => ({ method, path })),
)

export const push: Protocol = {
  name: 'push',
  summary: 'Prometheus text format, pushed as to a Pushgateway',
  contentTypes: ['text/plain'],
  routes,
  bodyBytesMax: AGENT_LIMITS.bodyBytesMax,
  parse(body, { path, headers }, now) {
    // curl says form-urlencoded where nobody tells it otherwise.
    const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
    if (!TYPES.test(type))
      throw new DomainError('unsupported_media_type', 'Send the text format: text/plain; version=0.0.4.')
    return parseTextExposition(body, readGroup(path), now)
  },
  answer({ rejectedCount, rejected }) {
    // Only the database is left to refuse a point here, and a series too many.
    if (rejectedCount > 0) return text(400, rejected[0]?.detail ?? '')
    return { status: 200 }
  },
  refuse: (error) => text(statusOf(error) === 422 ? 400 : statusOf(error), error.detail),
}

/** The labels in the path. `@base64` behind a name says that its value is base64url: a path cannot hold every text. */
export function readGroup(path: string): Map<string, string> {
  const parts = path.slice(PREFIX.length).replace(/\/$/, '').split('/')
  if (parts.length % 2 !== 0) throw wrong('Each label in the path is followed by its value.')
  const labels = new Map<string, string>()
  for (let i = 0; i < parts.length; i += 2) {
    const part = parts[i] ?? ''
    const isBase64 = part.endsWith(BASE64)
    const name = isBase64 ? part.slice(0, -BASE64.length) : part
    if (!LABEL.test(name)) throw wrong(`"${name}" is no name of a label.`)
    if (labels.has(name)) throw wrong(`The label "${name}" stands there twice.`)
    labels.set(name, isBase64 ? fromBase64(parts[i + 1] ?? '') : fromPath(parts[i + 1] ?? ''))
  }
  if (labels.get('job') === '') throw wrong('The job has no name.')
  return labels
}

function fromPath(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new DomainError('invalid_request', 'The path is not well encoded.', { cause })
  }
}

/** "=" stands for the empty text, which a path cannot hold otherwise. */
function fromBase64(text: string): string {
  const encoded = fromPath(text)
  if (!/^[A-Za-z0-9_+/-]*={0,2}$/.test(encoded)) throw wrong('A value is not base64url.')
  const bytes = Buffer.from(encoded, 'base64url')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new DomainError('invalid_encoding', 'A value in the path is not UTF-8.', { cause })
  }
}

const wrong = (detail: string) => new DomainError('invalid_request', detail)

const text = (status: number, body: string): Answer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
})
