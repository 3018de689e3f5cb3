import { useQueryClient } from '@tanstack/react-query'
import type { QueryResult } from '@trackable/api/client'
import { useSyncExternalStore } from 'react'
import { useTRPC } from '../../trpc'
import { dayOf } from './view-state'

/** First day that the charts on screen show, from their answers: only the server knows where "all time" begins. */
export function useShownFrom(zone: string): string | null {
  const trpc = useTRPC()
  const client = useQueryClient()
  const cache = client.getQueryCache()
  const filter = { ...trpc.metric.query.pathFilter(), type: 'active' as const }
  return useSyncExternalStore(
    (listener) => cache.subscribe(listener),
    () => {
      const starts = client.getQueriesData<QueryResult>(filter).flatMap(([, result]) => (result ? [result.from] : []))
      return starts.length === 0 ? null : dayOf(Math.min(...starts), zone)
    },
  )
}
