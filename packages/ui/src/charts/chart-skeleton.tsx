import { Skeleton } from '../skeleton'

const LINES = ['top', 'upper', 'lower', 'zero']
const ROWS = ['a', 'b', 'c', 'd', 'e']

/** Where the axis of a chart will stand: quiet enough that a page of charts does not flash grey. Like every skeleton unseen at first. */
export function PlotSkeleton() {
  return (
    <div aria-hidden className="flex h-full min-h-0 flex-col justify-between pt-1 pb-[17px]">
      {LINES.map((line) => (
        <div key={line} className="flex items-center gap-3">
          <Skeleton className="h-2 w-8 flex-none" />
          <Skeleton className="h-px flex-1 rounded-none" />
        </div>
      ))}
    </div>
  )
}

/** The rows of a table that is on its way. */
export function TableSkeleton() {
  return (
    <div aria-hidden className="grid gap-5 overflow-hidden pt-1.5">
      {ROWS.map((row) => (
        <div key={row} className="flex items-center justify-between gap-8">
          <Skeleton className="h-2.5 w-28" />
          <Skeleton className="h-2.5 w-16" />
        </div>
      ))}
    </div>
  )
}
