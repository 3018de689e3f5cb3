import { DryRunResult, IngestBody, IngestResult, ReceiptResult } from '@trackable/api/client'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import { Problem } from './problem'

const json = <T extends Parameters<typeof resolver>[0]>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema: resolver(schema) } },
})
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: resolver(Problem) } },
})

/** The route as the OpenAPI document shows it, from the schemas of the ingest context. */
export const describeIngest = () =>
  describeRoute({
    operationId: 'ingest',
    summary: 'Push points',
    description:
      'As JSON: one point, an array of points, or {"points": […]}. As NDJSON: a point per line. As CSV: a header row, then a point per row. The answer comes after the points are committed. Bodies may be packed with gzip or deflate.',
    tags: ['Ingest'],
    security: [{ apiKey: [] }],
    parameters: [
      {
        name: 'atomic',
        in: 'query',
        description: 'Store all points or none.',
        schema: { type: 'boolean', default: false },
      },
      {
        name: 'receipt',
        in: 'query',
        description:
          'The answer names a receipt (`receipt`, and the header Trackable-Receipt), under which GET /api/v1/receipts/{key} tells for 24 hours what became of the request.',
        schema: { type: 'boolean', default: false },
      },
      {
        name: 'dry_run',
        in: 'query',
        description: 'Store nothing, and answer with the points as they would have been stored.',
        schema: { type: 'boolean', default: false },
      },
      {
        name: 'Idempotency-Key',
        in: 'header',
        description:
          '1 to 255 visible ASCII characters. The same request with the same key within 24 hours is answered like the first, with the header Idempotency-Replayed, and stores nothing.',
        schema: { type: 'string', minLength: 1, maxLength: 255 },
      },
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: resolver(IngestBody) },
        'application/x-ndjson': { schema: { type: 'string', example: '{"metric":"signups","value":1}\n' } },
        'text/csv': { schema: { type: 'string', example: 'metric,value,timestamp,plan\nsignups,1,,solo\n' } },
      },
    },
    responses: {
      200: json('All points are stored, or were already.', z.union([IngestResult, DryRunResult])),
      207: json('Some points are stored; `rejected` lists the others.', IngestResult),
      400: problem('The body cannot be read.'),
      401: problem('The API key is missing, unknown or revoked.'),
      403: problem('The API key lacks the scope `ingest`.'),
      409: problem('A request with this Idempotency-Key is in work. Send again after Retry-After seconds.'),
      413: problem('The body or the number of points is too large.'),
      415: problem('The content type or encoding is not read.'),
      422: {
        description:
          'No point could be stored; `errors`, and `rejected` alike, say why. Or the Idempotency-Key belongs to another request.',
        content: { 'application/problem+json': { schema: resolver(Problem.extend(IngestResult.shape)) } },
      },
      503: problem('Nothing is confirmed. Send again after Retry-After seconds.'),
    },
  })

export const describeReceipt = () =>
  describeRoute({
    operationId: 'receipt',
    summary: 'What became of a request',
    description: 'Of a request that had an Idempotency-Key or asked for a receipt, for 24 hours after its answer.',
    tags: ['Ingest'],
    security: [{ apiKey: [] }],
    parameters: [{ name: 'key', in: 'path', required: true, schema: { type: 'string' } }],
    responses: {
      200: json('The request was answered.', ReceiptResult),
      401: problem('The API key is missing, unknown or revoked.'),
      404: problem('No request of this product with this key has been answered within 24 hours.'),
    },
  })
