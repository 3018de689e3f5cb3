/** InfluxDB 3: its client libraries and the `influxdb3 write` command. */
import { LINE_PROTOCOL, listRefusedLines, parseLines, parseLinesTogether, readPrecision } from './influx'
import { json, type Protocol, type ProtocolRequest, statusOf } from './protocol'

const PRECISIONS = {
  auto: 'auto',
  nanosecond: 'ns',
  microsecond: 'us',
  millisecond: 'ms',
  second: 's',
  ns: 'ns',
  us: 'us',
  ms: 'ms',
  s: 's',
} as const

/** Lines that an answer quotes. */
const LINES_SHOWN_MAX = 100

const isAtomic = ({ query }: ProtocolRequest) => query.get('accept_partial')?.toLowerCase() === 'false'

export const influxV3: Protocol = {
  name: 'influx-v3',
  summary: 'Line protocol as InfluxDB 3 takes it; db is ignored, the key names the product, and no_sync is not obeyed',
  ...LINE_PROTOCOL,
  routes: [{ method: 'POST', path: '/api/v3/write_lp' }],
  isAtomic,
  parse: (body, request, now) => {
    const parse = isAtomic(request) ? parseLinesTogether : parseLines
    return parse(body, request, now, readPrecision(request, PRECISIONS, 'auto'))
  },
  answer(outcome, request) {
    if (outcome.rejectedCount === 0) return { status: 204 }
    const error = isAtomic(request)
      ? 'parsing failed for write_lp endpoint: nothing was stored'
      : 'partial write of line protocol occurred'
    return json(400, { error, data: listRefusedLines(outcome, LINES_SHOWN_MAX) })
  },
  refuse: (error) => json(statusOf(error), { error: error.detail, data: null }),
}
