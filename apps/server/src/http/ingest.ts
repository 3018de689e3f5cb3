/** `POST /api/v1/ingest`: the hottest path. It reads the socket's own stream and answers with plain text and headers. */
import {
  type Context,
  DomainError,
  dryRun,
  INGEST_LIMITS,
  type IngestOutcome,
  ingest,
  isStreamed,
  noteRefusal,
  type PointWriter,
  type ProductScope,
  resolveApiKey,
} from '@trackable/api'
import { Hono } from 'hono'
import type { Allowance } from './allowance'
import { holdBody, readBody } from './body'
import { inflateBody, readContentEncoding } from './inflate'
import { describeIngest } from './ingest-openapi'
import { storeStream } from './ingest-stream'
import { encodeProblem, PROBLEM_TYPE } from './problem'
import { type AppContext, type AppEnv, requestIdOf } from './types'

export const INGEST_PATH = '/api/v1/ingest'
const RETRY_AFTER_S = 1
const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' }
const PROBLEM_HEADERS = { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' }

export interface IngestParts {
  ctx: Context
  writer: PointWriter
  /** Null: no limit is set. */
  allowance: Allowance | null
}

export function createIngestRoutes(parts: IngestParts) {
  return new Hono<AppEnv>().post(INGEST_PATH, describeIngest(), (c) => answer(c, parts))
}

/** Before anything is read or asked: refusing has to stay cheap when there is too much of everything. */
export function assertRoom(writer: PointWriter): void {
  if (!writer.isFull()) return
  const detail = 'More points arrive than can be stored. Send again shortly.'
  throw new DomainError('overloaded', detail, { retryAfterS: RETRY_AFTER_S })
}

async function answer(c: AppContext, { ctx, writer, allowance }: IngestParts): Promise<Response> {
  const { headers, url = '' } = c.env.incoming
  assertRoom(writer)
  const product = await resolveApiKey(ctx, headers.authorization, 'ingest')
  allowance?.admit(c.env.outgoing, product)
  const { isAtomic, wantsReceipt, isDryRun } = url.includes('?') ? readOptions(c.req.query()) : NO_OPTIONS
  const { 'content-type': contentType, 'idempotency-key': idempotencyKey } = headers
  const render = (outcome: IngestOutcome) => describe(c, ctx, outcome, isAtomic)
  if (isStreamed(contentType) && !isDryRun) {
    const outcome = await storeStream(c, ctx, writer, product, { isAtomic, wantsReceipt })
    allowance?.spend(c.env.outgoing, product, countPoints(outcome))
    return json(c, outcome.status, render(outcome))
  }
  const body = await readPoints(c, ctx, product)
  // Unpacked, it is larger than what was counted while it arrived.
  const letGo = headers['content-encoding'] === undefined ? undefined : holdBody(body.byteLength)
  try {
    if (isDryRun) return json(c, 200, JSON.stringify(dryRun(ctx, { body, contentType })))
    const key = idempotencyKey as string | undefined
    const request = { body, contentType, isAtomic, idempotencyKey: key, wantsReceipt, render }
    const outcome = await ingest(ctx, writer, product, request)
    allowance?.spend(c.env.outgoing, product, countPoints(outcome))
    return json(c, outcome.status, outcome.body ?? render(outcome), {
      ...(wantsReceipt && outcome.receipt ? { 'trackable-receipt': outcome.receipt } : {}),
      ...(outcome.isReplayed ? { 'idempotency-replayed': 'true' } : {}),
    })
  } finally {
    letGo?.()
  }
}

const countPoints = ({ result: { accepted, duplicates, rejected, rejectedCount } }: IngestOutcome) =>
  accepted + duplicates + (rejectedCount ?? rejected.length)

interface Options {
  isAtomic: boolean
  wantsReceipt: boolean
  isDryRun: boolean
}

const NO_OPTIONS: Options = { isAtomic: false, wantsReceipt: false, isDryRun: false }

const readOptions = (query: Record<string, string>): Options => ({
  isAtomic: query.atomic === 'true',
  wantsReceipt: query.receipt === 'true',
  isDryRun: query.dry_run === 'true',
})

function json(c: AppContext, status: 200 | 207 | 422, body: string, headers: Record<string, string> = {}): Response {
  const usual = status === 422 ? PROBLEM_HEADERS : JSON_HEADERS
  return c.newResponse(body, status, { ...usual, ...headers })
}

/**
 * The body of the answer. When nothing was stored, this is an error like any other; what became of each point stands in
 * it as in every answer.
 */
function describe(c: AppContext, ctx: Context, { status, result }: IngestOutcome, isAtomic: boolean): string {
  if (status !== 422) return JSON.stringify(result)
  const count = result.rejectedCount ?? result.rejected.length
  const points = count === 1 ? '1 point' : `${count} points`
  const detail = isAtomic
    ? `Nothing was stored: all points or none were asked for, and ${points} cannot be.`
    : `Nothing was stored: ${points} cannot be. errors says why for each.`
  const place = { publicUrl: ctx.settings.publicUrl, requestId: requestIdOf(c.env) }
  const error = new DomainError('invalid_points', detail, { errors: result.rejected })
  return encodeProblem(error, place, {}, { ...result }).body
}

/** What is refused here never reaches the context, so its watchers are told from here. */
async function readPoints(c: AppContext, ctx: Context, product: ProductScope): Promise<Buffer> {
  const { incoming } = c.env
  try {
    const encoding = readContentEncoding(incoming.headers['content-encoding'])
    const body = await readBody(incoming, INGEST_LIMITS.bodyBytesMax)
    return encoding === 'identity' ? body : await inflateBody(body, encoding, INGEST_LIMITS.bodyBytesMax)
  } catch (error) {
    noteRefusal(ctx, product, error)
    throw error
  }
}
