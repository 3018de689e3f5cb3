import type { DashboardView, Widget } from '@trackable/api/client'
import { Card } from '@trackable/ui/card'
import type { PreparedChart } from '@trackable/ui/charts'
import { PlotSkeleton, TableSkeleton } from '@trackable/ui/charts/chart-skeleton'
import { ResponsiveChart } from '@trackable/ui/charts/responsive-chart'
import { cn } from '@trackable/ui/cn'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@trackable/ui/dropdown-menu'
import { IconButton } from '@trackable/ui/icon-button'
import { InlineError } from '@trackable/ui/inline-error'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { ChartNoAxesColumn, Copy, Ellipsis, GripVertical, Pencil, Table2, Trash2 } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { toProblem } from '../../problem'
import { useResolvedTheme } from '../../theme'
import { useWidgetData, type WidgetData } from './use-widget-data'
import { NoteLines, WidgetNotes } from './widget-notes'

export interface WidgetActions {
  edit: (widget: Widget) => void
  duplicate: (widget: Widget) => void
  remove: (widget: Widget) => void
}

export interface WidgetCardProps {
  productId: string
  zone: string
  widget: Widget
  view: DashboardView
  /** Absent for viewers, who only look. */
  actions: WidgetActions | undefined
  /** Shows the figures in place of the picture. Kept by the page: arranging makes new cards. */
  asTable: boolean
  onAsTable: (asTable: boolean) => void
  /** While the page is being arranged: shows the handle and listens to the arrow keys. */
  onArrange?: (event: KeyboardEvent<HTMLElement>) => void
}

/** One widget: its head, its chart, and what to say while there is none. */
export function WidgetCard(props: WidgetCardProps) {
  const { productId, zone, widget, view, actions, asTable, onAsTable, onArrange } = props
  const data = useWidgetData(productId, zone, widget, view)
  const isNumber = widget.type === 'number'
  return (
    <Card
      aria-label={widget.title}
      data-widget={widget.id}
      tabIndex={onArrange ? 0 : undefined}
      onKeyDown={onArrange}
      className={cn('group/widget relative flex h-full flex-col', isNumber && 'pb-3', onArrange && 'cursor-default')}
    >
      <div className={cn('flex min-h-5 items-start gap-2', isNumber ? 'mb-0' : 'mb-3')}>
        {onArrange ? (
          <span
            title="Drag to move. With the card in focus, arrow keys move and Shift with arrow keys resizes."
            className="widget-handle -ml-1.5 flex h-5 flex-none cursor-grab items-center text-muted active:cursor-grabbing"
          >
            <GripVertical aria-hidden className="size-4" />
          </span>
        ) : null}
        <h2
          className={cn(
            'min-w-0 flex-1 truncate leading-5',
            isNumber ? 'font-medium text-13 text-soft' : 'font-semibold text-14 tracking-[-0.008em]',
            onArrange && 'widget-handle cursor-grab active:cursor-grabbing',
          )}
          title={widget.title}
        >
          {widget.title}
        </h2>
        <WidgetNotes title={widget.title} data={data} />
        <WidgetMenu widget={widget} actions={actions} asTable={asTable} onAsTable={onAsTable} />
      </div>
      <div className={cn('min-h-0 flex-1', !data.prepared && 'overflow-auto')}>
        <WidgetBody widget={widget} data={data} asTable={asTable} />
      </div>
    </Card>
  )
}

function WidgetBody({ widget, data, asTable }: { widget: Widget; data: WidgetData; asTable: boolean }) {
  const theme = useResolvedTheme()
  if (data.prepared) {
    return (
      <>
        {/* The last numbers stay; that they could not be refreshed is said where they stand. */}
        {data.error ? <StaleNote data={data} /> : null}
        <div className="flex h-full min-h-0 flex-col">
          <div className="min-h-0 flex-1">
            <ResponsiveChart prepared={data.prepared} theme={theme} view={asTable ? 'table' : 'chart'} />
          </div>
          <LeftOut prepared={data.prepared} />
          {asTable ? <NoteLines data={data} className="flex-none pt-2 text-12 text-muted leading-4" /> : null}
        </div>
      </>
    )
  }
  if (data.error) {
    const problem = toProblem(data.error)
    if (problem.code === 'unknown_metric') return <NotYet metric={widget.metric} />
    if (widget.type === 'number') {
      // A tile has room for a line; the rest is in its tooltip, and in full on every larger widget.
      const more = problem.requestId ? `${problem.message} Request ${problem.requestId}` : problem.message
      return (
        <div className="pt-1" title={more}>
          <InlineError
            compact
            title="The number could not be read."
            onRetry={data.refetch}
            retrying={data.isFetching}
          />
        </div>
      )
    }
    return (
      <InlineError
        title={problem.message}
        requestId={problem.requestId}
        onRetry={data.refetch}
        retrying={data.isFetching}
      />
    )
  }
  return <WidgetSkeleton type={widget.type} title={widget.title} />
}

/** What a plot has no colours for. A table says it below its rows. */
function LeftOut({ prepared }: { prepared: PreparedChart }) {
  if (prepared.kind !== 'line' && prepared.kind !== 'bar') return null
  if (prepared.note === null) return null
  return <p className="flex-none pt-2 text-12 text-muted leading-4">{prepared.note}</p>
}

/** Nothing went wrong: the numbers simply have not begun. The live link shows them when they do. */
function NotYet({ metric }: { metric: string }) {
  return (
    <p className="pt-1 text-13 text-muted">
      No point of <code className="break-words text-12">{metric}</code> has arrived yet.
    </p>
  )
}

function StaleNote({ data }: { data: WidgetData }) {
  return (
    <div className="absolute right-4 bottom-2 z-1 rounded-control bg-card">
      <InlineError compact title="Not refreshed." onRetry={data.refetch} retrying={data.isFetching} />
    </div>
  )
}

function WidgetSkeleton({ type, title }: { type: Widget['type']; title: string }) {
  const isNumber = type === 'number'
  return (
    <SkeletonGroup label={`Loading ${title}`} className={isNumber ? 'grid content-start gap-2' : 'h-full'}>
      {isNumber ? (
        <>
          <Skeleton className="mt-1 h-7 w-32" />
          <Skeleton className="h-4 w-20" />
        </>
      ) : type === 'table' ? (
        <TableSkeleton />
      ) : (
        <PlotSkeleton />
      )}
    </SkeletonGroup>
  )
}

interface WidgetMenuProps {
  widget: Widget
  actions: WidgetActions | undefined
  asTable: boolean
  onAsTable: (asTable: boolean) => void
}

function WidgetMenu({ widget, actions, asTable, onAsTable }: WidgetMenuProps) {
  if (!actions && widget.type === 'table') return null
  return (
    <DropdownMenu>
      <DropdownMenuTrigger>
        <IconButton
          label={`Menu of ${widget.title}`}
          size={24}
          tooltip={false}
          className="-mt-0.5 -mr-1.5 opacity-0 focus-visible:opacity-100 group-focus-within/widget:opacity-100 group-hover/widget:opacity-100 aria-expanded:opacity-100 touch:opacity-100"
        >
          <Ellipsis aria-hidden />
        </IconButton>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {widget.type === 'table' ? null : (
          <DropdownMenuItem
            icon={asTable ? <ChartNoAxesColumn aria-hidden /> : <Table2 aria-hidden />}
            onSelect={() => onAsTable(!asTable)}
          >
            {asTable ? 'Show as chart' : 'Show as table'}
          </DropdownMenuItem>
        )}
        {actions ? (
          <>
            <DropdownMenuItem icon={<Pencil aria-hidden />} onSelect={() => actions.edit(widget)}>
              Edit
            </DropdownMenuItem>
            <DropdownMenuItem icon={<Copy aria-hidden />} onSelect={() => actions.duplicate(widget)}>
              Duplicate
            </DropdownMenuItem>
            <DropdownMenuSeparator />
            <DropdownMenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => actions.remove(widget)}>
              Remove
            </DropdownMenuItem>
          </>
        ) : null}
      </DropdownMenuContent>
    </DropdownMenu>
  )
}
