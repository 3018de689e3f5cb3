import { useQuery } from '@tanstack/react-query'
import type { Report, ReportRun } from '@trackable/api/client'
import { Badge } from '@trackable/ui/badge'
import { Card, CardHead } from '@trackable/ui/card'
import { cn } from '@trackable/ui/cn'
import { InlineError } from '@trackable/ui/inline-error'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { Spinner } from '@trackable/ui/spinner'
import { Table, TableBody, TableHead, TableRow, Td, Th } from '@trackable/ui/table'
import { Check, ChevronRight, CircleAlert, Inbox, TriangleAlert, X } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import { toProblem } from '../../problem'
import { formatClock, formatDateTime } from '../../time'
import { useTRPC } from '../../trpc'
import { deliveryWords, isKeptRun, isUnderWay, runWords, type Tone, TRIGGERS } from './run-words'
import { formatPeriod } from './schedule-words'

const WATCH_MS = 1_000

/** The latest runs of a report and what became of every mail. */
export function DeliveryLog({ report }: { report: Report }) {
  const trpc = useTRPC()
  const runs = useQuery(
    trpc.report.runs.queryOptions(
      { reportId: report.id },
      {
        refetchInterval: ({ state }) => (isUnderWay(report.lastRun) || state.data?.some(isUnderWay) ? WATCH_MS : false),
      },
    ),
  )
  return (
    <Card flush aria-label="Delivery log">
      <CardHead pad title="Delivery log" sub={runs.data?.length ? describeCount(runs.data.length) : undefined} />
      {runs.data ? (
        <Runs key={report.id} runs={runs.data} zone={report.schedule.zone} />
      ) : runs.error ? (
        <div className="border-line border-t p-4">
          <InlineError
            title={toProblem(runs.error).message}
            requestId={toProblem(runs.error).requestId}
            onRetry={() => void runs.refetch()}
            retrying={runs.isFetching}
          />
        </div>
      ) : (
        <SkeletonGroup label="Loading the delivery log" className="grid gap-2 border-line border-t p-4">
          <Skeleton className="h-5 w-full" />
          <Skeleton className="h-5 w-full" />
        </SkeletonGroup>
      )}
    </Card>
  )
}

const describeCount = (count: number) => (count === 1 ? 'One run' : `The latest ${count} runs`)

function Runs({ runs, zone }: { runs: readonly ReportRun[]; zone: string }) {
  if (runs.length === 0) {
    return (
      <p className="border-line border-t px-4 py-5 text-13 text-muted">
        Nothing has been sent yet. Every run will stand here with the answer of the mail server for each recipient.
      </p>
    )
  }
  return (
    <ol>
      {runs.map((run, index) => (
        <Run key={run.id} run={run} zone={zone} isNewest={index === 0} />
      ))}
    </ol>
  )
}

function Run({ run, zone, isNewest }: { run: ReportRun; zone: string; isNewest: boolean }) {
  const [choice, setChoice] = useState<boolean | null>(null)
  const isOpen = choice ?? isNewest
  const id = useId()
  const { tone, text } = runWords(run.status, isKeptRun(run.deliveries))
  return (
    <li className="border-line border-t">
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setChoice(!isOpen)}
        className="flex min-h-11 w-full flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-left -outline-offset-2 transition-colors hover:bg-hover"
      >
        <ChevronRight
          aria-hidden
          className={cn('size-3.5 flex-none text-muted transition-transform', isOpen && 'rotate-90')}
        />
        <span className="font-medium text-13 tabular-nums">{formatDateTime(run.createdAt)}</span>
        <span className="text-12 text-muted tabular-nums">
          covers {formatPeriod(run, zone)}, {TRIGGERS[run.trigger]}
        </span>
        <span className="ml-auto">
          <ToneBadge tone={tone}>{text}</ToneBadge>
        </span>
      </button>
      {isOpen ? (
        <div id={id}>
          <Explanation run={run} />
          <Deliveries run={run} />
        </div>
      ) : null}
    </li>
  )
}

/** Why a run is not simply sent, and as of when its numbers are. */
function Explanation({ run }: { run: ReportRun }) {
  const isBad = run.status === 'failed'
  if (run.error) {
    return (
      <p
        className={cn(
          'mx-4 mb-2 flex items-start gap-2 rounded-control px-3 py-2 text-13',
          isBad ? 'bg-bad-tint text-bad' : 'bg-warn-tint text-warn',
        )}
      >
        {isBad ? (
          <CircleAlert aria-hidden className="mt-0.5 size-3.5 flex-none" />
        ) : (
          <TriangleAlert aria-hidden className="mt-0.5 size-3.5 flex-none" />
        )}
        <span>{run.error}</span>
      </p>
    )
  }
  if (isUnderWay(run) && run.deliveries.every(({ attempts }) => attempts === 0)) {
    return <p className="px-4 pb-2 text-12 text-muted">The numbers are read and the charts are drawn.</p>
  }
  return run.asOf ? (
    <p className="px-4 pb-2 text-12 text-muted tabular-nums">Numbers as of {formatDateTime(run.asOf)}</p>
  ) : null
}

function Deliveries({ run }: { run: ReportRun }) {
  if (run.deliveries.length === 0) return null
  return (
    <div className="border-line border-t">
      <Table density="dense" inset label={`Deliveries of the run of ${formatDateTime(run.createdAt)}`}>
        <TableHead>
          <tr>
            <Th>When</Th>
            <Th>Recipient</Th>
            <Th>Result</Th>
            <Th numeric>Tries</Th>
            <Th>Answer of the mail server</Th>
          </tr>
        </TableHead>
        <TableBody>
          {run.deliveries.map((delivery) => {
            const { tone, text } = deliveryWords(delivery)
            const at = delivery.sentAt ?? delivery.lastAttemptAt
            return (
              <TableRow key={delivery.id}>
                <Td className="text-muted tabular-nums" title={at ? formatDateTime(at) : undefined}>
                  {at ? formatClock(at) : 'not yet'}
                </Td>
                <Td>{delivery.recipient}</Td>
                <Td>
                  <ToneBadge tone={tone}>{text}</ToneBadge>
                </Td>
                <Td numeric>{delivery.attempts}</Td>
                <Td className="w-full min-w-56 whitespace-normal py-1.5 text-muted leading-4">
                  {delivery.answer ? <code className="break-words text-12">{delivery.answer}</code> : null}
                </Td>
              </TableRow>
            )
          })}
        </TableBody>
      </Table>
    </div>
  )
}

const BADGE_ICONS: Partial<Record<Tone, ReactNode>> = {
  good: <Check aria-hidden />,
  warn: <TriangleAlert aria-hidden />,
  bad: <X aria-hidden />,
  accent: <Spinner className="size-3" />,
}

function ToneBadge({ tone, children }: { tone: Tone; children: string }) {
  return (
    <Badge tone={tone} icon={children === 'Kept in outbox' ? <Inbox aria-hidden /> : BADGE_ICONS[tone]}>
      {children}
    </Badge>
  )
}
