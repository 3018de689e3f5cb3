import type { CSSProperties } from 'react'
import { chartTheme, slotColor } from './colors'
import { tableViewOf } from './table-view'
import type { PreparedChart, ThemeName } from './types'

export interface ChartTableProps {
  prepared: PreparedChart
  theme: ThemeName
}

/** The same data as figures: one row per bucket, newest first, one column per series. Every chart has this view. */
export function ChartTable({ prepared, theme: name }: ChartTableProps) {
  const theme = chartTheme(name)
  const view = tableViewOf(prepared)
  const cell: CSSProperties = {
    height: 34,
    padding: '0 0 0 16px',
    whiteSpace: 'nowrap',
    borderBottom: `1px solid ${theme.border}`,
  }
  const first: CSSProperties = { ...cell, paddingLeft: 0, textAlign: 'left', fontWeight: 400 }
  // The names of the columns stay while the figures scroll.
  const stuck: CSSProperties = { position: 'sticky', top: 0, zIndex: 1, background: theme.card }
  if (prepared.emptyText !== null) return <p style={{ color: theme.text3, fontSize: 13 }}>{prepared.emptyText}</p>
  return (
    <table
      data-view="table"
      style={{
        width: '100%',
        borderCollapse: 'separate',
        borderSpacing: 0,
        fontSize: 13,
        color: theme.text,
        fontVariantNumeric: 'tabular-nums',
      }}
    >
      <caption style={{ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' }}>
        {prepared.summary}
      </caption>
      <thead>
        <tr style={{ fontSize: 12, color: theme.text3 }}>
          {view.columns.map((column, at) => (
            <th
              key={column.key}
              scope="col"
              style={{ ...(at === 0 ? first : { ...cell, textAlign: 'right', fontWeight: 400 }), ...stuck }}
            >
              {column.slot !== null && (
                <span
                  style={{
                    display: 'inline-block',
                    width: 8,
                    height: 8,
                    borderRadius: 2.5,
                    marginRight: 8,
                    background: slotColor(column.slot, theme),
                  }}
                />
              )}
              {column.text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {view.rows.map((row) => (
          <tr key={row.key}>
            <th scope="row" style={first}>
              {row.label}
              {row.isUnfinished && <span style={{ color: theme.text3 }}> so far</span>}
            </th>
            {row.cells.map((text, at) => (
              <td
                key={view.columns[at + 1]?.key}
                style={{ ...cell, textAlign: 'right', color: view.columns[at + 1]?.isMuted ? theme.text3 : theme.text }}
              >
                {text}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
