/**
 * The HTML part of a report. Tables and inline styles, because that is what mail programs draw; six hundred pixels,
 * one column below that; light only, since the pictures are.
 */
import type { CSSProperties } from 'react'
import { Body, Head, Html, Preview, render } from 'react-email'
import {
  ButtonLink,
  Cell,
  DataTable,
  Delta,
  FONT,
  INK,
  LABEL,
  MAIL_WIDTH,
  Note,
  SMALL,
  SURFACE,
  Table,
} from './email-parts'
import type { ReportSection, ReportTile, ReportView } from './mail-view'

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
