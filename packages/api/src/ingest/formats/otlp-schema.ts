/**
 * The messages of OTLP metrics, as opentelemetry-proto 1.x has them (collector/metrics/v1, metrics/v1, common/v1). Fields
 * that nothing here reads are left out: a decoder passes over what it does not know.
 */
import protobuf, { type Type } from 'protobufjs'
import type { Int64 } from './int64'

const PROTO = `
syntax = "proto3";
package otlp;

message ExportMetricsServiceRequest { repeated ResourceMetrics resource_metrics = 1; }
message ExportMetricsServiceResponse { ExportMetricsPartialSuccess partial_success = 1; }
message ExportMetricsPartialSuccess { int64 rejected_data_points = 1; string error_message = 2; }

message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeMetrics { repeated Metric metrics = 2; }

message Metric {
  string name = 1;
  string description = 2;
  string unit = 3;
  Gauge gauge = 5;
  Sum sum = 7;
  Histogram histogram = 9;
  ExponentialHistogram exponential_histogram = 10;
  Summary summary = 11;
}
enum AggregationTemporality {
  AGGREGATION_TEMPORALITY_UNSPECIFIED = 0;
  AGGREGATION_TEMPORALITY_DELTA = 1;
  AGGREGATION_TEMPORALITY_CUMULATIVE = 2;
}
message Gauge { repeated NumberDataPoint data_points = 1; }
message Sum {
  repeated NumberDataPoint data_points = 1;
  AggregationTemporality aggregation_temporality = 2;
  bool is_monotonic = 3;
}
message Histogram {
  repeated HistogramDataPoint data_points = 1;
  AggregationTemporality aggregation_temporality = 2;
}
message ExponentialHistogram {
  repeated ExponentialHistogramDataPoint data_points = 1;
  AggregationTemporality aggregation_temporality = 2;
}
message Summary { repeated SummaryDataPoint data_points = 1; }

message NumberDataPoint {
  fixed64 start_time_unix_nano = 2;
  fixed64 time_unix_nano = 3;
  oneof value {
    double as_double = 4;
    sfixed64 as_int = 6;
  }
  repeated KeyValue attributes = 7;
  uint32 flags = 8;
}
message HistogramDataPoint {
  fixed64 start_time_unix_nano = 2;
  fixed64 time_unix_nano = 3;
  fixed64 count = 4;
  optional double sum = 5;
  repeated fixed64 bucket_counts = 6;
  repeated double explicit_bounds = 7;
  repeated KeyValue attributes = 9;
  uint32 flags = 10;
  optional double min = 11;
  optional double max = 12;
}
message ExponentialHistogramDataPoint {
  message Buckets { sint32 offset = 1; repeated uint64 bucket_counts = 2; }
  repeated KeyValue attributes = 1;
  fixed64 start_time_unix_nano = 2;
  fixed64 time_unix_nano = 3;
  fixed64 count = 4;
  optional double sum = 5;
  sint32 scale = 6;
  fixed64 zero_count = 7;
  Buckets positive = 8;
  Buckets negative = 9;
  uint32 flags = 10;
  optional double min = 12;
  optional double max = 13;
}
message SummaryDataPoint {
  message ValueAtQuantile { double quantile = 1; double value = 2; }
  fixed64 start_time_unix_nano = 2;
  fixed64 time_unix_nano = 3;
  fixed64 count = 4;
  double sum = 5;
  repeated ValueAtQuantile quantile_values = 6;
  repeated KeyValue attributes = 7;
  uint32 flags = 8;
}

message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue {
  oneof value {
    string string_value = 1;
    bool bool_value = 2;
    int64 int_value = 3;
    double double_value = 4;
    ArrayValue array_value = 5;
    KeyValueList kvlist_value = 6;
    bytes bytes_value = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }

// google.rpc.Status; nobody here fills its details.
message Status { int32 code = 1; string message = 2; }
`

const { root } = protobuf.parse(PROTO)
const lookup = (name: string): Type => root.lookupType(`otlp.${name}`)

export const OtlpRequestType = lookup('ExportMetricsServiceRequest')
export const OtlpResponseType = lookup('ExportMetricsServiceResponse')
export const StatusType = lookup('Status')

/** A message as it is decoded: what is missing is undefined or null, and repeated fields are empty. */
export interface OtlpRequest {
  resourceMetrics: OtlpResourceMetrics[]
}
export interface OtlpResourceMetrics {
  resource?: { attributes: OtlpKeyValue[] } | null
  scopeMetrics: { metrics: OtlpMetric[] }[]
}
export interface OtlpMetric {
  name: string
  description: string
  unit: string
  gauge?: { dataPoints: OtlpNumber[] } | null
  sum?: { dataPoints: OtlpNumber[]; aggregationTemporality: number; isMonotonic: boolean } | null
  histogram?: { dataPoints: OtlpHistogram[]; aggregationTemporality: number } | null
  exponentialHistogram?: { dataPoints: OtlpExponentialHistogram[]; aggregationTemporality: number } | null
  summary?: { dataPoints: OtlpSummary[] } | null
}
export interface OtlpPoint {
  startTimeUnixNano: Int64
  timeUnixNano: Int64
  attributes: OtlpKeyValue[]
  flags: number
}
/** `value` says which of the fields is set; the other reads as 0. */
export interface OtlpNumber extends OtlpPoint {
  value?: 'asDouble' | 'asInt'
  asDouble: number
  asInt: Int64
}
interface OtlpDistribution extends OtlpPoint {
  count: Int64
  sum?: number | null
  min?: number | null
  max?: number | null
}
export interface OtlpHistogram extends OtlpDistribution {
  bucketCounts: Int64[]
  explicitBounds: number[]
}
export interface OtlpExponentialHistogram extends OtlpDistribution {
  scale: number
  zeroCount: Int64
  positive?: OtlpBuckets | null
  negative?: OtlpBuckets | null
}
export interface OtlpBuckets {
  offset: number
  bucketCounts: Int64[]
}
export interface OtlpSummary extends OtlpPoint {
  count: Int64
  sum: number
  quantileValues: { quantile: number; value: number }[]
}
export interface OtlpKeyValue {
  key: string
  value?: OtlpAnyValue | null
}
/** `value` says which of the fields is set; the others read as empty ones of their type. */
export interface OtlpAnyValue {
  value?: keyof Omit<OtlpAnyValue, 'value'>
  stringValue: string
  boolValue: boolean
  intValue: Int64
  doubleValue: number
  arrayValue: { values: OtlpAnyValue[] }
  kvlistValue: { values: OtlpKeyValue[] }
  bytesValue: Uint8Array
}
