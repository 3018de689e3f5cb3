import { keepPreviousData, useQuery } from '@tanstack/react-query'
import {
  AGGREGATION_LABELS,
  type Aggregation,
  type DashboardView,
  guessFormat,
  type MetricDetail,
  offeredAggregations,
  type QueryResult,
} from '@trackable/api/client'
import { Card } from '@trackable/ui/card'
import { formatFull, formatShort, prepareChart } from '@trackable/ui/charts'
import { PlotSkeleton } from '@trackable/ui/charts/chart-skeleton'
import { ResponsiveChart } from '@trackable/ui/charts/responsive-chart'
import { InlineError } from '@trackable/ui/inline-error'
import { SegmentedControl } from '@trackable/ui/segmented-control'
import { Select } from '@trackable/ui/select'
import { SkeletonGroup } from '@trackable/ui/skeleton'
import { ChartColumn, ChartLine, Table2 } from 'lucide-react'
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { toProblem } from '../../problem'
import { useResolvedTheme } from '../../theme'
import { useTRPC } from '../../trpc'
import { DashboardFilters } from '../dashboard/dashboard-filters'
import { dayOf, readView, writeView } from '../dashboard/view-state'
import { useProduct } from '../shell/current'

const START: DashboardView = { range: { preset: '30d' }, granularity: 'auto', compare: false }
const SERIES_SHOWN = 8

type Shape = 'line' | 'bar' | 'table'

/** Which days, cut how finely, compared with what: above everything that is drawn from it. */
export function MetricChartFilters({ detail }: { detail: MetricDetail }) {
  const { zone, weekStart, fiscalYearStart } = useProduct()
  const [search, setSearch] = useSearchParams()
  return (
    <DashboardFilters
      view={readView(search, START)}
      zone={zone}
      weekStart={weekStart}
      fiscalYearStart={fiscalYearStart}
      shownFrom={detail.firstPointAt ? dayOf(detail.firstPointAt.getTime(), zone) : null}
      onView={(next) => setSearch((params) => writeView(params, next, START), { replace: true })}
    >
      {`Days begin at midnight in ${zone}`}
    </DashboardFilters>
  )
}

/** The numbers of a metric: over any range, by any tag, aggregated as its kind allows. The address holds the choices. */
export function MetricChart({ detail }: { detail: MetricDetail }) {
  const [search, setSearch] = useSearchParams()
  const choice = readChoice(search, detail)
  const result = useResult(detail, readView(search, START), choice)
  const set = (name: string, value: string, fallback: string) =>
    setSearch(
      (params) => {
        if (value === fallback) params.delete(name)
        else params.set(name, value)
        return params
      },
      { replace: true },
    )
  return (
    <Card aria-label="Chart">
      <div className="mb-4 flex flex-wrap items-start gap-x-6 gap-y-3">
        <Total detail={detail} aggregation={choice.aggregation} result={result.data} />
        <div className="ml-auto flex flex-wrap items-center gap-2 max-phone:ml-0">
          <AggregationSelect
            detail={detail}
            value={choice.aggregation}
            onChange={(aggregation) => set('agg', aggregation, detail.defaultAggregation)}
          />
          <GroupSelect detail={detail} value={choice.groupBy} onChange={(tag) => set('group', tag ?? '', '')} />
          <SegmentedControl
            label="Shown as"
            value={choice.shape}
            onValueChange={(shape) => set('as', shape, defaultShape(detail))}
            options={[
              { value: 'line', label: <span className="sr-only">Line</span>, icon: <ChartLine aria-hidden /> },
              { value: 'bar', label: <span className="sr-only">Bars</span>, icon: <ChartColumn aria-hidden /> },
              { value: 'table', label: <span className="sr-only">Table</span>, icon: <Table2 aria-hidden /> },
            ]}
          />
        </div>
      </div>
      <div className="h-80 max-phone:h-64">
        <Plot detail={detail} shape={choice.shape} result={result} />
      </div>
      <Notes result={result.data} />
    </Card>
  )
}

interface Choice {
  aggregation: Aggregation
  groupBy: string | null
  shape: Shape
}

/** What adds up stands on zero and reads as bars; what is measured is followed along a line. */
function defaultShape({ kind, defaultAggregation }: MetricDetail): Shape {
  const addsUp = kind === 'count' || (kind === null && ['sum', 'count'].includes(defaultAggregation))
  return addsUp ? 'bar' : 'line'
}

function readChoice(search: URLSearchParams, detail: MetricDetail): Choice {
  const aggregation = search.get('agg')
  const shape = search.get('as')
  return {
    aggregation:
      aggregation !== null && Object.hasOwn(AGGREGATION_LABELS, aggregation)
        ? (aggregation as Aggregation)
        : detail.defaultAggregation,
    groupBy: search.get('group') || null,
    shape: shape === 'line' || shape === 'bar' || shape === 'table' ? shape : defaultShape(detail),
  }
}

function useResult({ name }: MetricDetail, view: DashboardView, { aggregation, groupBy }: Choice) {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  const { range, granularity, compare } = view
  return useQuery(
    trpc.metric.query.queryOptions(
      {
        productId,
        spec: {
          metric: name,
          aggregation,
          groupBy,
          range,
          granularity,
          compare: compare ? 'previous_period' : 'none',
          seriesMax: SERIES_SHOWN,
        },
      },
      { placeholderData: keepPreviousData },
    ),
  )
}

interface TotalProps {
  detail: MetricDetail
  aggregation: Aggregation
  result: QueryResult | undefined
}

/** The hero: one number for the whole range, computed from the points and not from the buckets. */
function Total({ detail, aggregation, result }: TotalProps) {
  const format = guessFormat(detail)
  const locale = navigator.language
  const total = result?.total ?? null
  return (
    <div className="min-w-0">
      <p className="text-12 text-muted leading-4">{AGGREGATION_LABELS[aggregation]}</p>
      <p
        className="font-semibold text-28 tabular-nums leading-9 tracking-[-0.022em]"
        title={total === null ? undefined : formatFull(total, format, locale)}
      >
        {result === undefined ? ' ' : total === null ? '–' : formatShort(total, format, locale)}
      </p>
    </div>
  )
}

function Plot({ detail, shape, result }: { detail: MetricDetail; shape: Shape; result: ReturnType<typeof useResult> }) {
  const theme = useResolvedTheme()
  const { data, error } = result
  const prepared = useMemo(() => {
    if (!data) return undefined
    const title = detail.displayName ?? detail.name
    return prepareChart(shape === 'table' ? 'line' : shape, data, {
      title,
      format: guessFormat(detail),
      locale: navigator.language,
    })
  }, [data, detail, shape])
  if (prepared)
    return <ResponsiveChart prepared={prepared} theme={theme} view={shape === 'table' ? 'table' : 'chart'} />
  if (error) {
    const problem = toProblem(error)
    return (
      <InlineError
        title={problem.message}
        requestId={problem.requestId}
        onRetry={() => void result.refetch()}
        retrying={result.isFetching}
      />
    )
  }
  return (
    <SkeletonGroup label="Loading the chart" className="h-full">
      <PlotSkeleton />
    </SkeletonGroup>
  )
}

/** What the server has to say about the numbers, such as that they were added up and should not be. */
function Notes({ result }: { result: QueryResult | undefined }) {
  const notes = result?.warnings ?? []
  if (notes.length === 0) return null
  return (
    <ul className="mt-3 grid gap-1 text-13 text-warn">
      {notes.map(({ code, detail }) => (
        <li key={code}>{detail}</li>
      ))}
    </ul>
  )
}

interface AggregationSelectProps {
  detail: MetricDetail
  value: Aggregation
  onChange: (aggregation: Aggregation) => void
}

function AggregationSelect({ detail, value, onChange }: AggregationSelectProps) {
  return (
    <Select
      size={32}
      aria-label="Aggregation"
      value={value}
      onChange={(event) => onChange(event.target.value as Aggregation)}
      className="w-auto"
    >
      {offeredAggregations(detail.kind, value).map((one) => (
        <option key={one} value={one}>
          {AGGREGATION_LABELS[one]}
        </option>
      ))}
    </Select>
  )
}

interface GroupSelectProps {
  detail: MetricDetail
  value: string | null
  onChange: (tag: string | null) => void
}

function GroupSelect({ detail, value, onChange }: GroupSelectProps) {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  const tags = useQuery(trpc.metric.tags.queryOptions({ productId, metric: detail.name }))
  const names = [...new Set([...(value ? [value] : []), ...(tags.data ?? []).map(({ tag }) => tag)])]
  if (names.length === 0) return null
  return (
    <Select
      size={32}
      aria-label="Group by"
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value || null)}
      className="w-auto"
    >
      <option value="">No grouping</option>
      {names.map((tag) => (
        <option key={tag} value={tag}>
          By {tag}
        </option>
      ))}
    </Select>
  )
}
