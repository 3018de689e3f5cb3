import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from '@trackable/ui/button'
import { Card } from '@trackable/ui/card'
import { EmptyState } from '@trackable/ui/empty-state'
import { InlineError } from '@trackable/ui/inline-error'
import { Input } from '@trackable/ui/input'
import { Kbd } from '@trackable/ui/kbd'
import { LiveBadge } from '@trackable/ui/live-badge'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { useSubscription } from '@trpc/tanstack-react-query'
import { Search } from 'lucide-react'
import { useMemo, useRef } from 'react'
import { Link, useSearchParams } from 'react-router'
import { POLL_INTERVAL_MS, useLiveState } from '../../live'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useCanEdit, useProduct } from '../shell/current'
import { Page } from '../shell/page'
import { useShortcutHelp } from '../shell/shortcut-help'
import { useHotkey } from '../shell/use-hotkey'
import { MetricDrawer } from './metric-drawer'
import { MetricsEmpty } from './metrics-empty'
import { MetricsTable } from './metrics-table'

const HELP = { title: 'Metrics', shortcuts: [{ keys: ['/'], label: 'Find a metric' }] }

/** The catalogue: every metric that ever arrived, how fresh it is and what it carries. The address holds search and drawer. */
export default function MetricsPage() {
  const product = useProduct()
  const canEdit = useCanEdit()
  const live = useLiveState()
  const metrics = useMetrics(product.id)
  const series = metrics.data?.reduce((sum, metric) => sum + metric.seriesCount, 0) ?? 0
  const count = metrics.data?.length ?? 0
  useShortcutHelp(HELP)
  return (
    <Page
      title="Metrics"
      badge={<LiveBadge state={live} intervalMs={POLL_INTERVAL_MS} />}
      context={
        count > 0
          ? `${product.name}, ${plural(count, 'metric')} with ${plural(series, 'series', 'series')}. A metric appears here with its first point.`
          : product.name
      }
      actions={
        canEdit && count > 0 ? (
          <Button asChild>
            <Link to={paths.keys(product.id)}>API keys</Link>
          </Button>
        ) : null
      }
    >
      <Catalogue metrics={metrics} />
    </Page>
  )
}

function Catalogue({ metrics }: { metrics: ReturnType<typeof useMetrics> }) {
  const [search, setSearch] = useSearchParams()
  const input = useRef<HTMLInputElement>(null)
  useHotkey('/', () => input.current?.focus())
  const text = search.get('find') ?? ''
  const opened = search.get('metric')
  const found = useMemo(() => {
    const wanted = text.trim().toLowerCase()
    return (metrics.data ?? []).filter(
      (m) => m.name.toLowerCase().includes(wanted) || (m.description ?? '').toLowerCase().includes(wanted),
    )
  }, [metrics.data, text])
  const set = (key: string, value: string | null, replace: boolean) =>
    setSearch(
      (params) => {
        if (value) params.set(key, value)
        else params.delete(key)
        return params
      },
      { replace },
    )

  if (!metrics.data) {
    if (!metrics.error) return <CatalogueLoading />
    const { message, requestId } = toProblem(metrics.error)
    return (
      <Card>
        <InlineError
          title={`The catalogue could not be read. ${message}`}
          requestId={requestId}
          onRetry={() => void metrics.refetch()}
          retrying={metrics.isFetching}
        />
      </Card>
    )
  }
  if (metrics.data.length === 0) return <MetricsEmpty />
  return (
    <>
      <search className="mb-4 block max-w-70">
        <Input
          ref={input}
          size={32}
          type="search"
          aria-label="Find a metric"
          placeholder="Find a metric"
          before={<Search aria-hidden />}
          after={text === '' ? <Kbd className="touch:hidden">/</Kbd> : undefined}
          value={text}
          onChange={(event) => set('find', event.target.value, true)}
        />
      </search>
      {found.length === 0 ? (
        <EmptyState title="Nothing matches" action={<Button onClick={() => set('find', null, true)}>Show all</Button>}>
          No metric has “{text}” in its name or description.
        </EmptyState>
      ) : (
        <Card flush>
          <MetricsTable metrics={found} onOpen={(name) => set('metric', name, false)} />
        </Card>
      )}
      <MetricDrawer
        metric={metrics.data.find((metric) => metric.name === opened)}
        onClose={() => set('metric', null, false)}
      />
    </>
  )
}

/** The catalogue, read again when points arrive. */
function useMetrics(productId: string) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  useSubscription(
    trpc.metric.onStored.subscriptionOptions(
      { productId },
      { onData: () => void queryClient.invalidateQueries(trpc.metric.list.queryFilter({ productId })) },
    ),
  )
  return useQuery(trpc.metric.list.queryOptions({ productId }))
}

function CatalogueLoading() {
  return (
    <SkeletonGroup label="Loading metrics" className="grid gap-2">
      <Skeleton className="mb-2 h-8 w-70 max-w-full rounded-control" />
      {[1, 2, 3, 4, 5].map((n) => (
        <Skeleton key={n} className="h-12 rounded-control" />
      ))}
    </SkeletonGroup>
  )
}

function plural(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString()} ${n === 1 ? one : many}`
}
