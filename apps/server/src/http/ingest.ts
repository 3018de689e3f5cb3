/** `POST /api/v1/ingest`: the hottest path. It reads the socket's own stream and answers with plain text and headers. */
import { type Context, DomainError, type ProductScope, resolveApiKey } from '@trackable/api'
import type { IngestResult } from '@trackable/api/client'
import { Hono } from 'hono'
import { readBody } from './body'
import { describeIngest } from './ingest-openapi'
import type { AppContext, AppEnv } from './types'

export const INGEST_PATH = '/api/v1/ingest'
const RETRY_AFTER_S = 1
const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' }

export interface IngestOutcome {
  status: 200 | 207 | 422
  result: IngestResult
}

export interface IngestRequest {
  contentType: string | undefined
  body: Uint8Array
  isAtomic: boolean
}

/** What stores points; the composition root makes it of the writer. */
export interface IngestPort {
  bodyBytesMax: number
  /** True while more points wait than can be stored soon. */
  isFull(): boolean
  accepts(contentType: string | undefined): boolean
  /** Resolves after COMMIT. */
  ingest(product: ProductScope, request: IngestRequest): Promise<IngestOutcome>
  /** Shows a refused request to whoever waits for the first point of the product. */
  reportRefusal(product: ProductScope, error: unknown): void
}

export function createIngestRoutes(ctx: Context, port: IngestPort) {
  return new Hono<AppEnv>().post(INGEST_PATH, describeIngest(), (c) => answer(c, ctx, port))
}

async function answer(c: AppContext, ctx: Context, port: IngestPort): Promise<Response> {
  const { incoming } = c.env
  // Before anything is read or asked: refusing has to stay cheap when there is too much of everything.
  if (port.isFull()) {
    throw new DomainError('overloaded', 'More points arrive than can be stored. Send again shortly.', {
      retryAfterS: RETRY_AFTER_S,
    })
  }
  const product = await resolveApiKey(ctx, incoming.headers.authorization, 'ingest')
  try {
    const contentType = incoming.headers['content-type']
    if (!port.accepts(contentType)) {
      throw new DomainError(
        'unsupported_media_type',
        `Send application/json in UTF-8; the content type was "${contentType ?? ''}".`,
      )
    }
    const encoding = incoming.headers['content-encoding']
    if (encoding !== undefined && encoding !== 'identity') {
      throw new DomainError(
        'unsupported_media_type',
        `The content encoding "${encoding}" is not read. Send the body uncompressed.`,
      )
    }
    const body = await readBody(incoming, port.bodyBytesMax)
    const isAtomic = incoming.url?.includes('?') === true && c.req.query('atomic') === 'true'
    const { status, result } = await port.ingest(product, { contentType, body, isAtomic })
    return c.newResponse(JSON.stringify(result), status, JSON_HEADERS)
  } catch (error) {
    port.reportRefusal(product, error)
    throw error
  }
}
