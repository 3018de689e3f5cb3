import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import type { RejectCode, RouterInputs } from '@trackable/api/client'
import { toast } from '@trackable/ui/toast'
import { useSubscription } from '@trpc/tanstack-react-query'
import { toProblem } from '../../problem'
import { useTRPC, useTRPCClient } from '../../trpc'
import { useProduct } from '../shell/current'

export interface RejectedFilter {
  code: RejectCode | undefined
  keyId: string | undefined
}

type RowChoice = RouterInputs['ingest']['replayRejected']['rows']

/** The inbox, newest first, read again when a request of the product's keys was refused in part or whole. */
export function useRejected(productId: string, filter: RejectedFilter) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  useSubscription(
    trpc.ingest.onAttempt.subscriptionOptions(
      { productId },
      {
        onData: ({ data }) => {
          if (data.status === 200) return
          void queryClient.invalidateQueries(trpc.ingest.listRejected.pathFilter())
          void queryClient.invalidateQueries(trpc.ingest.countRejected.pathFilter())
        },
      },
    ),
  )
  // tRPC's own options send a `direction` along, which is no input of the API.
  return useInfiniteQuery({
    queryKey: trpc.ingest.listRejected.infiniteQueryKey({ productId, ...filter }),
    queryFn: ({ pageParam }) => client.ingest.listRejected.query({ productId, ...filter, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  })
}

/** What is done to rejected points. `onDone` is called when rows have left the list. */
export function useRejectedActions(onDone: () => void) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { id: productId } = useProduct()
  const refresh = () =>
    Promise.all([
      queryClient.invalidateQueries(trpc.ingest.listRejected.pathFilter()),
      queryClient.invalidateQueries(trpc.ingest.countRejected.pathFilter()),
      queryClient.invalidateQueries(trpc.metric.pathFilter()),
    ])
  const failed = (error: unknown) => void toast.bad(toProblem(error).message)
  const replay = useMutation(
    trpc.ingest.replayRejected.mutationOptions({
      onError: failed,
      async onSuccess({ stored, failedCount, failed: reasons }) {
        await refresh()
        onDone()
        if (failedCount === 0) return void toast.good(`${points(stored)} stored`)
        const reason = reasons[0]?.detail ?? ''
        toast.bad(
          stored === 0
            ? `None was stored: ${points(failedCount)} refused again. ${reason}`
            : `${points(stored)} stored, ${failedCount.toLocaleString()} refused again. ${reason}`,
        )
      },
    }),
  )
  const dismiss = useMutation(
    trpc.ingest.dismissRejected.mutationOptions({
      onError: failed,
      async onSuccess({ dismissed }) {
        await refresh()
        onDone()
        toast.good(`${points(dismissed)} dismissed`)
      },
    }),
  )
  return {
    replay: (rows: RowChoice) => replay.mutate({ productId, rows }),
    dismiss: (rows: RowChoice) => dismiss.mutate({ productId, rows }),
    isReplaying: replay.isPending,
    isDismissing: dismiss.isPending,
    refresh,
  }
}

const points = (count: number) => `${count.toLocaleString()} ${count === 1 ? 'point' : 'points'}`
