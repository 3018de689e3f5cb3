import { groupTags } from '../metric/kinds'
import type { QuerySpec } from '../metric/schema'
import type { DashboardView } from './schema'
import type { Widget } from './widgets/index'

/** Browser-safe and pure: the page, the report and the API all ask the same question for the same widget. */
export function buildWidgetQuery(widget: Widget, view: DashboardView, zone: string | null): QuerySpec {
  const { metric, aggregation, formula } = widget
  return {
    ...(formula ? { formula } : { metric, aggregation }),
    groupBy: widget.type === 'number' ? [] : groupTags(widget.groupBy),
    filters: widget.filters,
    range: view.range,
    granularity: view.granularity,
    zone,
    compare: view.compare ? 'previous_period' : 'none',
    seriesMax: widget.type === 'table' ? 20 : 8,
  }
}
