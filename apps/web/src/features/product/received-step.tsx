import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Metric } from '@trackable/api/client'
import { Badge } from '@trackable/ui/badge'
import { Button } from '@trackable/ui/button'
import { Card, CardHead } from '@trackable/ui/card'
import { LiveBadge } from '@trackable/ui/live-badge'
import { Check } from 'lucide-react'
import { Link, useNavigate } from 'react-router'
import { FormProblem } from '../../form-problem'
import { POLL_INTERVAL_MS, useLiveState } from '../../live'
import { paths } from '../../paths'
import { Age, formatClock, useNow } from '../../time'
import { useTRPC } from '../../trpc'
import { useProduct } from '../shell/current'

/** Step three: what arrived, and a dashboard made of it. */
export function ReceivedStep({ metrics }: { metrics: Metric[] }) {
  const first = metrics.reduce<Date | null>((min, m) => (min && min < m.firstSeenAt ? min : m.firstSeenAt), null)
  return (
    <main
      id="main"
      className="mx-auto grid max-w-296 grid-cols-[minmax(0,1fr)_minmax(0,30rem)] items-start gap-6 px-gutter pt-10 pb-8 max-laptop:grid-cols-1"
    >
      <div className="grid min-w-0 gap-4">
        <div className="flex items-center gap-4" role="status">
          <span className="grid size-11 flex-none place-items-center rounded-full bg-good-tint text-good">
            <Check aria-hidden className="size-5 stroke-[2.4]" />
          </span>
          <div>
            <h1 className="font-semibold text-28 leading-9 tracking-[-0.022em]">First point received</h1>
            {first ? <p className="text-muted tabular-nums">Seen at {formatClock(first)}.</p> : null}
          </div>
        </div>
        <ArrivedCard metrics={metrics} />
      </div>
      <ProposalCard metrics={metrics} />
    </main>
  )
}

function ArrivedCard({ metrics }: { metrics: Metric[] }) {
  const live = useLiveState()
  const now = useNow(1_000)
  const series = metrics.reduce((sum, metric) => sum + metric.seriesCount, 0)
  return (
    <Card aria-label="What arrived">
      <CardHead title="What arrived" badge={<LiveBadge state={live} intervalMs={POLL_INTERVAL_MS} />}>
        <span className="text-12 text-muted tabular-nums">
          {count(metrics.length, 'metric')}, {count(series, 'series', 'series')}
        </span>
      </CardHead>
      <ul>
        {metrics.map((metric) => (
          <li key={metric.name} className="flex h-10 items-center gap-3 border-line border-b last:border-0">
            <code className="min-w-0 flex-1 truncate text-13">{metric.name}</code>
            <Badge>{metric.defaultAggregation}</Badge>
            <span className="w-20 text-right text-12 text-muted tabular-nums">
              {metric.lastPointAt ? <Age at={metric.lastPointAt} now={now} /> : 'no point'}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

/** A dashboard proposed from the metrics; the server picks numbers and charts that suit them. */
function ProposalCard({ metrics }: { metrics: Metric[] }) {
  const trpc = useTRPC()
  const { id: productId, name } = useProduct()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const open = async (dashboardId: string) => {
    await queryClient.invalidateQueries(trpc.dashboard.list.queryFilter({ productId }))
    navigate(paths.dashboard(productId, dashboardId))
  }
  const propose = useMutation(
    trpc.dashboard.propose.mutationOptions({
      onSuccess(dashboard) {
        queryClient.setQueryData(trpc.dashboard.get.queryKey({ dashboardId: dashboard.id }), dashboard)
        return open(dashboard.id)
      },
    }),
  )
  const create = useMutation(trpc.dashboard.create.mutationOptions({ onSuccess: ({ id }) => open(id) }))
  return (
    <Card aria-label="A dashboard from what arrived" className="p-5">
      <h2 className="font-semibold text-16 leading-6 tracking-[-0.011em]">A dashboard from what arrived</h2>
      <p className="mt-1 text-13 text-muted">
        Trackable lays out numbers and charts for {metrics.length === 1 ? 'this metric' : 'these metrics'}. You can
        change every one of them afterwards.
      </p>
      <ul className="my-4 grid gap-2">
        {metrics.slice(0, PREVIEW_MAX).map((metric) => (
          <li key={metric.name} className="flex items-center gap-3 rounded-control border border-line px-3 py-2">
            <Check aria-hidden className="size-4 flex-none text-good" />
            <code className="min-w-0 flex-1 truncate text-13">{metric.name}</code>
            <span className="text-12 text-muted">number and chart</span>
          </li>
        ))}
        {metrics.length > PREVIEW_MAX ? (
          <li className="text-12 text-muted">and {count(metrics.length - PREVIEW_MAX, 'more metric')}</li>
        ) : null}
      </ul>
      <FormProblem error={propose.error ?? create.error} />
      <div className="mt-3 flex flex-wrap items-center justify-end gap-2">
        <Button asChild variant="ghost" size={36}>
          <Link to={paths.metrics(productId)}>See the metrics</Link>
        </Button>
        <Button
          size={36}
          busy={create.isPending}
          onClick={() => create.mutate({ productId, name: `${name} overview`.slice(0, 80) })}
        >
          Start empty
        </Button>
        <Button variant="primary" size={36} busy={propose.isPending} onClick={() => propose.mutate({ productId })}>
          Create dashboard
        </Button>
      </div>
    </Card>
  )
}

const PREVIEW_MAX = 6

function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString()} ${n === 1 ? one : many}`
}
