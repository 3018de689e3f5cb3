/** The server's entry: what the process and its HTTP edge are built from. The browser's entry is ./client. */

export { DEMO_PRODUCTS } from './admin/demo'
export { type SeedDemoOptions, seedDemo } from './admin/service'
export { subscribeSessionEnded } from './auth/events'
export { isSessionAlive, resolveSession } from './auth/procedure'
export { ensureSetupToken } from './auth/service'
export type { PointIdentity } from './ingest/columns'
export { AGENT_LIMITS } from './ingest/formats/agent-points'
export { CONTENT_TYPES } from './ingest/formats/index'
export type { Precision as LinePrecision } from './ingest/formats/line-number'
export { parseLineProtocol } from './ingest/formats/line-protocol'
export { parseOtlp, parseOtlpJson } from './ingest/formats/otlp'
export { encodeOtlpResponse, encodeRpcStatus } from './ingest/formats/otlp-decode'
export {
  parseRemoteWrite,
  type RemoteWrite,
  type RemoteWriteVersion,
  unsnap,
} from './ingest/formats/prometheus'
export { parseTextExposition } from './ingest/formats/text-exposition'
export { importPart } from './ingest/import'
export { resolveImport } from './ingest/procedure'
export { flushRejected } from './ingest/rejected'
export { INGEST_LIMITS, type IngestResult, type RejectedPoint } from './ingest/schema'
export { IMPORT_LIMITS } from './ingest/schema-import'
export {
  dryRun,
  findReceipt,
  type IngestAnswer,
  type IngestOutcome,
  type IngestRequest,
  ingest,
  ingestParsed,
  noteRefusal,
  type ParsedPoints,
} from './ingest/service'
export { sharedWriterOf } from './ingest/shared-writer'
export { StatsdAggregate } from './ingest/statsd'
export { type IngestStream, ingestStream, isStreamed } from './ingest/stream'
export { createPointWriter, type PointWriter, type PointWriterOptions } from './ingest/writer'
export { jobs, ticks } from './jobs'
export { BUS_TEXT_BYTES_MAX, type Bus } from './kernel/bus'
export { createMemoryBus } from './kernel/bus-memory'
export { createPostgresBus, type PostgresBusOptions } from './kernel/bus-postgres'
export type { Context, RequestContext, Settings } from './kernel/context'
export { DomainError, ERRORS, type ErrorCode, type ErrorItem } from './kernel/errors'
export { httpStatusOf } from './kernel/http-status'
export { newId } from './kernel/ids'
export {
  type AnyJob,
  countJobs,
  createTaskList,
  createWorkerLogger,
  enqueue,
  type Job,
  migrateJobs,
  runDueJobs,
  type Tick,
} from './kernel/job'
export { REDACTED_PATHS, redactSecrets } from './kernel/log'
export * from './kernel/mail'
export { createMailer, type MailConfig } from './kernel/mailer'
export * from './kernel/picture'
export type { ProductScope, Role, TeamScope, UserScope } from './kernel/scope'
export { findUnstorable } from './kernel/storable'
export { type Clock, systemClock } from './kernel/time'
export { describeError, toPointer } from './kernel/trpc'
export { LONG_BYTES, LONG_POINTS, takeTurn } from './kernel/turn'
export { toCsv } from './metric/csv'
export { createFolder, type Folder, type FolderOptions } from './metric/rollup'
export { runQuery } from './metric/service'
export { localDays } from './metric/zone'
export { productScopeForJob, resolveApiKey } from './product/procedure'
export { type BootstrappedWorkspace, type BootstrapWorkspace, bootstrapWorkspace } from './product/service'
export { resolveOutboxMail, resolveReport } from './report/procedure'
export { renderOutboxMail, renderReportPreview } from './report/service'
export { type AppRouter, appRouter, createCaller } from './router'
export { resolveTeam, teamScopeForOperator } from './team/procedure'
