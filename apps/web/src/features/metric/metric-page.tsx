import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { MetricDetail } from '@trackable/api/client'
import { Badge } from '@trackable/ui/badge'
import { Button } from '@trackable/ui/button'
import { Card } from '@trackable/ui/card'
import { PlotSkeleton } from '@trackable/ui/charts/chart-skeleton'
import { CopyButton } from '@trackable/ui/copy-button'
import { EmptyState } from '@trackable/ui/empty-state'
import { InlineError } from '@trackable/ui/inline-error'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { useSubscription } from '@trpc/tanstack-react-query'
import { ArrowLeft, EyeOff, Pencil } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useCanEdit, useProduct } from '../shell/current'
import { Page } from '../shell/page'
import { useShortcutHelp } from '../shell/shortcut-help'
import { useHotkey } from '../shell/use-hotkey'
import { MetricActions } from './metric-actions'
import { MetricChart, MetricChartFilters } from './metric-chart'
import { MetricFacts } from './metric-facts'
import { MetricForm } from './metric-form'
import { MetricTags } from './metric-tags'
import { MetricUses } from './metric-uses'

const HELP = { title: 'Metric', shortcuts: [{ keys: ['E'], label: 'Edit what is known of it' }] }

/** One metric: its numbers, what it is, what its points carry, and who shows it. */
export default function MetricPage() {
  const { metric = '' } = useParams()
  const { id: productId } = useProduct()
  const navigate = useNavigate()
  const detail = useMetric(productId, metric)
  const name = detail.data?.name
  // A former name leads to the present one, and the address says so.
  useEffect(() => {
    if (name !== undefined && name !== metric) navigate(paths.metric(productId, name), { replace: true })
  }, [name, metric, navigate, productId])
  if (detail.data) return <Found key={detail.data.name} detail={detail.data} />
  const problem = detail.error ? toProblem(detail.error) : null
  return (
    <Page title={metric} context={<Back />}>
      {problem === null ? (
        <MetricLoading />
      ) : problem.code === 'unknown_metric' ? (
        <EmptyState
          title="There is no such metric"
          action={
            <Button asChild>
              <Link to={paths.metrics(productId)}>All metrics</Link>
            </Button>
          }
        >
          {problem.message} It may have been renamed, merged or deleted.
        </EmptyState>
      ) : (
        <Card>
          <InlineError
            title={`The metric could not be read. ${problem.message}`}
            requestId={problem.requestId}
            onRetry={() => void detail.refetch()}
            retrying={detail.isFetching}
          />
        </Card>
      )}
    </Page>
  )
}

function Found({ detail }: { detail: MetricDetail }) {
  const canEdit = useCanEdit()
  const [isEditing, setEditing] = useState(false)
  useShortcutHelp(HELP)
  useHotkey('e', () => setEditing(true), canEdit)
  return (
    <Page
      title={detail.displayName ?? detail.name}
      badge={
        <>
          {detail.kind ? <Badge>{detail.kind}</Badge> : null}
          {detail.isHidden ? <Badge icon={<EyeOff aria-hidden />}>hidden</Badge> : null}
        </>
      }
      context={
        <span className="flex flex-wrap items-center gap-x-2">
          <Back />
          <span aria-hidden className="text-muted">
            /
          </span>
          <span className="inline-flex min-w-0 items-center gap-0.5">
            <code className="truncate text-muted">{detail.name}</code>
            <CopyButton text={detail.name} label="Copy the name" iconOnly size={28} variant="ghost" />
          </span>
        </span>
      }
      actions={
        canEdit ? (
          <>
            <Button icon={<Pencil aria-hidden />} onClick={() => setEditing(true)}>
              Edit
            </Button>
            <MetricActions detail={detail} />
          </>
        ) : null
      }
    >
      {detail.description ? (
        <p className="mb-4 max-w-[80ch] whitespace-pre-line text-soft">{detail.description}</p>
      ) : null}
      <MetricChartFilters detail={detail} />
      <div className="grid grid-cols-[minmax(0,1fr)_22rem] items-start gap-4 max-laptop:grid-cols-[minmax(0,1fr)]">
        <div className="grid min-w-0 gap-4">
          <MetricChart detail={detail} />
          <MetricTags detail={detail} />
        </div>
        <div className="grid min-w-0 gap-4">
          <MetricFacts detail={detail} />
          <MetricUses detail={detail} />
        </div>
      </div>
      {isEditing ? <MetricForm detail={detail} onClose={() => setEditing(false)} /> : null}
    </Page>
  )
}

function Back() {
  const { id } = useProduct()
  return (
    <Link to={paths.metrics(id)} className="inline-flex items-center gap-1 text-muted hover:text-ink hover:underline">
      <ArrowLeft aria-hidden className="size-3.5" />
      Metrics
    </Link>
  )
}

/** Ages and counts follow what is stored; the chart asks for itself. */
const REFRESH_MS = 2_000

/** The metric of the address, read again when points of it arrive. */
function useMetric(productId: string, metric: string) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [isDue, setDue] = useState(false)
  useEffect(() => {
    if (!isDue) return
    const timer = setTimeout(() => {
      setDue(false)
      void queryClient.invalidateQueries(trpc.metric.get.queryFilter({ productId, metric }))
    }, REFRESH_MS)
    return () => clearTimeout(timer)
  }, [isDue, metric, productId, queryClient, trpc])
  const detail = useQuery(trpc.metric.get.queryOptions({ productId, metric }))
  const { data } = detail
  useSubscription(
    trpc.metric.onStored.subscriptionOptions(
      { productId },
      {
        onData: ({ data: stored }) => {
          const names = [metric, data?.name, ...(data?.formerNames ?? []), '*']
          if (!stored.metrics.some((one) => names.includes(one))) return
          setDue(true)
          void queryClient.invalidateQueries({
            ...trpc.metric.query.pathFilter(),
            predicate: ({ queryKey }) =>
              (queryKey[1] as { input?: { spec?: { metric?: string } } } | undefined)?.input?.spec?.metric ===
              data?.name,
          })
        },
      },
    ),
  )
  return detail
}

function MetricLoading() {
  return (
    <SkeletonGroup
      label="Loading the metric"
      className="grid grid-cols-[minmax(0,1fr)_22rem] items-start gap-4 max-laptop:grid-cols-1"
    >
      <Card className="h-110">
        <PlotSkeleton />
      </Card>
      <Card className="grid gap-4">
        {[1, 2, 3, 4, 5, 6].map((n) => (
          <Skeleton key={n} className="h-5" />
        ))}
      </Card>
    </SkeletonGroup>
  )
}
