import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useEffect, useRef } from 'react'
import { useTRPC } from '../../trpc'
import type { CatalogueView } from './catalogue-view'

/** Curves and counts of a whole page are read anew at most so often, however many points arrive. */
const REFRESH_MS = 5_000

/** One page of the catalogue, read again while points arrive. */
export function useCatalogue(productId: string, view: CatalogueView) {
  const trpc = useTRPC()
  useRefresh(productId)
  return useQuery(trpc.metric.catalogue.queryOptions({ productId, ...view }, { placeholderData: keepPreviousData }))
}

function useRefresh(productId: string): void {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const last = useRef(0)
  useEffect(() => () => clearTimeout(timer.current ?? undefined), [])
  const refresh = () => {
    timer.current = null
    last.current = Date.now()
    void queryClient.invalidateQueries(trpc.metric.catalogue.queryFilter({ productId }))
  }
  useSubscription(
    trpc.metric.onStored.subscriptionOptions(
      { productId },
      {
        onData: () => {
          timer.current ??= setTimeout(refresh, Math.max(0, last.current + REFRESH_MS - Date.now()))
        },
      },
    ),
  )
}
