/** Prometheus remote-write 1.0 and 2.0 (https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/). */
import {
  AGENT_LIMITS,
  DomainError,
  parseRemoteWrite,
  type RemoteWrite,
  type RemoteWriteVersion,
  unsnap,
} from '@trackable/api'
import { inflateBody, readContentEncoding } from '../inflate'
import { type Answer, type Protocol, type ProtocolOutcome, type ProtocolRequest, statusOf } from './protocol'

const PROTOBUF = 'application/x-protobuf'
const MESSAGES: Readonly<Record<string, RemoteWriteVersion>> = {
  'prometheus.WriteRequest': '1.0',
  'io.prometheus.write.v2.Request': '2.0',
}

/** What each request holds, for the answer to tell how much of it was written. */
const requests = new WeakMap<ProtocolRequest, RemoteWrite>()

export const prometheus: Protocol = {
  name: 'prometheus',
  summary: 'Prometheus remote-write 1.0 and 2.0',
  contentTypes: [PROTOBUF],
  routes: [{ method: 'POST', path: '/api/v1/write' }],
  bodyBytesMax: AGENT_LIMITS.bodyBytesMax,
  unpack(body, { headers }, bytesMax) {
    // Senders exist that say nothing of snappy and send it: what the protocol prescribes is what is read then.
    const encoding = headers['content-encoding']?.trim().toLowerCase() || 'snappy'
    if (encoding === 'snappy') return unsnap(body, bytesMax)
    return inflateBody(body, readContentEncoding(encoding), bytesMax)
  },
  parse(body, request, now) {
    const parsed = parseRemoteWrite(body, versionOf(request), now)
    requests.set(request, parsed)
    return parsed.parsed
  },
  answer(outcome, request) {
    const headers = countWritten(outcome, requests.get(request))
    if (outcome.rejectedCount === 0) return { status: 204, headers }
    const first = outcome.rejected[0]
    const others = outcome.rejectedCount > 1 ? ` (and ${outcome.rejectedCount - 1} more)` : ''
    const stored = outcome.count - outcome.rejectedCount
    const detail = first ? `${first.pointer}: ${first.detail}${others}` : ''
    return text(400, `${detail}; ${stored} of ${outcome.count} were stored`, headers)
  },
  refuse: (error) => text(statusOf(error), error.detail, WRITTEN_NOTHING),
}

/** Told by the content type; old senders name no message, and some no type at all. */
function versionOf({ headers }: ProtocolRequest): RemoteWriteVersion {
  const [type = '', ...parameters] = (headers['content-type'] ?? PROTOBUF).split(';').map((part) => part.trim())
  if (type.toLowerCase() !== PROTOBUF) throw unsupported(`Send ${PROTOBUF}.`)
  const proto = parameters
    .find((part) => /^proto=/i.test(part))
    ?.slice('proto='.length)
    .replaceAll('"', '')
  if (proto === undefined) return '1.0'
  const version = Object.hasOwn(MESSAGES, proto) ? MESSAGES[proto] : undefined
  if (!version) throw unsupported(`The message is one of ${Object.keys(MESSAGES).join(', ')}.`)
  return version
}

const unsupported = (detail: string) => new DomainError('unsupported_media_type', detail)

const written = (samples: number, histograms: number) => ({
  'x-prometheus-remote-write-samples-written': String(samples),
  'x-prometheus-remote-write-histograms-written': String(histograms),
  'x-prometheus-remote-write-exemplars-written': '0',
})
const WRITTEN_NOTHING = written(0, 0)

function countWritten({ rejected, rejectedCount }: ProtocolOutcome, request: RemoteWrite | undefined) {
  if (!request) return WRITTEN_NOTHING
  let { samples, histograms } = request.counts
  for (const one of rejected) {
    const lost = request.countOf(one)
    samples -= lost.samples
    histograms -= lost.histograms
  }
  // Of very many only the first are told one by one.
  return written(Math.max(0, samples - (rejectedCount - rejected.length)), Math.max(0, histograms))
}

const text = (status: number, body: string, headers: Record<string, string>): Answer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  body,
})
