/** InfluxDB 2: what its client libraries, Telegraf's `influxdb_v2` and the `influx` command write to. */
import type { DomainError } from '@trackable/api'
import { describeFirstRefusal, LINE_PROTOCOL, parseLines, readPrecision } from './influx'
import { isAnyStored, json, type Protocol, statusOf } from './protocol'

const PRECISIONS = { ns: 'ns', us: 'us', ms: 'ms', s: 's' } as const

/** The words that clients of version 2 know; https://docs.influxdata.com/influxdb/v2/api, schema Error. */
const CODES: Record<number, string> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not found',
  413: 'request too large',
  415: 'unsupported media type',
  422: 'unprocessable entity',
  429: 'too many requests',
  500: 'internal error',
  503: 'unavailable',
}

const refusal = (status: number, message: string, more: Record<string, unknown> = {}) =>
  json(status, { code: CODES[status] ?? 'invalid', message, ...more })

export const influxV2: Protocol = {
  name: 'influx-v2',
  summary: 'Line protocol as InfluxDB 2 takes it; org and bucket are ignored, the key names the product',
  ...LINE_PROTOCOL,
  routes: [{ method: 'POST', path: '/api/v2/write' }],
  parse: (body, request, now) => parseLines(body, request, now, readPrecision(request, PRECISIONS, 'ns')),
  answer(outcome) {
    if (outcome.rejectedCount === 0) return { status: 204 }
    const { line, message } = describeFirstRefusal(outcome)
    if (!isAnyStored(outcome)) return refusal(400, message, { line })
    const dropped = `partial write: ${message} dropped=${outcome.rejectedCount}`
    return refusal(422, `failure writing points to database: ${dropped}`, { line })
  },
  refuse: (error: DomainError) => refusal(statusOf(error), error.detail),
}
