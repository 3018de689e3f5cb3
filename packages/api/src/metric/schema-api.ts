import { z } from 'zod'
import { QueryResult, QuerySpec } from './schema'

/** A dashboard's worth. */
export const QUERIES_MAX = 20
/** Values of all answers to one request, comparisons included: some 10 MB of JSON or CSV, which is written in one go. */
export const BATCH_CELLS_MAX = 200_000

export const QueryBatch = z.strictObject({ queries: z.array(QuerySpec).min(1).max(QUERIES_MAX) })
export type QueryBatch = z.infer<typeof QueryBatch>

export const QueryBatchResult = z.object({ results: z.array(QueryResult) })
export type QueryBatchResult = z.infer<typeof QueryBatchResult>
