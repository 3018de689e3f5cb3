/** `POST /api/v1/ingest`: the hottest path. It reads the socket's own stream and answers with plain text and headers. */
import {
  type Context,
  DomainError,
  httpStatusOf,
  INGEST_LIMITS,
  ingest,
  noteAttempt,
  type PointWriter,
  type ProductScope,
  resolveApiKey,
} from '@trackable/api'
import type { IngestResult } from '@trackable/api/client'
import { Hono } from 'hono'
import { readBody } from './body'
import { describeIngest } from './ingest-openapi'
import { encodeProblem } from './problem'
import { type AppContext, type AppEnv, requestIdOf } from './types'

export const INGEST_PATH = '/api/v1/ingest'
const RETRY_AFTER_S = 1
const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' }

export function createIngestRoutes(ctx: Context, writer: PointWriter) {
  return new Hono<AppEnv>().post(INGEST_PATH, describeIngest(), (c) => answer(c, ctx, writer))
}

async function answer(c: AppContext, ctx: Context, writer: PointWriter): Promise<Response> {
  const { headers, url = '' } = c.env.incoming
  // Before anything is read or asked: refusing has to stay cheap when there is too much of everything.
  if (writer.isFull()) {
    throw new DomainError('overloaded', 'More points arrive than can be stored. Send again shortly.', {
      retryAfterS: RETRY_AFTER_S,
    })
  }
  const product = await resolveApiKey(ctx, headers.authorization, 'ingest')
  const body = await readPoints(c, ctx, product)
  const isAtomic = url.includes('?') && c.req.query('atomic') === 'true'
  const request = { body, contentType: headers['content-type'], isAtomic }
  const { status, result } = await ingest(ctx, writer, product, request)
  if (status === 422) return refuse(c, ctx, result, isAtomic)
  return c.newResponse(JSON.stringify(result), status, JSON_HEADERS)
}

/** Nothing was stored, so this is an error like any other; what became of each point stands in it as in every answer. */
function refuse(c: AppContext, ctx: Context, result: IngestResult, isAtomic: boolean): Response {
  const count = result.rejected.length
  const points = count === 1 ? '1 point' : `${count} points`
  const detail = isAtomic
    ? `Nothing was stored: all points or none were asked for, and ${points} cannot be.`
    : `Nothing was stored: ${points} cannot be. errors says why for each.`
  const place = { publicUrl: ctx.settings.publicUrl, requestId: requestIdOf(c.env) }
  const error = new DomainError('invalid_points', detail, { errors: result.rejected })
  const { body, headers } = encodeProblem(error, place, {}, { ...result })
  return c.newResponse(body, 422, headers)
}

/** What is refused here never reaches the context, so its watchers are told from here. */
async function readPoints(c: AppContext, ctx: Context, product: ProductScope): Promise<Buffer> {
  const { incoming } = c.env
  try {
    const encoding = incoming.headers['content-encoding']
    if (encoding !== undefined && encoding !== 'identity') {
      throw new DomainError(
        'unsupported_media_type',
        `The content encoding "${encoding}" is not read. Send the body uncompressed.`,
      )
    }
    return await readBody(incoming, INGEST_LIMITS.bodyBytesMax)
  } catch (error) {
    if (error instanceof DomainError) {
      const at = ctx.clock.now().getTime()
      noteAttempt(ctx, product, { at, status: httpStatusOf(error.code), accepted: 0, detail: error.detail })
    }
    throw error
  }
}
