import { useQuery } from '@tanstack/react-query'
import type { DashboardSummary, Report } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Card } from '@trackable/ui/card'
import { cn } from '@trackable/ui/cn'
import { EmptyState } from '@trackable/ui/empty-state'
import { SkeletonGroup } from '@trackable/ui/skeleton'
import { ArrowLeft, Inbox, Plus } from 'lucide-react'
import { Link, useNavigate } from 'react-router'
import { paths } from '../../paths'
import { useTRPC } from '../../trpc'
import { useCanEdit, useProduct, useUser } from '../shell/current'
import { Page } from '../shell/page'
import { RouteError } from '../shell/route-error'
import { OutboxSheet } from './outbox-sheet'
import { ReportDetail } from './report-detail'
import { ReportForm, type ReportValues } from './report-form'
import { ReportList } from './report-list'
import { ReportsEmpty } from './reports-empty'
import { watchInterval } from './run-words'
import { formatRunAt } from './schedule-words'
import { SendingCard, useMailSettings } from './sending-card'
import { useReportView } from './use-report-view'

/** All reports of a product on the left, one of them on the right; on a phone one after the other. */
export default function ReportsPage() {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  const reports = useQuery(
    trpc.report.list.queryOptions(
      { productId },
      { refetchInterval: ({ state }) => watchInterval(state.data, Date.now()) },
    ),
  )
  const dashboards = useQuery(trpc.dashboard.list.queryOptions({ productId }))
  if (reports.data && dashboards.data) return <Reports reports={reports.data} dashboards={dashboards.data} />
  const error = reports.error ?? dashboards.error
  if (!error) return <Loading />
  const retry = () => void Promise.all([reports.refetch(), dashboards.refetch()])
  return <RouteError error={error} onRetry={retry} retrying={reports.isFetching || dashboards.isFetching} />
}

function Reports({ reports, dashboards }: { reports: Report[]; dashboards: DashboardSummary[] }) {
  const product = useProduct()
  const canEdit = useCanEdit()
  const view = useReportView()
  const settings = useMailSettings(product.id)
  const first = dashboards[0]
  const onNew = canEdit && first ? () => view.setNew(true) : undefined
  const isNew = view.isNew && onNew !== undefined
  const selected = isNew ? undefined : view.reportId ? reports.find(({ id }) => id === view.reportId) : reports[0]
  // On a phone the list and a report are pages of their own.
  const isDetailPage = isNew || view.reportId !== undefined
  const isEmpty = reports.length === 0 && !isNew && view.reportId === undefined
  return (
    <Page
      title="Reports"
      context={describe(product.name, reports)}
      actions={
        <>
          {settings.data?.provider === 'outbox' && canEdit ? (
            <Button variant="ghost" icon={<Inbox aria-hidden />} onClick={() => view.openLayer('outbox')}>
              Outbox
            </Button>
          ) : null}
          {onNew && !isEmpty ? (
            <Button icon={<Plus aria-hidden />} disabled={isNew} onClick={onNew}>
              New report
            </Button>
          ) : null}
        </>
      }
    >
      <div
        className={cn(
          'grid items-start gap-4 max-laptop:grid-cols-1',
          // The sentence that says what a report is gets the room; how mails leave is the aside in either case.
          isEmpty
            ? 'grid-cols-[minmax(0,1fr)_372px] max-desk:grid-cols-[minmax(0,1fr)_300px]'
            : 'grid-cols-[372px_minmax(0,1fr)] max-desk:grid-cols-[300px_minmax(0,1fr)]',
        )}
      >
        <div className={cn('grid min-w-0 gap-4', isDetailPage && 'max-phone:hidden', isEmpty && 'order-2')}>
          {reports.length > 0 ? (
            <ReportList
              reports={reports}
              selectedId={selected?.id}
              zone={product.zone}
              isOutbox={settings.data?.provider === 'outbox'}
            />
          ) : null}
          <SendingCard settings={settings} onOutbox={() => view.openLayer('outbox')} />
        </div>
        <div className={cn('grid min-w-0 gap-4', !isDetailPage && !isEmpty && 'max-phone:hidden')}>
          {isDetailPage ? (
            <Link to={paths.reports(product.id)} className="link flex items-center gap-1 text-13 phone:hidden">
              <ArrowLeft aria-hidden className="size-4" /> All reports
            </Link>
          ) : null}
          {isNew && first ? (
            <NewReport first={first} dashboards={dashboards} onCancel={() => view.setNew(false)} />
          ) : selected ? (
            <ReportDetail report={selected} dashboards={dashboards} layer={view.layer} onLayer={view.openLayer} />
          ) : isEmpty ? (
            <ReportsEmpty productId={product.id} hasDashboard={first !== undefined} onNew={onNew} />
          ) : (
            <GoneReport />
          )}
        </div>
      </div>
      <OutboxSheet
        isOpen={view.layer === 'outbox' && canEdit}
        mailId={view.mailId}
        onMail={view.openMail}
        onClose={() => view.openLayer(null)}
      />
    </Page>
  )
}

function describe(productName: string, reports: readonly Report[]): string {
  if (reports.length === 0) return productName
  const count = reports.length === 1 ? '1 report' : `${reports.length} reports`
  const due = reports
    .filter(({ nextRunAt, isPaused }) => nextRunAt && !isPaused)
    .sort((a, b) => Number(a.nextRunAt) - Number(b.nextRunAt))[0]
  const next = due?.nextRunAt
    ? ` Next one ${formatRunAt(due.nextRunAt, due.schedule.zone, Date.now())} (${due.schedule.zone}).`
    : ''
  return `${productName}, ${count}.${next}`
}

/** A report that is not made yet: weekly on Monday at eight for whoever makes it, which is what most begin with. */
function NewReport({
  first,
  dashboards,
  onCancel,
}: {
  first: DashboardSummary
  dashboards: readonly DashboardSummary[]
  onCancel: () => void
}) {
  const { id: productId, zone } = useProduct()
  const user = useUser()
  const navigate = useNavigate()
  const start: ReportValues = {
    productId,
    dashboardId: first.id,
    name: `Weekly ${first.name}`.slice(0, 80),
    schedule: { frequency: 'weekly', weekday: 1, hour: 8, minute: 0, zone },
    recipients: [user.email],
  }
  return (
    <Card flush aria-label="New report">
      <div className="border-line border-b px-4 py-3.5">
        <h2 className="font-semibold text-16 leading-6 tracking-[-0.011em]">New report</h2>
        <p className="text-12 text-muted leading-4">Nothing is sent before its first run.</p>
      </div>
      <ReportForm
        report={null}
        start={start}
        dashboards={dashboards}
        onCancel={onCancel}
        onSaved={(report) => navigate(paths.report(productId, report.id), { replace: true })}
      />
    </Card>
  )
}

function GoneReport() {
  return (
    <EmptyState layout="center" title="There is no such report">
      It was deleted, or the link is not complete. Choose one from the list.
    </EmptyState>
  )
}

function Loading() {
  return (
    <Page title="Reports">
      <SkeletonGroup
        label="Loading reports"
        className="grid grid-cols-[372px_minmax(0,1fr)] items-start gap-4 max-desk:grid-cols-[300px_minmax(0,1fr)] max-laptop:grid-cols-1"
      >
        <div className="h-66 animate-appear rounded-card border border-line bg-card" />
        <div className="h-110 animate-appear rounded-card border border-line bg-card max-phone:hidden" />
      </SkeletonGroup>
    </Page>
  )
}
