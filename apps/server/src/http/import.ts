/** `POST /api/imports/:id/parts`: the bytes of a file that somebody imports in a page. What they mean is the ingest context's. */
import {
  type Context,
  DomainError,
  IMPORT_LIMITS,
  importPart,
  type PointWriter,
  resolveImport,
  resolveSession,
} from '@trackable/api'
import { ImportRun } from '@trackable/api/client'
import { Hono } from 'hono'
import { readBody } from './body'
import { isSameSite } from './security'
import { readSessionToken } from './session'
import type { AppContext, AppEnv } from './types'

const PATH = '/api/imports/:id/parts'
const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' }

export function createImportRoutes(ctx: Context, writer: PointWriter) {
  return new Hono<AppEnv>().post(PATH, (c) => answer(c, ctx, writer))
}

async function answer(c: AppContext, ctx: Context, writer: PointWriter): Promise<Response> {
  const { incoming } = c.env
  const { publicUrl } = ctx.settings
  if (!isSameSite(incoming, publicUrl))
    throw new DomainError('cross_site_request', 'This request came from another site, or without saying where from.')
  const user = await resolveSession(ctx, readSessionToken(incoming, publicUrl))
  if (!user) throw new DomainError('unauthenticated', 'Sign in to import a file.')
  const importId = c.req.param('id') ?? ''
  const product = await resolveImport(ctx, user, importId)
  const offset = readOffset(c.req.query('offset'))
  const bytes = await readBody(incoming, IMPORT_LIMITS.partBytesMax)
  const run = await importPart(ctx, writer, product, { importId, offset, bytes })
  return c.newResponse(JSON.stringify(ImportRun.parse(run)), 200, HEADERS)
}

function readOffset(text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text))
    throw new DomainError('invalid_request', 'The query says at which byte of the file the part begins: offset=0.')
  return Number(text)
}
