import type { RejectCode } from '@trackable/api/client'

/** What the codes of refused points mean, in the words of a list. The details stand beside them. */
export const REJECT_LABELS: Record<RejectCode, string> = {
  not_an_object: 'Not a point',
  invalid_line: 'Unreadable line',
  missing_field: 'Field missing',
  unknown_field: 'Unknown field',
  invalid_type: 'Wrong type',
  not_finite: 'Not a finite number',
  invalid_text: 'Invalid text',
  invalid_histogram: 'Invalid distribution',
  too_long: 'Too long',
  too_many_tags: 'Too many tags',
  beyond_retention: 'Beyond retention',
  invalid_timestamp: 'Invalid time',
  timestamp_out_of_window: 'Time out of range',
  cardinality_limit: 'Too many series',
  storage_error: 'Not storable',
}
