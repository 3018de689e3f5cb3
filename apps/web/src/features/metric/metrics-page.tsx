import type { Catalogue } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Card } from '@trackable/ui/card'
import { EmptyState } from '@trackable/ui/empty-state'
import { InlineError } from '@trackable/ui/inline-error'
import { LiveBadge } from '@trackable/ui/live-badge'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { Upload } from 'lucide-react'
import { useMemo, useRef } from 'react'
import { Link, useSearchParams } from 'react-router'
import { POLL_INTERVAL_MS, useLiveState } from '../../live'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { RejectedLink } from '../ingest/rejected-link'
import { useCanEdit, useProduct } from '../shell/current'
import { Page } from '../shell/page'
import { useShortcutHelp } from '../shell/shortcut-help'
import { useHotkey } from '../shell/use-hotkey'
import { CatalogueFilters } from './catalogue-filters'
import { CataloguePages } from './catalogue-pages'
import { type CatalogueView, readCatalogueView, writeCatalogueView } from './catalogue-view'
import { MetricsEmpty } from './metrics-empty'
import { focusFirstRow, MetricsTable } from './metrics-table'
import { useCatalogue } from './use-catalogue'

const HELP = {
  title: 'Metrics',
  shortcuts: [
    { keys: ['/'], label: 'Find a metric' },
    { keys: ['↑', '↓'], label: 'Go through the list' },
    { keys: ['Enter'], label: 'Open a metric' },
  ],
}

/** The catalogue: every metric that ever arrived, how fresh it is and what it carries. The address holds search, filters and order. */
export default function MetricsPage() {
  const product = useProduct()
  const canEdit = useCanEdit()
  const live = useLiveState()
  const [search, setSearch] = useSearchParams()
  const view = useMemo(() => readCatalogueView(search), [search])
  const catalogue = useCatalogue(product.id, view)
  const input = useRef<HTMLInputElement>(null)
  useHotkey('/', () => input.current?.focus())
  useShortcutHelp(HELP)
  const counts = catalogue.data?.counts
  const hasAny = counts !== undefined && counts.shown + counts.hidden > 0
  return (
    <Page
      title="Metrics"
      badge={<LiveBadge state={live} intervalMs={POLL_INTERVAL_MS} />}
      context={
        hasAny ? `${product.name}, ${describe(counts)}. A metric appears here with its first point.` : product.name
      }
      actions={
        canEdit ? (
          <>
            <RejectedLink />
            <Button asChild>
              <Link to={paths.imports(product.id)} aria-label="Import CSV">
                <Upload aria-hidden />
                <span className="max-phone:hidden">Import CSV</span>
              </Link>
            </Button>
            {hasAny ? (
              <Button asChild variant="primary" className="max-phone:hidden">
                <Link to={paths.keys(product.id)}>Send points</Link>
              </Button>
            ) : null}
          </>
        ) : null
      }
    >
      {counts && !hasAny ? (
        <MetricsEmpty />
      ) : (
        <>
          <CatalogueFilters
            ref={input}
            view={view}
            counts={counts}
            onView={(next) => setSearch(writeCatalogueView(next), { replace: true })}
            onEnterList={focusFirstRow}
          />
          <List
            catalogue={catalogue}
            view={view}
            onView={(next) => setSearch(writeCatalogueView(next), { replace: next.page === view.page })}
          />
        </>
      )}
    </Page>
  )
}

interface ListProps {
  catalogue: ReturnType<typeof useCatalogue>
  view: CatalogueView
  onView: (view: CatalogueView) => void
}

function List({ catalogue, view, onView }: ListProps) {
  const { data, error, isFetching, isPlaceholderData, refetch } = catalogue
  if (!data) {
    if (!error) return <CatalogueLoading />
    const { message, requestId } = toProblem(error)
    return (
      <Card>
        <InlineError
          title={`The catalogue could not be read. ${message}`}
          requestId={requestId}
          onRetry={() => void refetch()}
          retrying={isFetching}
        />
      </Card>
    )
  }
  if (data.total === 0) return <NothingFound view={view} onView={onView} />
  return (
    <div className={isPlaceholderData ? 'opacity-60 transition-opacity delay-150 duration-fast' : undefined}>
      {error ? (
        <div className="mb-2">
          <InlineError compact title="Not refreshed." onRetry={() => void refetch()} retrying={isFetching} />
        </div>
      ) : null}
      <Card flush>
        <MetricsTable entries={data.entries} view={view} onSort={(sort) => onView({ ...view, ...sort, page: 0 })} />
      </Card>
      <CataloguePages page={view.page} total={data.total} onPage={(page) => onView({ ...view, page })} />
    </div>
  )
}

function NothingFound({ view, onView }: Pick<ListProps, 'view' | 'onView'>) {
  const text = view.find.trim()
  const isFiltered = view.kind !== null || view.isLate || view.isHidden
  return (
    <EmptyState
      title={view.isLate && text === '' ? 'Nothing is late' : 'Nothing matches'}
      action={
        <Button onClick={() => onView({ ...view, find: '', kind: null, isLate: false, isHidden: false, page: 0 })}>
          Show all
        </Button>
      }
    >
      {text === ''
        ? 'No metric passes the filters.'
        : `No metric has “${text}” in its name, its description or its tags${isFiltered ? ' and passes the filters' : ''}.`}
    </EmptyState>
  )
}

function CatalogueLoading() {
  return (
    <SkeletonGroup label="Loading metrics" className="overflow-hidden rounded-card border border-line bg-card">
      <div className="h-8 border-line border-b" />
      {[1, 2, 3, 4, 5, 6, 7, 8].map((n) => (
        <div key={n} className="flex h-14 items-center gap-8 border-line border-b px-4 last:border-b-0">
          <Skeleton className="h-8 w-50" />
          <Skeleton className="h-5 w-16 rounded-full max-phone:hidden" />
          <Skeleton className="h-8 w-20" />
          <Skeleton className="ml-auto h-6 w-28 max-phone:hidden" />
        </div>
      ))}
    </SkeletonGroup>
  )
}

function describe({ shown, hidden, series }: Catalogue['counts']): string {
  return `${plural(shown + hidden, 'metric')} with ${plural(series, 'series', 'series')}`
}

function plural(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString()} ${n === 1 ? one : many}`
}
