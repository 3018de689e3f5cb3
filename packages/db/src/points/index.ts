/** The time-series tables: hand-written SQL, one query per file. Every statement names its product. */
export { allocatePointIds, POINT_ID_BLOCK, type PointIdBlock } from './allocate-point-ids'
export { allocatePointColumns, type PointColumns } from './columns'
export { copyPoints } from './copy-points'
export { deletePoints } from './delete-points'
export {
  dropBefore,
  ensurePartition,
  ensurePartitionsFor,
  forgetPartitions,
  isMissingPartition,
} from './ensure-partitions'
export { type InsertedPoint, type InsertedPoints, insertPoints } from './insert-points'
export { findMetrics, type MetricRow, type NewMetric, resolveMetrics } from './resolve-metrics'
export { countSeries, findSeries, type NewSeries, resolveSeries, type SeriesRow } from './resolve-series'
export { type AggregateQuery, type AggregateRow, selectAggregates, type TagFilter } from './select-aggregates'
export { type SpanRow, selectSpans } from './select-spans'
export { selectTags, type TagRow } from './select-tags'
