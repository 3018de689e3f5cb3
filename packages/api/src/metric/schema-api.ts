import { z } from 'zod'
import { QueryResult, QuerySpec } from './schema'

/** A dashboard's worth. */
export const QUERIES_MAX = 20

export const QueryBatch = z.strictObject({ queries: z.array(QuerySpec).min(1).max(QUERIES_MAX) })
export type QueryBatch = z.infer<typeof QueryBatch>

export const QueryBatchResult = z.object({ results: z.array(QueryResult) })
export type QueryBatchResult = z.infer<typeof QueryBatchResult>
