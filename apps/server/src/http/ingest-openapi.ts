import { IngestBody, IngestResult } from '@trackable/api/client'
import { describeRoute, resolver } from 'hono-openapi'
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
    description: 'One point, an array of points, or {"points": […]}. The answer comes after the points are committed.',
    tags: ['Ingest'],
    security: [{ apiKey: [] }],
    parameters: [
      {
        name: 'atomic',
        in: 'query',
        description: 'Store all points or none.',
        schema: { type: 'boolean', default: false },
      },
    ],
    requestBody: { required: true, content: { 'application/json': { schema: resolver(IngestBody) } } },
    responses: {
      200: json('All points are stored, or were already.', IngestResult),
      207: json('Some points are stored; `rejected` lists the others.', IngestResult),
      400: problem('The body is not JSON, or not UTF-8.'),
      401: problem('The API key is missing, unknown or revoked.'),
      403: problem('The API key lacks the scope `ingest`.'),
      413: problem('The body or the number of points is too large.'),
      415: problem('The content type or encoding is not read.'),
      422: {
        description: 'No point could be stored; `errors`, and `rejected` alike, say why.',
        content: { 'application/problem+json': { schema: resolver(Problem.extend(IngestResult.shape)) } },
      },
      503: problem('Nothing is confirmed. Send again after Retry-After seconds.'),
    },
  })
