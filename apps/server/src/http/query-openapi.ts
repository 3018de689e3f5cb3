import {
  AGGREGATIONS,
  COMPARISONS,
  GRANULARITIES,
  QueryBatch,
  QueryBatchResult,
  QueryResult,
  QuerySpec,
  RANGE_PRESETS,
} from '@trackable/api/client'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import { Problem } from './problem'

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: resolver(Problem) } },
})

const CSV_EXAMPLE =
  'query,metric,aggregation,period,series,from,to,value\r\n0,signups,sum,current,signups,2026-03-01T00:00:00+01:00,2026-03-02T00:00:00+01:00,42\r\n'

const responses = <S extends z.ZodType>(schema: S) => ({
  200: {
    description:
      'The numbers, as JSON or CSV. `asOf` says when the database was read, `freshness` how old the points are.',
    content: {
      'application/json': { schema: resolver(schema) },
      'text/csv': { schema: { type: 'string' as const }, example: CSV_EXAMPLE },
    },
  },
  400: problem('Something of the query is not valid, or it asks for more than is answered (`query_too_large`).'),
  401: problem('The API key is missing, unknown or revoked.'),
  403: problem('The API key lacks the scope `read`.'),
  404: problem('There is no such metric; the closest names are told.'),
  503: problem('This product asks more than can be read at once. Ask again after Retry-After seconds.'),
})

interface Parameter {
  type: 'string' | 'integer' | 'array'
  description: string
  values?: readonly string[]
}

const PARAMETERS: Record<string, Parameter> = {
  metric: { type: 'string', description: 'The metric’s name. Required.' },
  aggregation: { type: 'string', description: 'The metric’s own default when absent.', values: AGGREGATIONS },
  range: { type: 'string', description: '`30d` when no range is given.', values: RANGE_PRESETS },
  from: { type: 'string', description: 'First local date, with `to`.' },
  to: { type: 'string', description: 'Last local date, included.' },
  start: { type: 'string', description: 'ISO 8601 instant with an offset, with `end`.' },
  end: { type: 'string', description: 'ISO 8601 instant, excluded.' },
  granularity: { type: 'string', description: 'Length of the buckets.', values: ['auto', ...GRANULARITIES] },
  zone: { type: 'string', description: 'IANA name; the product’s own zone when absent.' },
  groupBy: { type: 'array', description: 'Tags, up to five.' },
  filter: {
    type: 'array',
    description: '`plan=solo,team`, `plan!=solo`, `plan~=so`, `plan!~=so`, `plan` or `!plan`; all must hold.',
  },
  compare: {
    type: 'string',
    description: `${COMPARISONS.join(', ')}, or the date that the compared period begins on.`,
  },
  seriesMax: { type: 'integer', description: 'The largest groups shown; the rest is added up exactly.' },
  format: { type: 'string', description: 'In place of the Accept header.', values: ['json', 'csv'] },
}

export const describeGetQuery = () =>
  describeRoute({
    operationId: 'query',
    summary: 'Ask for numbers',
    description: 'One question in the query string.',
    tags: ['Query'],
    security: [{ apiKey: [] }],
    parameters: Object.entries(PARAMETERS).map(([name, { type, description, values }]) => ({
      name,
      in: 'query' as const,
      description,
      required: name === 'metric',
      schema:
        type === 'array'
          ? { type, items: { type: 'string' as const } }
          : { type, ...(values && { enum: [...values] }) },
    })),
    responses: responses(QueryResult),
  })

export const describePostQuery = () =>
  describeRoute({
    operationId: 'queryMany',
    summary: 'Ask for numbers, with formulas, or several at once',
    description:
      'One query, or `{"queries": […]}` with up to 20 of them, which are answered in the same order as `results`.',
    tags: ['Query'],
    security: [{ apiKey: [] }],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: resolver(z.union([QuerySpec, QueryBatch])) } },
    },
    responses: responses(z.union([QueryResult, QueryBatchResult])),
  })
