/** `GET` and `POST /api/v1/query`: the numbers of the dashboards for programs, by the same path and so the same numbers. */
import {
  type Context,
  DomainError,
  findUnstorable,
  type ProductScope,
  resolveApiKey,
  runQuery,
  toCsv,
  toPointer,
} from '@trackable/api'
import { API_BUCKETS_MAX, BATCH_CELLS_MAX, QueryBatch, type QueryResult, QuerySpec } from '@trackable/api/client'
import { Hono } from 'hono'
import type { z } from 'zod'
import { readBody } from './body'
import { describeGetQuery, describePostQuery } from './query-openapi'
import { readQueryParams } from './query-params'
import type { AppContext, AppEnv } from './types'

export const QUERY_PATH = '/api/v1/query'

/** Twenty questions with a hundred filter values each have a quarter of it. */
const BODY_BYTES_MAX = 1024 * 1024
const AT_ONCE = 4

type Format = 'json' | 'csv'

export function createQueryRoutes(ctx: Context) {
  return new Hono<AppEnv>()
    .get(QUERY_PATH, describeGetQuery(), async (c) => {
      const product = await resolveApiKey(ctx, c.env.incoming.headers.authorization, 'read')
      const params = new URL(c.req.url).searchParams
      const spec = parse(QuerySpec, readQueryParams(params))
      const results = await runAll(ctx, product, [spec], '')
      return send(c, formatOf(c, params), results, results[0])
    })
    .post(QUERY_PATH, describePostQuery(), async (c) => {
      const product = await resolveApiKey(ctx, c.env.incoming.headers.authorization, 'read')
      const params = new URL(c.req.url).searchParams
      const body = await readJson(c)
      if (typeof body === 'object' && body !== null && 'queries' in body) {
        const results = await runAll(ctx, product, parse(QueryBatch, body).queries, '/queries/')
        return send(c, formatOf(c, params), results, { results })
      }
      const results = await runAll(ctx, product, [parse(QuerySpec, body)], '')
      return send(c, formatOf(c, params), results, results[0])
    })
}

/**
 * All or none: of several questions the first that fails is named, and asking the others again costs little. A few at a
 * time, so that what is too large together is not first read to the end.
 */
async function runAll(
  ctx: Context,
  product: ProductScope,
  specs: QuerySpec[],
  pointer: string,
): Promise<QueryResult[]> {
  const results: QueryResult[] = []
  const waiting = specs.entries()
  let cells = 0
  let hasFailed = false
  const work = async () => {
    for (const [i, spec] of waiting) {
      if (hasFailed) return
      const answer = await runOne(ctx, product, spec, pointer && `${pointer}${i}`)
      cells += countCells(answer)
      if (cells > BATCH_CELLS_MAX) throw tooLarge(cells)
      results[i] = answer
    }
  }
  const fail = (error: unknown) => {
    hasFailed = true
    throw error
  }
  await Promise.all(Array.from({ length: AT_ONCE }, () => work().catch(fail)))
  return results
}

/** `pointer` is where the question stands among others; empty when it stands alone. */
async function runOne(ctx: Context, product: ProductScope, spec: QuerySpec, pointer: string): Promise<QueryResult> {
  try {
    return await runQuery(ctx, product, spec, { bucketsMax: API_BUCKETS_MAX })
  } catch (error) {
    if (!(error instanceof DomainError) || pointer === '') throw error
    const { code, detail, retryAfterS } = error
    const index = Number(pointer.slice(pointer.lastIndexOf('/') + 1))
    const errors = [{ index, pointer, code, detail }]
    throw new DomainError(code, `Query ${index}: ${detail}`, { cause: error, errors, retryAfterS })
  }
}

const countCells = ({ edges, series, compare }: QueryResult) =>
  (edges.length - 1) * series.length + (compare ? (compare.edges.length - 1) * compare.series.length : 0)

const tooLarge = (cells: number) =>
  new DomainError(
    'query_too_large',
    `The answers have ${cells.toLocaleString('en')} values so far, and at most ${BATCH_CELLS_MAX.toLocaleString('en')} are sent at once. Ask in several requests.`,
  )

function send(c: AppContext, format: Format, results: QueryResult[], json: unknown): Response {
  const headers = { 'cache-control': 'no-store', vary: 'accept' }
  if (format === 'json') return c.json(json as object, 200, headers)
  return c.body(toCsv(results), 200, {
    ...headers,
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': 'attachment; filename="query.csv"',
  })
}

/** `?format=` counts before the Accept header, which not every program can set. */
function formatOf(c: AppContext, params: URLSearchParams): Format {
  const asked = params.get('format')
  if (asked === 'csv' || asked === 'json') return asked
  if (asked !== null) throw new DomainError('invalid_request', `The format "${asked}" is neither json nor csv.`)
  return c.req.header('accept')?.includes('text/csv') ? 'csv' : 'json'
}

async function readJson(c: AppContext): Promise<unknown> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    throw new DomainError('unsupported_media_type', 'A query is sent as application/json.')
  }
  const bytes = await readBody(c.env.incoming, BODY_BYTES_MAX)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new DomainError('invalid_encoding', 'The body is not UTF-8.', { cause })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new DomainError('invalid_json', 'The body is not JSON.', { cause })
  }
}

function parse<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const unstorable = findUnstorable(input)
  if (unstorable) {
    const detail = 'A text holds U+0000 or half a surrogate pair, which no metric and no tag can hold.'
    throw new DomainError('invalid_request', detail, {
      errors: [{ pointer: toPointer(unstorable), code: 'invalid_text', detail }],
    })
  }
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map((issue) => ({
    pointer: toPointer(issue.path),
    code: issue.code ?? 'invalid',
    detail: issue.message,
  }))
  const [first] = errors
  throw new DomainError(
    'invalid_request',
    first ? `${first.pointer || '/'}: ${first.detail}` : 'The query is not valid.',
    {
      errors,
    },
  )
}
