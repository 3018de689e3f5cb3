/** `GET /api/v1/receipts/:key`: what became of a request whose answer was lost. */
import { type Context, DomainError, findReceipt, type ProductScope, resolveApiKey } from '@trackable/api'
import { Hono } from 'hono'
import { describeReceipt } from './ingest-openapi'
import type { AppEnv } from './types'

export function createReceiptRoutes(ctx: Context) {
  return new Hono<AppEnv>().get('/api/v1/receipts/:key', describeReceipt(), async (c) => {
    const product = await resolveAnyKey(ctx, c.env.incoming.headers.authorization)
    const found = await findReceipt(ctx, product, c.req.param('key'))
    if (found) return c.json(found, 200, { 'cache-control': 'no-store' })
    throw new DomainError('not_found', 'No request with this receipt was answered within the last 24 hours.')
  })
}

/** Whoever may send may ask what became of it, and so may whoever reads. */
async function resolveAnyKey(ctx: Context, authorization: string | undefined): Promise<ProductScope> {
  try {
    return await resolveApiKey(ctx, authorization, 'ingest')
  } catch (error) {
    if (error instanceof DomainError && error.code === 'forbidden') return resolveApiKey(ctx, authorization, 'read')
    throw error
  }
}
