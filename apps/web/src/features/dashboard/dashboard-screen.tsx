import type { Dashboard, Widget } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { preloadCharts } from '@trackable/ui/charts/widget-chart'
import { EmptyState } from '@trackable/ui/empty-state'
import { LiveBadge } from '@trackable/ui/live-badge'
import { toast } from '@trackable/ui/toast'
import { LayoutDashboard, Plus } from 'lucide-react'
import { lazy, Suspense, startTransition, useEffect, useOptimistic, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'
import { POLL_INTERVAL_MS, useLiveState } from '../../live'
import { Age, useNow } from '../../time'
import { useProduct } from '../shell/current'
import { Page } from '../shell/page'
import { type ShortcutGroup, useShortcutHelp } from '../shell/shortcut-help'
import { useHotkey } from '../shell/use-hotkey'
import { DashboardActions } from './dashboard-actions'
import { DashboardFilters } from './dashboard-filters'
import { findPlace, newWidgetId } from './layout'
import { SaveProblem } from './save-problem'
import { useDashboardEditor } from './use-dashboard-editor'
import { useLivePoints } from './use-live-points'
import { useLastPointAt, useShownFrom } from './use-shown-from'
import { useWidth } from './use-width'
import { readView, writeView } from './view-state'
import { WidgetCard } from './widget-card'
import { COLUMN_BELOW_PX, WidgetGrid } from './widget-grid'

const WidgetEditor = lazy(() => import('./widget-editor'))

const SHORTCUTS: ShortcutGroup = {
  title: 'Dashboard',
  shortcuts: [
    { keys: ['H', '2'], label: 'Last 60 minutes, last 24 hours' },
    { keys: ['D', 'Y', '7', '3', '9'], label: 'Today, yesterday, last 7, 30, 90 days' },
    { keys: ['W', 'M', 'Q', 'A'], label: 'This week, month, quarter, year' },
    { keys: ['T', 'L'], label: 'Last 12 months, all time' },
    { keys: ['C'], label: 'Custom dates' },
    { keys: ['←', '→'], label: 'Period before, period after' },
    { keys: ['E'], label: 'Arrange widgets, or stop' },
    { keys: ['N'], label: 'New widget' },
    { keys: ['U'], label: 'Undo the last change' },
  ],
}

/** A dashboard on screen. The address holds what is looked at and which dialog is open. */
export function DashboardScreen({ dashboard }: { dashboard: Dashboard }) {
  const product = useProduct()
  const live = useLiveState()
  const [search, setSearch] = useSearchParams()
  const editor = useDashboardEditor(dashboard)
  const { widgets, name } = editor.draft
  const view = readView(search, editor.draft.view)
  // A new address is rendered as a transition, charts and all; the controls must not wait for them.
  const [chosen, setChosen] = useOptimistic(view)
  const board = useRef<HTMLDivElement>(null)
  const width = useWidth(board)
  // A single column has nothing to arrange; it shows the order of the grid.
  const canArrange = dashboard.canEdit && width !== null && width >= COLUMN_BELOW_PX
  const isArranging = canArrange && search.get('arrange') === 'on'
  const [tables, setTables] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => preloadCharts(widgets.map(({ type }) => type)), [widgets])
  useLivePoints(product.id)
  useShortcutHelp(SHORTCUTS)

  const setParam = (key: string, value: string | null) => {
    const next = new URLSearchParams(search)
    if (value === null) next.delete(key)
    else next.set(key, value)
    setSearch(next, { replace: true })
  }
  const openEditor = (id: string) => setParam('widget', id)
  useHotkey('e', () => setParam('arrange', isArranging ? null : 'on'), canArrange)
  useHotkey('n', () => openEditor('new'), dashboard.canEdit)
  useHotkey('u', editor.undo, editor.canUndo)

  const edited = search.get('widget')
  const editing = edited === 'new' ? null : widgets.find(({ id }) => id === edited)
  const save = (widget: Widget) => {
    const isNew = !widgets.some(({ id }) => id === widget.id)
    const placed = isNew ? { ...widget, layout: findPlace(widgets, widget.type) } : widget
    const next = isNew ? [...widgets, placed] : widgets.map((w) => (w.id === widget.id ? widget : w))
    editor.change({ widgets: next }, `${isNew ? 'Added' : 'Changed'} ${widget.title}`)
    setParam('widget', null)
  }
  const remove = (widget: Widget) => {
    editor.change({ widgets: widgets.filter(({ id }) => id !== widget.id) }, `Removed ${widget.title}`)
    toast(`Removed ${widget.title}`, { action: { label: 'Undo', onSelect: editor.undo } })
  }
  const duplicate = (widget: Widget) => {
    const copy = { ...widget, id: newWidgetId(), layout: { ...widget.layout, y: widget.layout.y + widget.layout.h } }
    editor.change({ widgets: [...widgets, copy] }, `Duplicated ${widget.title}`)
  }
  const actions = dashboard.canEdit ? { edit: (w: Widget) => openEditor(w.id), duplicate, remove } : undefined

  return (
    <Page
      title={name}
      badge={<LiveBadge state={live} intervalMs={POLL_INTERVAL_MS} />}
      context={`${product.name}, days cut in ${dashboard.zone}`}
      actions={
        dashboard.canEdit ? (
          <DashboardActions
            dashboard={dashboard}
            editor={editor}
            view={view}
            isArranging={isArranging}
            onArranging={canArrange ? (on) => setParam('arrange', on ? 'on' : null) : undefined}
            onNewWidget={() => openEditor('new')}
          />
        ) : null
      }
    >
      <DashboardFilters
        view={chosen}
        zone={dashboard.zone}
        weekStart={product.weekStart}
        fiscalYearStart={product.fiscalYearStart}
        shownFrom={useShownFrom(dashboard.zone)}
        onView={(next) =>
          startTransition(() => {
            setChosen(next)
            setSearch((now) => writeView(now, next, editor.draft.view), { replace: true })
          })
        }
      >
        {isArranging ? (
          'Drag a card by its title, or focus it: arrow keys move it, with Shift they resize it'
        ) : (
          <LastPoint />
        )}
      </DashboardFilters>
      {editor.problem ? <SaveProblem editor={editor} problem={editor.problem} /> : null}
      <div ref={board} className="min-w-0">
        {widgets.length === 0 ? (
          <NoWidgets onNew={dashboard.canEdit ? () => openEditor('new') : undefined} />
        ) : (
          <WidgetGrid
            widgets={widgets}
            width={width}
            isArranging={isArranging}
            onArrange={(next, label) => editor.change({ widgets: next }, label)}
          >
            {(widget, onArrange) => (
              <WidgetCard
                productId={product.id}
                zone={dashboard.zone}
                widget={widget}
                view={view}
                actions={actions}
                asTable={tables.has(widget.id)}
                onAsTable={(asTable) => setTables((now) => withMember(now, widget.id, asTable))}
                onArrange={onArrange}
              />
            )}
          </WidgetGrid>
        )}
      </div>
      {edited !== null && dashboard.canEdit && editing !== undefined ? (
        <Suspense fallback={null}>
          <WidgetEditor
            productId={product.id}
            zone={dashboard.zone}
            view={view}
            widget={editing}
            onClose={() => setParam('widget', null)}
            onSave={save}
          />
        </Suspense>
      ) : null}
    </Page>
  )
}

function withMember(set: ReadonlySet<string>, id: string, isMember: boolean): ReadonlySet<string> {
  const next = new Set(set)
  if (isMember) next.add(id)
  else next.delete(id)
  return next
}

function LastPoint() {
  const at = useLastPointAt()
  const now = useNow(5_000)
  if (at === null) return null
  return (
    <span className="tabular-nums">
      Last point <Age at={at} now={now} />
    </span>
  )
}

function NoWidgets({ onNew }: { onNew: (() => void) | undefined }) {
  return (
    <EmptyState
      layout="center"
      title="Nothing on this dashboard yet"
      action={
        onNew ? (
          <Button variant="primary" icon={<Plus aria-hidden />} onClick={onNew}>
            Add a widget
          </Button>
        ) : (
          <LayoutDashboard aria-hidden className="text-muted" />
        )
      }
    >
      A widget shows one of your metrics as a number, a line, bars or a table.
    </EmptyState>
  )
}
