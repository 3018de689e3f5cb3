import { type CSSProperties, useState } from 'react'
import { DeltaText } from './chart-tooltip'
import { type ChartTheme, chartTheme, slotColor } from './colors'
import { EmptyChart } from './plot-parts'
import type { ChartProps, PreparedTable, PreparedTableRow } from './types'

type Column = 'label' | 'value' | 'previous' | 'change'

interface Order {
  column: Column
  isAscending: boolean
}

/** Missing values sort last in both directions: they are not small, they are unknown. */
function byNumber(read: (row: PreparedTableRow) => number | null, isAscending: boolean) {
  return (a: PreparedTableRow, b: PreparedTableRow) => {
    const [left, right] = [read(a), read(b)]
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1
    return isAscending ? left - right : right - left
  }
}

const READ: Record<Exclude<Column, 'label'>, (row: PreparedTableRow) => number | null> = {
  value: (row) => row.value,
  previous: (row) => row.previous,
  change: (row) => row.delta?.percent ?? row.delta?.absolute ?? null,
}

/** Rows in the order the reader chose. Null keeps the prepared order, which is by size or by time. */
export function sortRows(rows: readonly PreparedTableRow[], order: Order | null, locale: string): PreparedTableRow[] {
  if (order === null) return [...rows]
  if (order.column !== 'label') return [...rows].sort(byNumber(READ[order.column], order.isAscending))
  // Buckets are named by date, which does not sort by its letters.
  if (rows[0]?.slot === null) return order.isAscending ? [...rows].reverse() : [...rows]
  const sorted = [...rows].sort((a, b) => a.label.localeCompare(b.label, locale, { numeric: true }))
  return order.isAscending ? sorted : sorted.reverse()
}

interface HeadProps {
  column: Column
  text: string
  order: Order | null
  onOrder: (order: Order) => void
  isInteractive: boolean
  theme: ChartTheme
}

const SORT_MARK = { ascending: ' \u2191', descending: ' \u2193', none: '' } as const

function HeadCell({ column, text, order, onOrder, isInteractive, theme }: HeadProps) {
  const sort = order?.column === column ? (order.isAscending ? 'ascending' : 'descending') : 'none'
  const isLabel = column === 'label'
  const toggle = () => onOrder({ column, isAscending: sort === 'none' ? isLabel : sort === 'descending' })
  return (
    <th
      scope="col"
      colSpan={column === 'value' ? 2 : undefined}
      aria-sort={sort}
      style={{
        ...CELL,
        paddingLeft: isLabel ? 0 : 16,
        position: 'sticky',
        top: 0,
        background: theme.card,
        borderBottom: `1px solid ${theme.border}`,
        textAlign: isLabel ? 'left' : 'right',
        fontSize: 12,
        fontWeight: sort === 'none' ? 400 : 500,
        color: sort === 'none' ? theme.text3 : theme.text,
      }}
    >
      {isInteractive ? (
        <button
          type="button"
          onClick={toggle}
          style={{
            all: 'unset',
            cursor: 'pointer',
            outline: 'revert',
            outlineOffset: 2,
            borderRadius: 4,
            lineHeight: '32px',
          }}
        >
          {text}
          {SORT_MARK[sort]}
        </button>
      ) : (
        text
      )}
    </th>
  )
}

const CELL: CSSProperties = { height: 34, padding: '0 0 0 16px', whiteSpace: 'nowrap' }

function BodyRow({ row, isCompared, theme }: { row: PreparedTableRow; isCompared: boolean; theme: ChartTheme }) {
  const line = { ...CELL, borderBottom: `1px solid ${theme.border}` }
  const color = row.slot === null ? theme.series[0] : slotColor(row.slot, theme)
  return (
    <tr>
      <th
        scope="row"
        style={{
          ...line,
          paddingLeft: 0,
          textAlign: 'left',
          fontWeight: 400,
          maxWidth: 220,
          overflow: 'hidden',
          textOverflow: 'ellipsis',
        }}
      >
        {row.label}
        {row.isUnfinished && <span style={{ color: theme.text3 }}> so far</span>}
      </th>
      <td style={{ ...line, width: '40%' }} aria-hidden="true">
        <div
          style={{
            width: `${row.share * 100}%`,
            height: 8,
            borderRadius: 2,
            background: color,
            marginLeft: 'auto',
            opacity: row.isUnfinished ? 0.45 : 0.85,
          }}
        />
      </td>
      <td style={{ ...line, textAlign: 'right', fontWeight: 500 }}>{row.valueText}</td>
      {isCompared && <td style={{ ...line, textAlign: 'right', color: theme.text3 }}>{row.previousText}</td>}
      {isCompared && (
        <td style={{ ...line, textAlign: 'right', fontSize: 12 }}>
          {row.delta ? <DeltaText change={row.delta} theme={theme} /> : null}
        </td>
      )}
    </tr>
  )
}

/** A table of series or buckets with in-cell bars. Every head sorts. */
export function TableChart({ prepared, width, height, theme: name, interactive }: ChartProps<PreparedTable>) {
  const [order, setOrder] = useState<Order | null>(null)
  const theme = chartTheme(name)
  if (prepared.emptyText !== null)
    return <EmptyChart text={prepared.emptyText} width={width} height={height} theme={theme} />
  const head = { order, onOrder: setOrder, isInteractive: interactive, theme }
  return (
    <section
      // A scroll area that only scrolls by wheel shuts out the keyboard.
      tabIndex={interactive ? 0 : undefined}
      aria-label={prepared.summary}
      style={{ width, height, overflow: 'auto', fontSize: 13, color: theme.text, fontVariantNumeric: 'tabular-nums' }}
    >
      <table style={{ width: '100%', borderCollapse: 'separate', borderSpacing: 0 }}>
        <thead>
          <tr>
            <HeadCell column="label" text={prepared.labelHead} {...head} />
            <HeadCell column="value" text={prepared.valueHead} {...head} />
            {prepared.isCompared && <HeadCell column="previous" text="Previous" {...head} />}
            {prepared.isCompared && <HeadCell column="change" text="Change" {...head} />}
          </tr>
        </thead>
        <tbody>
          {sortRows(prepared.rows, order, prepared.locale).map((row) => (
            <BodyRow key={row.key} row={row} isCompared={prepared.isCompared} theme={theme} />
          ))}
        </tbody>
      </table>
      {prepared.note !== null && <p style={{ margin: '8px 0 0', fontSize: 12, color: theme.text3 }}>{prepared.note}</p>}
    </section>
  )
}
