/** The protocols of existing clients: a new one is a file beside this one and a line in the table. */
import { setImmediate } from 'node:timers/promises'
import {
  type DomainError,
  type IngestResult,
  ingestParsed,
  LONG_BYTES,
  LONG_POINTS,
  noteRefusal,
  type ParsedPoints,
  type ProductScope,
  resolveApiKey,
  takeTurn,
} from '@trackable/api'
import { Hono, type MiddlewareHandler } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import { describeRoute } from 'hono-openapi'
import { holdBody, readBody } from '../body'
import { inflateBody, readContentEncoding } from '../inflate'
import { assertRoom, type IngestParts } from '../ingest'
import { toDomainError } from '../problem'
import { type AppContext, type AppEnv, requestIdOf } from '../types'
import { influxV1 } from './influx-v1'
import { influxV2 } from './influx-v2'
import { influxV3 } from './influx-v3'
import { otlp } from './otlp'
import { prometheus } from './prometheus'
import type { Answer, Probe, Protocol, ProtocolOutcome, ProtocolRequest, SliceOutcome, Slices } from './protocol'
import { push } from './push'

export const PROTOCOLS: readonly Protocol[] = [influxV1, influxV2, influxV3, otlp, prometheus, push]

export function createProtocolRoutes(parts: IngestParts) {
  const routes = new Hono<AppEnv>()
  for (const protocol of PROTOCOLS) {
    for (const { method, path } of protocol.routes)
      routes.on(method, path, describe(protocol, path), (c) => handle(c, parts, protocol))
    for (const probe of protocol.probes ?? [])
      routes.on(probe.method, probe.path, (c) => respond(c, answerProbe(probe, c)))
  }
  return routes
}

/** The longest body that any of them takes. */
export const PROTOCOL_BYTES_MAX = Math.max(0, ...PROTOCOLS.map(({ bodyBytesMax }) => bodyBytesMax))

/** Whether programs write there: what goes wrong is told in their words, and what goes well is not worth a line in the log. */
export function isProtocolPath(path: string): boolean {
  return PROTOCOL_PREFIXES.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))
}

/** All of them as Hono's patterns. */
export const PROTOCOL_PATHS: readonly string[] = PROTOCOLS.flatMap(({ routes, probes = [] }) =>
  [...routes, ...probes].map(({ path }) => path),
)

/** What comes before the first parameter of each route: `/metrics/job`. */
const PROTOCOL_PREFIXES = PROTOCOL_PATHS.map((path) => path.replace(/\/[:*].*$/, ''))

async function handle(c: AppContext, parts: IngestParts, protocol: Protocol): Promise<Response> {
  const request = toRequest(c)
  try {
    return respond(c, await store(c, parts, protocol, request))
  } catch (cause) {
    const error = toDomainError(cause)
    if (error.code === 'internal') {
      const line = { err: cause, requestId: requestIdOf(c.env), protocol: protocol.name }
      parts.ctx.log.error(line, 'request failed')
    }
    return respond(c, withHeaders(error, protocol.refuse(error, request)))
  }
}

async function store(c: AppContext, parts: IngestParts, protocol: Protocol, request: ProtocolRequest): Promise<Answer> {
  const { ctx, writer, allowance } = parts
  assertRoom(writer)
  const authorization = protocol.authorize ? protocol.authorize(request) : request.headers.authorization
  const product = await resolveApiKey(ctx, authorization, 'ingest')
  allowance?.admit(c.env.outgoing, product)
  const at = ctx.clock.now().getTime()
  let letGo = () => {}
  // From there on `ingestParsed` does it.
  let isNoted = false
  try {
    const packed = await readBody(c.env.incoming, protocol.bodyBytesMax)
    const body = await unpack(packed, protocol, request)
    letGo = holdBody(body.length)
    if (body.length >= LONG_BYTES) await takeTurn()
    const slices = await protocol.parse(body, request, at)
    isNoted = true
    const outcome = await write(parts, product, protocol, request, { slices, body })
    allowance?.spend(c.env.outgoing, product, outcome.count)
    return protocol.answer(outcome, request)
  } catch (error) {
    if (!isNoted) noteRefusal(ctx, product, error, at)
    throw error
  } finally {
    letGo()
  }
}

/** One slice after the other: a later point of a series may replace an earlier one. */
async function write(
  { ctx, writer }: IngestParts,
  product: ProductScope,
  protocol: Protocol,
  request: ProtocolRequest,
  { slices, body }: { slices: Slices; body: Buffer },
): Promise<ProtocolOutcome> {
  const counts = { count: 0, rejectedCount: 0 }
  const written: SliceOutcome[] = []
  const onStored = (points: ParsedPoints, { accepted, duplicates, rejected }: IngestResult) => {
    counts.count += points.count
    counts.rejectedCount += rejected.length
    const isDistribution = points.histograms !== null
    written.push({ identity: points.identity, isDistribution, accepted, duplicates, rejected: rejected.length })
  }
  const isAtomic = protocol.isAtomic?.(request) ?? false
  const options = { format: protocol.name, isAtomic, onStored }
  const { result } = await ingestParsed(ctx, writer, product, inTurns(slices), options)
  return { ...result, ...counts, slices: written, body }
}

/** Others have their turn between two slices, also when there is nothing to write and therefore nothing to wait for. */
async function* inTurns(slices: Slices): AsyncGenerator<ParsedPoints> {
  for await (const slice of slices) {
    yield slice
    await (slice.count >= LONG_POINTS ? takeTurn() : setImmediate())
  }
}

function unpack(body: Buffer, protocol: Protocol, request: ProtocolRequest): Buffer | Promise<Buffer> {
  if (protocol.unpack) return protocol.unpack(body, request, protocol.bodyBytesMax)
  return inflateBody(body, readContentEncoding(request.headers['content-encoding']), protocol.bodyBytesMax)
}

function toRequest(c: AppContext): ProtocolRequest {
  const { headers, url = '' } = c.env.incoming
  const query = url.indexOf('?')
  return {
    method: c.req.method,
    path: c.req.path,
    headers,
    query: new URLSearchParams(query < 0 ? '' : url.slice(query + 1)),
    params: c.req.param() as Record<string, string>,
  }
}

function withHeaders(error: DomainError, answer: Answer): Answer {
  const headers: Record<string, string> = {}
  if (error.retryAfterS !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterS))
  if (answer.status === 401) headers['www-authenticate'] = 'Bearer realm="trackable"'
  // A body that was not read to its end would be taken for the next request.
  if (error.code === 'payload_too_large') headers.connection = 'close'
  return { ...answer, headers: { ...headers, ...answer.headers } }
}

const answerProbe = (probe: Probe, c: AppContext) => probe.answer(toRequest(c))

function respond(c: AppContext, { status, headers, body }: Answer): Response {
  const all = { 'cache-control': 'no-store', ...headers }
  return c.newResponse(body ?? null, status as StatusCode, all)
}

/** The route as the OpenAPI document shows it: what a client of the protocol needs no document for is left out. */
function describe({ name, summary, contentTypes }: Protocol, path: string): MiddlewareHandler<AppEnv> {
  return describeRoute({
    operationId: `${name}${path.replaceAll(/[^a-z0-9]+/gi, '-')}`.replace(/-$/, ''),
    summary,
    tags: ['Protocols'],
    security: [{ apiKey: [] }],
    requestBody: {
      required: true,
      content: Object.fromEntries(contentTypes.map((type) => [type, { schema: { type: 'string' } }])),
    },
    responses: {
      200: { description: 'Stored. What is answered exactly is what the protocol asks for; see docs/api.md.' },
    },
  })
}
