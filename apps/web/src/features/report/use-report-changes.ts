import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Report } from '@trackable/api/client'
import { toast } from '@trackable/ui/toast'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'

/** What changes a report from outside its form. Each shows in the list and in the delivery log. */
export function useReportChanges({ id: reportId, productId }: Report) {
  const trpc = useTRPC()
  const client = useQueryClient()
  const refresh = () =>
    Promise.all([
      client.invalidateQueries(trpc.report.list.queryFilter({ productId })),
      client.invalidateQueries(trpc.report.runs.queryFilter({ reportId })),
      client.invalidateQueries(trpc.report.outbox.pathFilter()),
    ])
  // Buttons without a dialog have no place of their own for an error.
  const onError = (error: unknown) => toast.bad(toProblem(error).message)
  return {
    send: useMutation(trpc.report.sendNow.mutationOptions({ onSuccess: refresh })),
    test: useMutation(trpc.report.sendTest.mutationOptions({ onSuccess: refresh, onError })),
    change: useMutation(trpc.report.update.mutationOptions({ onSuccess: refresh, onError })),
  }
}
