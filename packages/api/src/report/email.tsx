/**
 * The HTML part of a report. Tables and inline styles, because that is what mail programs draw; six hundred pixels,
 * one column below that; light only, since the pictures are.
 */
import type { CSSProperties, ReactNode } from 'react'
import { Body, Head, Html, Preview, render } from 'react-email'
import type { DrawnDelta, DrawnTable } from '../kernel/picture'
import { deltaWords, type ReportSection, type ReportTile, type ReportView } from './mail-view'

/** How wide a picture stands in the mail, in CSS pixels. */
export const MAIL_CONTENT_WIDTH = 552
const MAIL_WIDTH = 600

const FONT = "Inter,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
// The light theme of packages/ui/src/theme.css as hex: mail programs know neither variables nor oklch.
const INK = { strong: '#13161d', text: '#464d5b', muted: '#5d6574' }
const SURFACE = { page: '#f0f2f5', card: '#ffffff', sunken: '#f7f8fa', line: '#e6e9ee', warning: '#fdf4e3' }
const ACCENT = { fill: '#2f54d6', link: '#2b4dc9' }
const TONES = { good: '#0f7a45', bad: '#c0272d', neutral: INK.muted } as const

const LABEL: CSSProperties = { fontFamily: FONT, fontSize: 13, lineHeight: '20px', color: INK.text }
const SMALL: CSSProperties = { fontFamily: FONT, fontSize: 12, lineHeight: '18px', color: INK.muted }

/** Renders the mail; `sourceOf` says where the picture of a widget is (`cid:…` in a mail, `data:…` in a page). */
export async function renderReportHtml(view: ReportView, sourceOf: (widgetId: string) => string): Promise<string> {
  return render(<ReportEmail view={view} sourceOf={sourceOf} />)
}

function ReportEmail({ view, sourceOf }: { view: ReportView; sourceOf: (widgetId: string) => string }) {
  return (
    <Html lang="en" dir="ltr">
      <Head>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light" />
        <meta name="supported-color-schemes" content="light" />
        <title>{view.subject}</title>
      </Head>
      <Preview>{view.preheader}</Preview>
      <Body style={{ margin: 0, padding: 0, backgroundColor: SURFACE.page }}>
        <Table width="100%" style={{ backgroundColor: SURFACE.page }}>
          <Cell align="center" style={{ padding: '32px 12px' }}>
            <Card view={view} sourceOf={sourceOf} />
            <Footer view={view} />
          </Cell>
        </Table>
      </Body>
    </Html>
  )
}

function Card({ view, sourceOf }: { view: ReportView; sourceOf: (widgetId: string) => string }) {
  const frame = {
    width: '100%',
    maxWidth: MAIL_WIDTH,
    backgroundColor: SURFACE.card,
    border: `1px solid ${SURFACE.line}`,
    borderRadius: 12,
  }
  return (
    <table
      role="presentation"
      width={MAIL_WIDTH}
      cellPadding={0}
      cellSpacing={0}
      border={0}
      align="center"
      style={frame}
    >
      <tbody>
        <Header view={view} />
        {view.missing.length > 0 && <MissingNotice titles={view.missing} />}
        {view.tiles.length > 0 && <Tiles tiles={view.tiles} />}
        {view.sections.map((section) => (
          <Section key={section.id} section={section} source={section.picture ? sourceOf(section.id) : null} />
        ))}
        <tr>
          <td style={{ padding: '28px 24px' }}>
            <ButtonLink href={view.dashboardUrl}>Open the dashboard</ButtonLink>
          </td>
        </tr>
      </tbody>
    </table>
  )
}

function Header({ view }: { view: ReportView }) {
  const brand: CSSProperties = { ...LABEL, fontWeight: 600, color: INK.strong, whiteSpace: 'nowrap' }
  return (
    <>
      <tr>
        <td style={{ padding: '24px 24px 0' }}>
          <Table width="100%">
            <td style={{ ...LABEL, color: INK.muted }}>{view.sender}</td>
            <td align="right" style={brand}>
              Trackable
            </td>
          </Table>
        </td>
      </tr>
      <tr>
        <td style={{ padding: '4px 24px 0' }}>
          <h1
            style={{
              fontFamily: FONT,
              margin: 0,
              fontSize: 24,
              lineHeight: '32px',
              fontWeight: 600,
              letterSpacing: '-0.4px',
              color: INK.strong,
            }}
          >
            {view.title}
          </h1>
        </td>
      </tr>
      <tr>
        <td style={{ fontFamily: FONT, padding: '2px 24px 20px', fontSize: 14, lineHeight: '22px', color: INK.text }}>
          {view.period}
          {view.comparison && ` ${view.comparison}`}
        </td>
      </tr>
    </>
  )
}

function MissingNotice({ titles }: { titles: readonly string[] }) {
  return (
    <tr>
      <td style={{ padding: '0 24px 20px' }}>
        <Note color={SURFACE.warning}>
          <b style={{ color: INK.strong, fontWeight: 600 }}>
            {titles.length === 1 ? 'One part is missing: ' : `${titles.length} parts are missing: `}
          </b>
          {titles.join(', ')}. Everything else is complete.
        </Note>
      </td>
    </tr>
  )
}

function Tiles({ tiles }: { tiles: readonly ReportTile[] }) {
  const rows = Array.from({ length: Math.ceil(tiles.length / 2) }, (_, row) => tiles.slice(row * 2, row * 2 + 2))
  return (
    <tr>
      <td style={{ padding: '0 24px' }}>
        <table
          role="presentation"
          width="100%"
          cellPadding={0}
          cellSpacing={0}
          border={0}
          style={{ borderCollapse: 'collapse' }}
        >
          <tbody>
            {rows.map((row) => (
              <tr key={row.map((tile) => tile.title).join()}>
                {row.map((tile) => (
                  <Tile key={tile.title} tile={tile} isWide={row.length === 1} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </td>
    </tr>
  )
}

function Tile({ tile, isWide }: { tile: ReportTile; isWide: boolean }) {
  const { value, delta, previous } = tile.number
  return (
    <td
      colSpan={isWide ? 2 : 1}
      width={isWide ? '100%' : '50%'}
      valign="top"
      style={{ fontFamily: FONT, padding: '14px 16px', border: `1px solid ${SURFACE.line}` }}
    >
      <div style={{ fontSize: 13, lineHeight: '20px', color: INK.text }}>{tile.title}</div>
      <div style={{ fontSize: 26, lineHeight: '34px', fontWeight: 600, letterSpacing: '-0.5px', color: INK.strong }}>
        {value}
      </div>
      <div style={{ fontSize: 13, lineHeight: '20px', color: INK.muted }}>
        {delta ? <Delta delta={delta} /> : 'No comparison'}
        {previous !== null && <>&nbsp; from {previous}</>}
      </div>
    </td>
  )
}

function Delta({ delta }: { delta: DrawnDelta }) {
  return <span style={{ color: TONES[delta.tone], fontWeight: 600, whiteSpace: 'nowrap' }}>{deltaWords(delta)}</span>
}

function Section({ section, source }: { section: ReportSection; source: string | null }) {
  return (
    <>
      <tr>
        <td style={{ padding: '28px 24px 8px' }}>
          <h2
            style={{
              fontFamily: FONT,
              margin: 0,
              fontSize: 16,
              lineHeight: '24px',
              fontWeight: 600,
              color: INK.strong,
            }}
          >
            {section.title}
          </h2>
        </td>
      </tr>
      <tr>
        <td style={{ padding: '0 24px' }}>
          <SectionBody section={section} source={source} />
        </td>
      </tr>
      {section.totals.length > 0 && (
        <tr>
          <td style={{ ...LABEL, padding: '6px 24px 0' }}>
            {section.totals.map(({ label, value }) => `${label} ${value}`).join(', ')}
          </td>
        </tr>
      )}
    </>
  )
}

function SectionBody({ section, source }: { section: ReportSection; source: string | null }) {
  if (section.failure !== null)
    return <Note color={SURFACE.warning}>This part could not be shown. {section.failure}</Note>
  if (section.picture && source !== null) {
    const style = {
      ...LABEL,
      display: 'block',
      width: '100%',
      maxWidth: section.picture.width,
      height: 'auto',
      border: 0,
    }
    return (
      <img
        src={source}
        width={section.picture.width}
        height={section.picture.height}
        alt={section.summary}
        style={style}
      />
    )
  }
  if (section.table && section.table.rows.length > 0) return <DataTable table={section.table} />
  return <Note color={SURFACE.sunken}>{section.summary}</Note>
}

function DataTable({ table }: { table: DrawnTable }) {
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

function Footer({ view }: { view: ReportView }) {
  return (
    <table
      role="presentation"
      width={MAIL_WIDTH}
      cellPadding={0}
      cellSpacing={0}
      border={0}
      align="center"
      style={{ width: '100%', maxWidth: MAIL_WIDTH }}
    >
      <tbody>
        <tr>
          <td style={{ ...SMALL, padding: '16px 24px 0' }}>
            Numbers as of {view.asOf}, record {view.record}. They stay as they were sent; the dashboard moves on.
          </td>
        </tr>
        <tr>
          <td style={{ ...SMALL, padding: '8px 24px 0' }}>{view.reason}</td>
        </tr>
      </tbody>
    </table>
  )
}

function ButtonLink({ href, children }: { href: string; children: ReactNode }) {
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

function Note({ color, children }: { color: string; children: ReactNode }) {
  return (
    <Table width="100%">
      <td style={{ ...LABEL, padding: '10px 12px', borderRadius: 8, backgroundColor: color }}>{children}</td>
    </Table>
  )
}

/** A layout table of one row; screen readers are told that it is none. */
function Table({ width, style, children }: { width?: string; style?: CSSProperties; children: ReactNode }) {
  return (
    <table role="presentation" width={width} cellPadding={0} cellSpacing={0} border={0} style={style}>
      <tbody>
        <tr>{children}</tr>
      </tbody>
    </table>
  )
}

function Cell({ align, style, children }: { align: 'center'; style: CSSProperties; children: ReactNode }) {
  return (
    <td align={align} style={style}>
      {children}
    </td>
  )
}
