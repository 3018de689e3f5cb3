/** The time-series tables: hand-written SQL, one query per file. Every statement names its product. */
export { type Advanced, advanceRawFrom } from './advance-raw-from'
export {
  type AggregateQuery,
  type AggregateRow,
  FILTER_OPS,
  type GroupKey,
  type LocalDays,
  type Measure,
  type TagFilter,
} from './aggregate-query'
export { allocateDeltaIds, allocatePointIds, DELTA_ID_BLOCK, type IdBlock, POINT_ID_BLOCK } from './allocate-point-ids'
export { applyMetricHints, type NamedHint } from './apply-metric-hints'
export { type Audit, type AuditOptions, auditRollups, type Difference } from './audit'
export {
  BIN_ACCURACY,
  type BinnedHistogram,
  type Bins,
  binOf,
  binsOfBuckets,
  binsOfExponential,
  binsOfRanges,
  type ExponentialHistogram,
  quantilesOf,
  valueOfBin,
} from './bins'
export { allocatePointColumns, type PointColumns } from './columns'
export { COPY_DELTAS, type DeltaColumns, encodeDeltas } from './copy-deltas'
export { COPY_POINTS, copyPoints, encodePoints } from './copy-points'
export { runCopyScript } from './copy-script'
export { countPoints, type PointCount, type PointRange } from './count-points'
export {
  type CumulativeStateRow,
  lockCumulativeStates,
  type StreamKey,
  saveCumulativeStates,
} from './cumulative-states'
export { deleteEndedStreams } from './delete-ended-streams'
export { deleteDerived, deletePoints } from './delete-points'
export { type DeletedPiece, deleteRange } from './delete-range'
export { countRollups, deleteRollups, deleteSketches, type RollupRange } from './delete-rollups'
export { advanceDictionaryEpoch, getDictionaryEpoch } from './dictionary-epoch'
export {
  dropBefore,
  dropEmptyPartitions,
  ensurePartition,
  ensurePartitionsFor,
  forgetPartitions,
  isMissingPartition,
} from './ensure-partitions'
export { FOLD_LIMITS, type FoldLimits, type FoldOutcome, foldPoints } from './fold'
export { inTransaction } from './in-transaction'
export {
  deleteReceipts,
  findReceipt,
  insertReceipts,
  lockReceipts,
  type NewReceipt,
  type ReceiptKey,
  type ReceiptRow,
} from './ingest-receipts'
export { type HistogramRow, histogramKeyOf, insertHistograms } from './insert-histograms'
export { type InsertedPoints, insertPoints, pointKeyOf } from './insert-points'
export { mergeMetrics } from './merge-metrics'
export { overwritePoints, QUARTER_MS } from './overwrite-points'
export { type PackCursor, type PackPiece, type PackQuery, packDays } from './pack-days'
export { findMetrics, type MetricRow, type NewMetric, resolveMetrics } from './resolve-metrics'
export {
  countSeries,
  findSeries,
  findSeriesAliases,
  type NewSeries,
  resolveSeries,
  type SeriesAliasRow,
  type SeriesRow,
} from './resolve-series'
export { selectAggregates } from './select-aggregates'
export { type CatalogueRow, selectCatalogue } from './select-catalogue'
export { type ExtentRow, selectExtent } from './select-extent'
export { selectSeries } from './select-series'
export { type SpanRow, selectSpans } from './select-spans'
export { type SparkRow, selectSparks } from './select-sparks'
export { selectTagCounts } from './select-tag-counts'
export { selectTags, type TagRow } from './select-tags'
export { selectUnfolded } from './select-unfolded'
export { type SketchQuery, sketchDays } from './sketch-days'
export { findTransactionStatus, hasPoint, SELECT_MARKER, type TransactionStatus } from './transaction-status'
export { ensurePartitionsForUnpack, SEAL_AFTER_DAYS_MIN, unpackFor } from './unpack-days'
