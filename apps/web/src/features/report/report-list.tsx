import type { Report } from '@trackable/api/client'
import { Card } from '@trackable/ui/card'
import { cn } from '@trackable/ui/cn'
import { Check, CirclePause, CircleX, Clock, LoaderCircle, Mail, PencilLine, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { paths } from '../../paths'
import { formatDateTime, useNow } from '../../time'
import { useReportDrafts } from './report-drafts'
import { runWords, type Tone } from './run-words'
import { cityOf, describeSchedule, formatRunAt } from './schedule-words'

export interface ReportListProps {
  reports: readonly Report[]
  selectedId: string | undefined
  /** Zone of the product: another one is worth naming. */
  zone: string
  /** Nothing leaves this server: what it calls sent lies in the outbox. */
  isOutbox: boolean
}

/** Every report with its rhythm, its next run and what became of the last one. */
export function ReportList({ reports, selectedId, zone, isOutbox }: ReportListProps) {
  const drafts = useReportDrafts()
  return (
    <Card flush aria-label="All reports">
      <ul>
        {reports.map((report) => (
          <li key={report.id} className="border-line border-b last:border-0">
            <ReportRow
              report={report}
              isSelected={report.id === selectedId}
              zone={zone}
              isOutbox={isOutbox}
              isUnsaved={drafts.has(report.id)}
            />
          </li>
        ))}
      </ul>
    </Card>
  )
}

interface ReportRowProps {
  report: Report
  isSelected: boolean
  zone: string
  isOutbox: boolean
  isUnsaved: boolean
}

function ReportRow({ report, isSelected, zone, isOutbox, isUnsaved }: ReportRowProps) {
  const { schedule } = report
  const isElsewhere = schedule.zone !== zone
  return (
    <Link
      to={paths.report(report.productId, report.id)}
      aria-current={isSelected ? 'true' : undefined}
      className={cn(
        'grid gap-1.5 px-4 py-3 -outline-offset-2 transition-colors hover:bg-hover',
        isSelected && 'phone:bg-accent-tint phone:shadow-[inset_3px_0_0_var(--accent)]',
      )}
    >
      <span className="flex items-baseline justify-between gap-3">
        <span className="truncate font-medium">{report.name}</span>
        <span className="flex-none text-12 text-muted tabular-nums">
          {describeSchedule(schedule)}
          {isElsewhere ? ` ${cityOf(schedule.zone)}` : ''}
        </span>
      </span>
      <span className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 text-12 tabular-nums">
        <NextRun report={report} />
        {isUnsaved ? (
          <span className={cn(FACT, 'text-warn')}>
            <PencilLine aria-hidden />
            Unsaved changes
          </span>
        ) : (
          <LastResult report={report} isOutbox={isOutbox} />
        )}
      </span>
    </Link>
  )
}

function NextRun({ report }: { report: Report }) {
  const now = useNow(60_000)
  const isPaused = report.isPaused || !report.nextRunAt
  return (
    <span className={cn(FACT, 'text-soft')}>
      {isPaused ? <CirclePause aria-hidden /> : <Clock aria-hidden />}
      {report.nextRunAt && !report.isPaused ? formatRunAt(report.nextRunAt, report.schedule.zone, now) : 'Paused'}
    </span>
  )
}

const FACT = 'inline-flex items-center gap-[5px] [&>.lucide]:size-[13px]'

const ICONS: Record<Tone, ReactNode> = {
  neutral: <Mail aria-hidden />,
  good: <Check aria-hidden />,
  warn: <TriangleAlert aria-hidden />,
  bad: <CircleX aria-hidden />,
  accent: <LoaderCircle aria-hidden className="animate-turn" />,
}
const INK: Record<Tone, string> = {
  neutral: 'text-muted',
  good: 'text-good',
  warn: 'text-warn',
  bad: 'text-bad',
  accent: 'text-accent-text',
}

function LastResult({ report: { lastRun }, isOutbox }: { report: Report; isOutbox: boolean }) {
  if (!lastRun) return <span className={cn(FACT, 'text-muted')}>Nothing sent yet</span>
  const { tone, text } = runWords(lastRun.status, isOutbox)
  return (
    <span
      className={cn(FACT, INK[tone])}
      title={`${formatDateTime(lastRun.createdAt)}${lastRun.error ? `: ${lastRun.error}` : ''}`}
    >
      {ICONS[tone]}
      {text}
    </span>
  )
}
