/** InfluxDB 1: older client libraries, Telegraf's `influxdb`, collectd, Proxmox, Home Assistant and many a device. */
import { describeFirstRefusal, LINE_PROTOCOL, parseLines, readPrecision } from './influx'
import { isAnyStored, json, type Protocol, type ProtocolRequest, statusOf } from './protocol'

const PRECISIONS = {
  n: 'ns',
  ns: 'ns',
  u: 'us',
  us: 'us',
  µ: 'us',
  ms: 'ms',
  s: 's',
  m: 'm',
  h: 'h',
} as const

/** Whose manners these are. Clients look at it before they write. */
const VERSION = '1.8.10'
const VERSION_HEADERS = { 'x-influxdb-version': VERSION, 'x-influxdb-build': 'OSS' }

const refusal = (status: number, error: string) =>
  // A header cannot hold every character that a line can.
  json(
    status,
    { error },
    { ...VERSION_HEADERS, 'x-influxdb-error': error.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 1000) },
  )

/** Clients of version 1 know `?u=&p=` and nothing better; the only place where a key is taken from the query. */
function authorize({ headers, query }: ProtocolRequest): string | undefined {
  if (headers.authorization !== undefined) return headers.authorization
  const password = query.get('p')
  return password === null ? undefined : `Token ${password}`
}

export const influxV1: Protocol = {
  name: 'influx-v1',
  summary: 'Line protocol as InfluxDB 1 takes it; db and rp are ignored, the key (p) names the product',
  ...LINE_PROTOCOL,
  routes: [{ method: 'POST', path: '/write' }],
  probes: [
    {
      method: 'GET',
      path: '/ping',
      answer: ({ query }) => {
        const isVerbose = query.has('verbose') && query.get('verbose') !== 'false' && query.get('verbose') !== '0'
        return isVerbose ? json(200, { version: VERSION }, VERSION_HEADERS) : { status: 204, headers: VERSION_HEADERS }
      },
    },
  ],
  authorize,
  parse: (body, request, now) => parseLines(body, request, now, readPrecision(request, PRECISIONS, 'ns')),
  answer(outcome) {
    if (outcome.rejectedCount === 0) return { status: 204, headers: VERSION_HEADERS }
    const { message } = describeFirstRefusal(outcome)
    return refusal(400, isAnyStored(outcome) ? `partial write: ${message} dropped=${outcome.rejectedCount}` : message)
  },
  refuse: (error) => refusal(statusOf(error), error.detail),
}
