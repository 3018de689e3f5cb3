/** The messages of Prometheus remote-write: prometheus.WriteRequest (1.0) and io.prometheus.write.v2.Request (2.0). */
import protobuf, { type Type } from 'protobufjs'
import type { Int64 } from './int64'

/** Both versions count the same distributions; 2.0 adds when counting began. */
const HISTOGRAM = `
message BucketSpan { sint32 offset = 1; uint32 length = 2; }
message Histogram {
  enum ResetHint { UNKNOWN = 0; YES = 1; NO = 2; GAUGE = 3; }
  oneof count { uint64 count_int = 1; double count_float = 2; }
  double sum = 3;
  sint32 schema = 4;
  double zero_threshold = 5;
  oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
  repeated BucketSpan negative_spans = 8;
  repeated sint64 negative_deltas = 9;
  repeated double negative_counts = 10;
  repeated BucketSpan positive_spans = 11;
  repeated sint64 positive_deltas = 12;
  repeated double positive_counts = 13;
  ResetHint reset_hint = 14;
  int64 timestamp = 15;
  repeated double custom_values = 16;
  int64 start_timestamp = 17;
}
enum MetricType {
  UNSPECIFIED = 0;
  COUNTER = 1;
  GAUGE = 2;
  HISTOGRAM = 3;
  GAUGEHISTOGRAM = 4;
  SUMMARY = 5;
  INFO = 6;
  STATESET = 7;
}
`

const V1 = `
syntax = "proto3";
package v1;
${HISTOGRAM}
message WriteRequest { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3; }
message MetricMetadata { MetricType type = 1; string metric_family_name = 2; string help = 4; string unit = 5; }
message TimeSeries {
  repeated Label labels = 1;
  repeated Sample samples = 2;
  repeated Exemplar exemplars = 3;
  repeated Histogram histograms = 4;
}
message Label { string name = 1; string value = 2; }
message Sample { double value = 1; int64 timestamp = 2; }
message Exemplar { double value = 2; }
`

const V2 = `
syntax = "proto3";
package v2;
${HISTOGRAM}
message Request { repeated string symbols = 4; repeated TimeSeries timeseries = 5; }
message TimeSeries {
  repeated uint32 labels_refs = 1;
  repeated Sample samples = 2;
  repeated Histogram histograms = 3;
  repeated Exemplar exemplars = 4;
  Metadata metadata = 5;
  int64 created_timestamp = 6;
}
message Sample { double value = 1; int64 timestamp = 2; int64 start_timestamp = 3; }
message Exemplar { double value = 2; }
message Metadata { MetricType type = 1; uint32 help_ref = 3; uint32 unit_ref = 4; }
`

const typeOf = (proto: string, name: string): Type => protobuf.parse(proto, new protobuf.Root()).root.lookupType(name)

export const WriteRequestV1 = typeOf(V1, 'v1.WriteRequest')
export const WriteRequestV2 = typeOf(V2, 'v2.Request')

export const METRIC_TYPES = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
] as const
export type MetricType = (typeof METRIC_TYPES)[number]

/** Messages as they are decoded: repeated fields are empty where nothing was sent. */
export interface WriteRequestV1 {
  timeseries: {
    labels: { name: string; value: string }[]
    samples: RemoteSample[]
    exemplars: unknown[]
    histograms: RemoteHistogram[]
  }[]
  metadata: { type: number; metricFamilyName: string; help: string; unit: string }[]
}
export interface WriteRequestV2 {
  symbols: string[]
  timeseries: {
    labelsRefs: number[]
    samples: RemoteSample[]
    exemplars: unknown[]
    histograms: RemoteHistogram[]
    metadata?: { type: number; helpRef: number; unitRef: number } | null
    createdTimestamp: Int64
  }[]
}
export interface RemoteSample {
  value: number
  /** Epoch ms. */
  timestamp: Int64
  /** Only in 2.0; 0 where it is not known. */
  startTimestamp?: Int64
}
export interface RemoteHistogram {
  count?: 'countInt' | 'countFloat'
  countInt: Int64
  countFloat: number
  sum: number
  schema: number
  zeroCount?: 'zeroCountInt' | 'zeroCountFloat'
  zeroCountInt: Int64
  zeroCountFloat: number
  negativeSpans: { offset: number; length: number }[]
  negativeDeltas: Int64[]
  negativeCounts: number[]
  positiveSpans: { offset: number; length: number }[]
  positiveDeltas: Int64[]
  positiveCounts: number[]
  resetHint: number
  timestamp: Int64
  customValues: number[]
  startTimestamp?: Int64
}
