import { useQueryClient } from '@tanstack/react-query'
import type { IngestAttempt } from '@trackable/api/client'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useState } from 'react'
import { useTRPC } from '../../trpc'

/** Older requests scroll out of memory; nobody reads further back than this. */
const ATTEMPTS_MAX = 20

export interface Attempt extends IngestAttempt {
  id: string
}

/** Every request that the product's keys make while the page is open, newest first; each stored point renews the catalogue. */
export function useAttempts(productId: string) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [attempts, setAttempts] = useState<Attempt[]>([])
  const watching = useSubscription(
    trpc.ingest.onAttempt.subscriptionOptions(
      { productId },
      {
        onData({ id, data }) {
          setAttempts((list) =>
            list.some((a) => a.id === id) ? list : [{ ...data, id }, ...list].slice(0, ATTEMPTS_MAX),
          )
          if (data.accepted > 0) void queryClient.invalidateQueries(trpc.metric.list.queryFilter({ productId }))
        },
      },
    ),
  )
  useSubscription(
    trpc.metric.onStored.subscriptionOptions(
      { productId },
      { onData: () => void queryClient.invalidateQueries(trpc.metric.list.queryFilter({ productId })) },
    ),
  )
  return { attempts, error: watching.status === 'error' ? watching.error : null }
}
