import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { PlannedRun, ReportSchedule } from '@trackable/api/client'
import { Badge } from '@trackable/ui/badge'
import { cn } from '@trackable/ui/cn'
import { InlineError } from '@trackable/ui/inline-error'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { useEffect, useState } from 'react'
import { toProblem } from '../../problem'
import { useNow } from '../../time'
import { useTRPC } from '../../trpc'
import { cityOf, formatPeriod, formatRunDay, formatUntil, namePeriod, PERIOD_BEFORE, timeOf } from './schedule-words'

/** Long enough that stepping through hours asks once, short enough to feel immediate. */
const DEBOUNCE_MS = 200

/** What the schedule in the form will do, asked of the server that will do it. */
export function usePlan(productId: string, schedule: ReportSchedule) {
  const trpc = useTRPC()
  const settled = useDebounced(schedule, DEBOUNCE_MS)
  const plan = useQuery(
    trpc.report.plan.queryOptions({ productId, schedule: settled }, { placeholderData: keepPreviousData }),
  )
  // The days belong to the schedule that they were asked for, not to the one that is being typed.
  return { plan, schedule: settled, isBehind: settled !== schedule || plan.isPlaceholderData }
}

export function PlannedRuns({ plan, schedule, isBehind }: ReturnType<typeof usePlan>) {
  const now = useNow(30_000)
  return (
    <section
      aria-label="Next runs"
      className="rounded-[10px] bg-sunken px-4 py-3 max-desk:self-start"
      aria-live="polite"
      aria-busy={isBehind}
    >
      <div className={cn(ROW, 'border-line border-b pb-1.5 text-12 text-muted')}>
        <span>
          Next runs, {timeOf(schedule)} in {cityOf(schedule.zone)}
        </span>
        <span>Covers</span>
      </div>
      {plan.data ? (
        <ol aria-busy={isBehind} className={cn('transition-opacity', isBehind && 'opacity-60')}>
          {plan.data.map((run, index) => (
            <Run key={run.runAt.getTime()} run={run} schedule={schedule} now={now} isFirst={index === 0} />
          ))}
        </ol>
      ) : plan.error ? (
        <InlineError
          className="py-3"
          title={toProblem(plan.error).message}
          requestId={toProblem(plan.error).requestId}
          onRetry={() => void plan.refetch()}
          retrying={plan.isFetching}
        />
      ) : (
        <SkeletonGroup label="Loading the next runs" className="grid">
          {['a', 'b', 'c'].map((key) => (
            <div key={key} className="flex h-[42px] items-center border-line border-b">
              <Skeleton className="h-4 w-full" />
            </div>
          ))}
        </SkeletonGroup>
      )}
      <p className="mt-2.5 text-12 text-muted leading-[18px]">
        Each run compares with {PERIOD_BEFORE[schedule.frequency]}. Days are cut in {schedule.zone.replaceAll('_', ' ')}
        .
      </p>
    </section>
  )
}

const ROW = 'grid grid-cols-[minmax(0,1fr)_minmax(0,156px)] gap-2'

interface RunProps {
  run: PlannedRun
  schedule: ReportSchedule
  now: number
  isFirst: boolean
}

function Run({ run, schedule, now, isFirst }: RunProps) {
  const name = namePeriod(schedule, run)
  return (
    <li className={cn(ROW, 'min-h-[42px] items-center border-line border-b py-1 text-13 tabular-nums')}>
      <span className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
        <b className="font-medium">{formatRunDay(run.runAt, schedule.zone, now)}</b>
        {isFirst ? <Badge className="bg-card">{formatUntil(run.runAt, now)}</Badge> : null}
      </span>
      <span className="flex flex-wrap items-baseline justify-between gap-x-2">
        <b className="whitespace-nowrap font-medium">{formatPeriod(run, schedule.zone)}</b>
        {name ? <span className="text-12 text-muted">{name}</span> : null}
      </span>
    </li>
  )
}

function useDebounced<T>(value: T, delayMs: number): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs)
    return () => clearTimeout(timer)
  }, [value, delayMs])
  return settled
}
