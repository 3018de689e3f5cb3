import { useQuery } from '@tanstack/react-query'
import type { DashboardView, Metric, Widget } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Card } from '@trackable/ui/card'
import { ResponsiveChart } from '@trackable/ui/charts/responsive-chart'
import { CodeBlock } from '@trackable/ui/code-block'
import { EmptyState } from '@trackable/ui/empty-state'
import { InlineError } from '@trackable/ui/inline-error'
import { Sheet, SheetBody, SheetContent, SheetFoot } from '@trackable/ui/sheet'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { type FormEvent, useState } from 'react'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { useResolvedTheme } from '../../theme'
import { useTRPC } from '../../trpc'
import { newWidgetId } from './layout'
import { useWidgetData } from './use-widget-data'
import { titleFor, WidgetForm } from './widget-form'

export interface WidgetEditorProps {
  productId: string
  zone: string
  view: DashboardView
  /** The widget to change; null for a new one. */
  widget: Widget | null
  onClose: () => void
  onSave: (widget: Widget) => void
}

/** Adds or changes a widget: a live preview above its settings. */
export default function WidgetEditor({ widget, onClose, ...rest }: WidgetEditorProps) {
  return (
    <Sheet open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <SheetContent title={widget ? 'Edit widget' : 'New widget'} width={440} onOpenAutoFocus={focusMetric}>
        <EditorBody {...rest} widget={widget} onClose={onClose} />
      </SheetContent>
    </Sheet>
  )
}

/** The metric is what one begins with. While the metrics are still read, the panel itself keeps the focus. */
function focusMetric(event: Event): void {
  if (!(event.target instanceof HTMLElement)) return
  const metric = event.target.querySelector<HTMLElement>('[role="combobox"]') ?? event.target
  event.preventDefault()
  metric.focus()
}

function EditorBody({ productId, zone, view, widget, onClose, onSave }: WidgetEditorProps) {
  const trpc = useTRPC()
  const metrics = useQuery(trpc.metric.list.queryOptions({ productId }))
  if (metrics.error && !metrics.data) {
    const problem = toProblem(metrics.error)
    return (
      <SheetBody>
        <InlineError
          title="The metrics could not be read."
          detail={problem.message}
          requestId={problem.requestId}
          onRetry={() => void metrics.refetch()}
          retrying={metrics.isFetching}
        />
      </SheetBody>
    )
  }
  if (!metrics.data) {
    return (
      <SheetBody>
        <SkeletonGroup label="Loading metrics" className="grid gap-4">
          <Skeleton className="h-50 w-full" />
          <Skeleton className="h-9 w-full" />
          <Skeleton className="h-9 w-full" />
        </SkeletonGroup>
      </SheetBody>
    )
  }
  const first = metrics.data[0]
  if (!first && !widget) return <NoMetrics />
  const start = widget ?? emptyWidget(first)
  return (
    <Editing {...{ productId, zone, view, onClose, onSave }} isNew={!widget} start={start} metrics={metrics.data} />
  )
}

interface EditingProps extends Omit<WidgetEditorProps, 'widget'> {
  isNew: boolean
  start: Widget
  metrics: Metric[]
}

function Editing({ productId, zone, view, isNew, start, metrics, onClose, onSave }: EditingProps) {
  const [draft, setDraft] = useState(start)
  const [wasSubmitted, setWasSubmitted] = useState(false)
  const titleError = draft.title.trim() === '' ? 'Enter a title.' : undefined
  const currencyMissing = draft.format.unit === 'currency' && draft.format.currency?.length !== 3
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setWasSubmitted(true)
    if (titleError || currencyMissing || draft.metric === '') return
    onSave({ ...draft, title: draft.title.trim() })
  }
  return (
    <form className="flex min-h-0 flex-1 flex-col" onSubmit={submit}>
      <SheetBody className="grid content-start gap-5">
        <Preview productId={productId} zone={zone} widget={draft} view={view} />
        <WidgetForm
          productId={productId}
          widget={draft}
          metrics={metrics}
          titleError={wasSubmitted ? titleError : undefined}
          onChange={setDraft}
        />
      </SheetBody>
      <SheetFoot>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={currencyMissing}>
          {isNew ? 'Add widget' : 'Save widget'}
        </Button>
      </SheetFoot>
    </form>
  )
}

function Preview({
  productId,
  zone,
  widget,
  view,
}: {
  productId: string
  zone: string
  widget: Widget
  view: DashboardView
}) {
  const data = useWidgetData(productId, zone, widget, view)
  const theme = useResolvedTheme()
  return (
    <Card aria-label="Preview" className={widget.type === 'number' ? 'h-29' : 'h-60'}>
      {data.prepared ? (
        <ResponsiveChart prepared={data.prepared} theme={theme} />
      ) : data.error ? (
        <InlineError title={toProblem(data.error).message} onRetry={data.refetch} retrying={data.isFetching} />
      ) : (
        <SkeletonGroup label="Loading the preview" className="h-full">
          <Skeleton className="h-full w-full" />
        </SkeletonGroup>
      )}
    </Card>
  )
}

function NoMetrics() {
  const code = `curl ${location.origin}${paths.ingest()} \\\n  -H "Authorization: Bearer $TRACKABLE_KEY" \\\n  -H "Content-Type: application/json" \\\n  -d '{"metric":"signups","value":1}'`
  return (
    <SheetBody>
      <EmptyState
        title="No metrics yet"
        layout="center"
        example={<CodeBlock samples={[{ id: 'curl', label: 'curl', code, lang: 'shell' }]} />}
      >
        A widget shows a metric, and a metric appears with its first point. Push one, then come back.
      </EmptyState>
    </SheetBody>
  )
}

function emptyWidget(metric: Metric | undefined): Widget {
  return {
    type: 'line',
    id: newWidgetId(),
    title: titleFor(metric?.name ?? ''),
    // The page finds the place when the widget is added.
    layout: { x: 0, y: 0, w: 8, h: 7 },
    metric: metric?.name ?? '',
    aggregation: metric?.defaultAggregation ?? 'sum',
    filters: [],
    format: { unit: 'none', lowerIsBetter: false },
    groupBy: null,
  }
}
