/** The browser's entry: the router's type, and the schemas that forms and pages share with the server. Imports zod only. */
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from './router'

export * from './admin/schema'
export * from './auth/schema'
export { guessFormat } from './dashboard/format'
export { type ProposalMetric, proposeWidgets } from './dashboard/propose'
export { buildWidgetQuery } from './dashboard/query'
export * from './dashboard/schema'
export * from './dashboard/widgets/base'
export { GRID_COLUMNS, GRID_GAP_PX, GRID_ROW_PX, type WidgetDefinition } from './dashboard/widgets/grid'
export { type Digest, hashImportFile } from './ingest/import-hash'
export * from './ingest/schema'
export * from './ingest/schema-import'
export * from './ingest/schema-inbox'
export type { ErrorCode, ErrorItem } from './kernel/errors'
export { ROLES, type Role } from './kernel/scope'
export * from './metric/catalogue-schema'
export { AGGREGATION_LABELS, KIND_LABELS, KIND_RULES, offeredAggregations } from './metric/kinds'
export * from './metric/schema'
export * from './metric/schema-api'
export * from './product/schema'
export * from './report/schema'
export type { AppRouter } from './router'
export * from './team/schema'

export type RouterInputs = inferRouterInputs<AppRouter>
export type RouterOutputs = inferRouterOutputs<AppRouter>
