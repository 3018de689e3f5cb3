import type { DashboardSummary, Report } from '@trackable/api/client'
import { Badge } from '@trackable/ui/badge'
import { Card } from '@trackable/ui/card'
import { CirclePause } from 'lucide-react'
import { Link } from 'react-router'
import { paths } from '../../paths'
import { DeliveryLog } from './delivery-log'
import { ReportActions } from './report-actions'
import { ReportForm, valuesOf } from './report-form'
import type { ReportLayer } from './use-report-view'

export interface ReportDetailProps {
  report: Report
  dashboards: readonly DashboardSummary[]
  layer: ReportLayer
  onLayer: (layer: ReportLayer) => void
}

/** One report: what to do with it, its settings, and what became of its mails. */
export function ReportDetail({ report, dashboards, layer, onLayer }: ReportDetailProps) {
  return (
    <>
      <Card flush aria-label={report.name}>
        <div className="flex flex-wrap items-center gap-2 border-line border-b px-4 py-3.5">
          <div className="min-w-0 flex-1 max-phone:basis-full">
            <div className="flex items-center gap-2">
              <h2 className="truncate font-semibold text-16 leading-6 tracking-[-0.011em]">{report.name}</h2>
              {report.isPaused ? <Badge icon={<CirclePause aria-hidden />}>Paused</Badge> : null}
            </div>
            <p className="truncate text-12 text-muted leading-4">
              Sends the dashboard{' '}
              <Link className="link" to={paths.dashboard(report.productId, report.dashboardId)}>
                {report.dashboardName}
              </Link>
            </p>
          </div>
          <ReportActions report={report} layer={layer} onLayer={onLayer} />
        </div>
        <ReportForm
          key={report.id}
          report={report}
          start={valuesOf(report)}
          dashboards={dashboards}
          onSaved={() => {}}
        />
      </Card>
      <DeliveryLog report={report} />
    </>
  )
}
