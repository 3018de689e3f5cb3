import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { buildWidgetQuery, type DashboardView, type QueryResult, type Widget } from '@trackable/api/client'
import type { PreparedChart } from '@trackable/ui/charts'
import { prepareChart } from '@trackable/ui/charts'
import { useMemo } from 'react'
import { useTRPC } from '../../trpc'

export interface WidgetData {
  result: QueryResult | undefined
  /** When the result came, by this browser's clock in epoch ms. */
  receivedAt: number
  prepared: PreparedChart | undefined
  error: unknown
  isFetching: boolean
  refetch: () => void
}

/** Without a known rhythm, a number that stopped arriving is worth a badge after a day: most apps push at least daily. */
const STALE_AFTER_MS = 26 * 60 * 60 * 1000

/** Asks for a widget's numbers and turns them into what its chart draws. Old data stays while new data is fetched. */
export function useWidgetData(productId: string, zone: string, widget: Widget, view: DashboardView): WidgetData {
  const trpc = useTRPC()
  const spec = buildWidgetQuery(widget, view, zone)
  const query = useQuery(
    trpc.metric.query.queryOptions(
      { productId, spec },
      { placeholderData: keepPreviousData, enabled: widget.metric !== '' },
    ),
  )
  const { data, dataUpdatedAt, error, isFetching, refetch } = query
  const { type, title, format } = widget
  const prepared = useMemo(() => {
    if (!data) return undefined
    const staleAfterMs = data.freshness.lateAfterMs ?? STALE_AFTER_MS
    return prepareChart(type, data, { title, format, locale: navigator.language, staleAfterMs })
  }, [data, type, title, format])
  return { result: data, receivedAt: dataUpdatedAt, prepared, error, isFetching, refetch: () => void refetch() }
}
