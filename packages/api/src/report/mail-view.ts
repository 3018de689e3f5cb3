/** From the frozen record and the drawn widgets to what the mail shows. Pure; both parts of the mail are made of it. */
import type { DrawnDelta, DrawnNumber, DrawnTable, DrawOutcome, WidgetPicture } from '../kernel/picture'
import type { FrozenReport } from './frozen'
import { periodDays } from './schedule'
import { momentWords, periodWords, rangeWords, shortRangeWords } from './words'

export interface ReportTile {
  title: string
  number: DrawnNumber
}

export interface ReportSection {
  id: string
  title: string
  /** The picture's alt text, or what stands for a widget that has none. */
  summary: string
  picture: { width: number; height: number } | null
  table: DrawnTable | null
  totals: { label: string; value: string }[]
  /** Why the widget is not shown; then it has neither picture nor table. */
  failure: string | null
}

/** Everything that a report mail says. */
export interface ReportView {
  subject: string
  preheader: string
  sender: string
  title: string
  period: string
  comparison: string | null
  tiles: ReportTile[]
  sections: ReportSection[]
  missing: string[]
  dashboardUrl: string
  asOf: string
  record: string
  reason: string
}

export interface ReportViewInput {
  frozen: FrozenReport
  hash: string
  outcomes: readonly DrawOutcome[]
  isTest: boolean
  recipient: string
  /** Who made the report, when that account still exists. */
  addedBy: string | null
  dashboardUrl: string
}

export function buildReportView(input: ReportViewInput): ReportView {
  const { frozen } = input
  const { tiles, sections } = arrange(frozen, input.outcomes)
  const period = periodWords(frozen.firstDay, frozen.lastDay)
  const compared = comparedWith(frozen)
  const lead = tiles.find((tile) => tile.number.delta !== null) ?? tiles[0]
  return {
    subject: subjectOf(input, lead),
    preheader: [...tiles.slice(0, 3).map(tileWords), `${rangeWords(frozen.firstDay, frozen.lastDay)}.`].join(' · '),
    sender: `${frozen.teamName}, ${frozen.productName}`,
    title: frozen.reportName,
    period: `${period}, days cut in ${frozen.zone}.`,
    comparison: compared ? `Compared with ${compared}.` : null,
    tiles,
    sections,
    missing: sections.filter((section) => section.failure !== null).map((section) => section.title),
    dashboardUrl: input.dashboardUrl,
    asOf: momentWords(frozen.asOf, frozen.zone),
    record: `${input.hash.slice(0, 4)}…${input.hash.slice(-3)}`,
    reason: reasonOf(input),
  }
}

/** Number tiles come first, then everything else; each in the order in which the dashboard is read. */
function arrange(frozen: FrozenReport, outcomes: readonly DrawOutcome[]) {
  const drawn = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
  const tiles: ReportTile[] = []
  const sections: ReportSection[] = []
  const inOrder = [...frozen.widgets].sort(
    (a, b) => a.widget.layout.y - b.widget.layout.y || a.widget.layout.x - b.widget.layout.x,
  )
  for (const { widget, failure } of inOrder) {
    const outcome = drawn.get(widget.id)
    const problem = failure ?? (outcome?.isDrawn ? null : (outcome?.reason ?? 'It could not be drawn.'))
    if (problem !== null || !outcome?.isDrawn) sections.push(failedSection(widget.id, widget.title, problem ?? ''))
    else if (outcome.widget.number) tiles.push({ title: widget.title, number: outcome.widget.number })
    else sections.push(sectionOf(widget.title, outcome.widget))
  }
  return { tiles, sections }
}

function sectionOf(title: string, drawn: WidgetPicture): ReportSection {
  const { id, summary, table, totals, picture } = drawn
  const size = picture && { width: picture.width, height: picture.height }
  return { id, title, summary, picture: size, table, totals, failure: null }
}

function failedSection(id: string, title: string, failure: string): ReportSection {
  return { id, title, summary: failure, picture: null, table: null, totals: [], failure }
}

function comparedWith(frozen: FrozenReport): string | null {
  const compare = frozen.widgets.find((w) => w.result?.compare)?.result?.compare
  if (!compare) return null
  const days = periodDays(frozen.zone, new Date(compare.from), new Date(compare.to))
  return shortRangeWords(days.firstDay, days.lastDay)
}

function subjectOf(input: ReportViewInput, lead: ReportTile | undefined): string {
  const { frozen } = input
  const parts = [`${frozen.reportName}, ${shortRangeWords(frozen.firstDay, frozen.lastDay)}`]
  if (lead) parts.push(`${lead.title} ${lead.number.value}${lead.number.delta ? `, ${lead.number.delta.text}` : ''}`)
  return `${input.isTest ? '[Test] ' : ''}${parts.join(': ')}`
}

function reasonOf({ recipient, addedBy, isTest, frozen }: ReportViewInput): string {
  if (isTest) return `You get this mail because you asked for a test of the report “${frozen.reportName}”.`
  const who = addedBy ? `${addedBy} added ${recipient}` : `${recipient} was added`
  return `You get this mail because ${who} to the report “${frozen.reportName}” of ${frozen.teamName}. Ask ${addedBy ?? 'the team'} to take you off it.`
}

const ARROWS = { up: '↑', down: '↓', flat: '' } as const

/** `↓ −7.2%`: an arrow and a sign, because colour alone tells some readers nothing. */
export const deltaWords = (delta: DrawnDelta) => `${ARROWS[delta.direction]} ${delta.text}`.trim()

export function tileWords({ title, number }: ReportTile): string {
  const change = number.delta ? ` (${deltaWords(number.delta)})` : ''
  return `${title} ${number.value}${change}`
}
