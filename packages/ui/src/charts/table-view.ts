import { BUCKET_HEADS } from './calendar'
import { formatFull } from './format'
import { headOf } from './head'
import type { ColorSlot, PreparedBucket, PreparedChart, PreparedNumber, PreparedSeries, PreparedTable } from './types'

export interface TableView {
  /** The first column names the row. */
  columns: { key: string; text: string; slot: ColorSlot | null; isMuted: boolean }[]
  rows: { key: string; label: string; cells: string[]; isUnfinished: boolean }[]
}

const BUCKET_HEAD = { ...BUCKET_HEADS, week: 'Week of' }
const MISSING = '\u2013'

type Source = Pick<PreparedChart, 'format' | 'locale' | 'granularity'>
type Values = readonly (number | null)[]

function viewOfBuckets(
  source: Source,
  buckets: readonly PreparedBucket[],
  columns: TableView['columns'],
  values: readonly Values[],
): TableView {
  const text = (value: number | null | undefined) =>
    value === null || value === undefined ? MISSING : formatFull(value, source.format, source.locale)
  const rows = buckets.map((bucket, index) => ({
    key: String(bucket.from),
    label: bucket.title,
    cells: values.map((column) => text(column[index])),
    isUnfinished: bucket.isUnfinished,
  }))
  return {
    columns: [{ key: 'bucket', text: BUCKET_HEAD[source.granularity], slot: null, isMuted: false }, ...columns],
    rows: rows.reverse(),
  }
}

function viewOfPlot(
  prepared: Source & { series: PreparedSeries[]; buckets: PreparedBucket[]; metric: string },
): TableView {
  const isSingle = prepared.series.length === 1
  const columns: TableView['columns'] = []
  const values: Values[] = []
  for (const series of prepared.series) {
    const name = isSingle ? headOf(prepared.metric, 'Value') : series.label
    columns.push({ key: series.key, text: name, slot: isSingle ? null : series.slot, isMuted: false })
    values.push(series.values)
    if (series.previous.length === 0) continue
    columns.push({
      key: `${series.key} previous`,
      text: isSingle ? 'Previous' : `${series.label}, previous`,
      slot: null,
      isMuted: true,
    })
    values.push(series.previous)
  }
  return viewOfBuckets(prepared, prepared.buckets, columns, values)
}

function viewOfNumber(prepared: PreparedNumber): TableView {
  return viewOfBuckets(
    prepared,
    prepared.buckets,
    [{ key: 'value', text: headOf(prepared.metric, 'Value'), slot: null, isMuted: false }],
    [prepared.spark],
  )
}

function viewOfTable(prepared: PreparedTable): TableView {
  const compared = prepared.isCompared
    ? [
        { key: 'previous', text: 'Previous', slot: null, isMuted: true },
        { key: 'change', text: 'Change', slot: null, isMuted: false },
      ]
    : []
  return {
    columns: [
      { key: 'label', text: prepared.labelHead, slot: null, isMuted: false },
      { key: 'value', text: prepared.valueHead, slot: null, isMuted: false },
      ...compared,
    ],
    rows: prepared.rows.map((row) => ({
      key: row.key,
      label: row.label,
      cells: [row.valueText, ...(prepared.isCompared ? [row.previousText, row.delta?.text ?? ''] : [])],
      isUnfinished: row.isUnfinished,
    })),
  }
}

/** What a chart shows, as rows and columns of text: for the table view, and for mails and exports. */
export function tableViewOf(prepared: PreparedChart): TableView {
  if (prepared.kind === 'number') return viewOfNumber(prepared)
  return prepared.kind === 'table' ? viewOfTable(prepared) : viewOfPlot(prepared)
}
