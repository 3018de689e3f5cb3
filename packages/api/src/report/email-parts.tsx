/** The building blocks of a mail: colours, type and layout tables. */
import type { CSSProperties, ReactNode } from 'react'
import type { DrawnDelta, DrawnTable } from '../kernel/picture'
import { deltaWords } from './mail-view'

/** How wide a picture stands in the mail, in CSS pixels. */
export const MAIL_CONTENT_WIDTH = 552
export const MAIL_WIDTH = 600

export const FONT = "Inter,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
// The light theme of packages/ui/src/theme.css as hex: mail programs know neither variables nor oklch.
export const INK = { strong: '#13161d', text: '#464d5b', muted: '#5d6574' }
export const SURFACE = { page: '#f0f2f5', card: '#ffffff', sunken: '#f7f8fa', line: '#e6e9ee', warning: '#fdf4e3' }
const ACCENT = { fill: '#2f54d6', link: '#2b4dc9' }
const TONES = { good: '#0f7a45', bad: '#c0272d', neutral: INK.muted } as const

export const LABEL: CSSProperties = { fontFamily: FONT, fontSize: 13, lineHeight: '20px', color: INK.text }
export const SMALL: CSSProperties = { fontFamily: FONT, fontSize: 12, lineHeight: '18px', color: INK.muted }

export function Delta({ delta }: { delta: DrawnDelta }) {
  return <span style={{ color: TONES[delta.tone], fontWeight: 600, whiteSpace: 'nowrap' }}>{deltaWords(delta)}</span>
}

export function DataTable({ table }: { table: DrawnTable }) {
  const hasDeltas = table.rows.some((row) => row.delta !== null)
  const line = `1px solid ${SURFACE.line}`
  const head: CSSProperties = { ...SMALL, padding: '0 0 6px', fontWeight: 500, borderBottom: line }
  const cell: CSSProperties = {
    fontFamily: FONT,
    padding: '9px 0',
    fontSize: 14,
    lineHeight: '20px',
    color: INK.strong,
    borderBottom: line,
  }
  return (
    <>
      <table width="100%" cellPadding={0} cellSpacing={0} border={0} style={{ borderCollapse: 'collapse' }}>
        <tbody>
          <tr>
            {[...table.columns, ...(hasDeltas ? ['Change'] : [])].map((column, index) => (
              <th
                key={column}
                scope="col"
                align={index === 0 ? 'left' : 'right'}
                style={{ ...head, paddingLeft: index === 0 ? 0 : 12 }}
              >
                {column}
              </th>
            ))}
          </tr>
          {table.rows.map((row) => (
            <tr key={row.cells.join()}>
              {row.cells.map((text, index) => (
                <td
                  key={table.columns[index]}
                  align={index === 0 ? 'left' : 'right'}
                  style={{
                    ...cell,
                    paddingLeft: index === 0 ? 0 : 12,
                    ...(index === 0 ? { wordBreak: 'break-word' as const } : { whiteSpace: 'nowrap' as const }),
                  }}
                >
                  {text}
                </td>
              ))}
              {hasDeltas && (
                <td align="right" width={96} style={{ ...cell, fontSize: 13 }}>
                  {row.delta && <Delta delta={row.delta} />}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {table.note !== null && <div style={{ ...SMALL, paddingTop: 6 }}>{table.note}</div>}
    </>
  )
}

export function ButtonLink({ href, children }: { href: string; children: ReactNode }) {
  const style: CSSProperties = {
    fontFamily: FONT,
    display: 'inline-block',
    padding: '10px 16px',
    fontSize: 14,
    lineHeight: '20px',
    fontWeight: 600,
    color: '#ffffff',
    textDecoration: 'none',
  }
  return (
    <Table>
      <td style={{ borderRadius: 8, backgroundColor: ACCENT.fill }}>
        <a href={href} style={style}>
          {children}
        </a>
      </td>
    </Table>
  )
}

export function Note({ color, children }: { color: string; children: ReactNode }) {
  return (
    <Table width="100%">
      <td style={{ ...LABEL, padding: '10px 12px', borderRadius: 8, backgroundColor: color }}>{children}</td>
    </Table>
  )
}

/** A layout table of one row; screen readers are told that it is none. */
export function Table({ width, style, children }: { width?: string; style?: CSSProperties; children: ReactNode }) {
  return (
    <table role="presentation" width={width} cellPadding={0} cellSpacing={0} border={0} style={style}>
      <tbody>
        <tr>{children}</tr>
      </tbody>
    </table>
  )
}

export function Cell({ align, style, children }: { align: 'center'; style: CSSProperties; children: ReactNode }) {
  return (
    <td align={align} style={style}>
      {children}
    </td>
  )
}
