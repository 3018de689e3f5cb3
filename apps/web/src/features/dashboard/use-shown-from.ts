import { useQueryClient } from '@tanstack/react-query'
import type { QueryResult } from '@trackable/api/client'
import { useSyncExternalStore } from 'react'
import { useTRPC } from '../../trpc'
import { dayOf } from './view-state'

/** One value of all charts on screen, from their answers. It has to be a plain one: it is compared by identity. */
function useShown<T extends string | number | null>(select: (results: QueryResult[]) => T): T {
  const trpc = useTRPC()
  const client = useQueryClient()
  const cache = client.getQueryCache()
  const filter = { ...trpc.metric.query.pathFilter(), type: 'active' as const }
  return useSyncExternalStore(
    (listener) => cache.subscribe(listener),
    () => select(client.getQueriesData<QueryResult>(filter).flatMap(([, result]) => (result ? [result] : []))),
  )
}

/** First day that the charts on screen show: only the server knows where "all time" begins. */
export function useShownFrom(zone: string): string | null {
  return useShown((results) =>
    results.length === 0 ? null : dayOf(Math.min(...results.map(({ from }) => from)), zone),
  )
}

/** When the newest point of the charts on screen was measured. */
export function useLastPointAt(): number | null {
  return useShown((results) => {
    const times = results.flatMap(({ lastPointAt }) => (lastPointAt === null ? [] : [lastPointAt]))
    return times.length === 0 ? null : Math.max(...times)
  })
}
