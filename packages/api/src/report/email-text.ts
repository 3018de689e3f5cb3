/** The text/plain part: every number of the HTML part and of its pictures, in the same words. */
import type { DrawnTable } from '../kernel/picture'
import { deltaWords, type ReportSection, type ReportView } from './mail-view'

/** Beyond this a text table is a wall; the totals above it still say the sum. */
const TEXT_ROWS_MAX = 60

export function renderReportText(view: ReportView): string {
  const head = [view.title, view.sender, [view.period, view.comparison].filter(Boolean).join(' ')]
  const missing = view.missing.length > 0 ? [`Missing from this mail: ${view.missing.join(', ')}.`] : []
  const tiles = view.tiles.map(({ title, number }) => {
    const change = number.delta
      ? ` (${[deltaWords(number.delta), number.previous && `from ${number.previous}`].filter(Boolean).join(', ')})`
      : ''
    return `${title}: ${number.value}${change}`
  })
  const blocks = [
    head,
    missing,
    tiles,
    ...view.sections.map(sectionLines),
    [`Open the dashboard: ${view.dashboardUrl}`],
    [`Numbers as of ${view.asOf}, record ${view.record}.`, view.reason],
  ]
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function sectionLines(section: ReportSection): string[] {
  const title = [section.title, '-'.repeat([...section.title].length)]
  if (section.failure !== null) return [...title, `This part could not be shown. ${section.failure}`]
  const totals =
    section.totals.length > 0 ? [section.totals.map(({ label, value }) => `${label} ${value}`).join(', ')] : []
  return [...title, section.summary, ...totals, ...(section.table ? tableLines(section.table) : [])]
}

function tableLines(table: DrawnTable): string[] {
  const hasDeltas = table.rows.some((row) => row.delta !== null)
  const rows = [
    [...table.columns, ...(hasDeltas ? ['Change'] : [])],
    ...table.rows
      .slice(0, TEXT_ROWS_MAX)
      .map((row) => [...row.cells, ...(hasDeltas ? [row.delta ? deltaWords(row.delta) : ''] : [])]),
  ]
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)))
  const lines = rows.map((row) =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  const hidden = table.rows.length - TEXT_ROWS_MAX
  return [...lines, ...(hidden > 0 ? [`… and ${hidden} more rows`] : []), ...(table.note ? [table.note] : [])]
}
