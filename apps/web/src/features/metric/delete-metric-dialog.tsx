import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { MetricDetail } from '@trackable/api/client'
import { ConfirmDialog } from '@trackable/ui/confirm-dialog'
import { toast } from '@trackable/ui/toast'
import { useNavigate } from 'react-router'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { useTRPC, useTRPCClient } from '../../trpc'
import { useProduct } from '../shell/current'
import { useMetricUses } from './metric-uses'

/** Says what would be gone, counted, before the name has to be typed. */
export function DeleteMetricDialog({ detail, onClose }: { detail: MetricDetail; onClose: () => void }) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const { id: productId } = useProduct()
  const uses = useMetricUses(detail)
  const plan = useQuery({
    queryKey: ['delete', productId, detail.name],
    queryFn: () => client.metric.delete.mutate({ productId, metric: detail.name, dryRun: true }),
    gcTime: 0,
  })
  const remove = useMutation(
    trpc.metric.delete.mutationOptions({
      async onSuccess({ isDone }) {
        onClose()
        toast.good(isDone ? `${detail.name} is deleted` : `${detail.name} is gone; its points are being deleted`)
        navigate(paths.metrics(productId), { replace: true })
        await queryClient.invalidateQueries(trpc.metric.catalogue.pathFilter())
        await queryClient.invalidateQueries(trpc.metric.list.pathFilter())
      },
    }),
  )
  const error = remove.error ?? plan.error
  const shown = uses.data?.length ?? 0
  return (
    <ConfirmDialog
      open
      onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
      title={`Delete ${detail.name}?`}
      description="This cannot be undone. To keep the numbers and only clear the lists, hide the metric instead."
      confirmLabel="Delete metric"
      typeToConfirm={detail.name}
      busy={remove.isPending}
      error={error ? toProblem(error).message : undefined}
      onConfirm={() => remove.mutate({ productId, metric: detail.name, dryRun: false })}
    >
      <dl className="mb-4 grid grid-cols-3 gap-4 rounded-control bg-sunken px-4 py-3 text-13" aria-live="polite">
        <Count label="Points" value={plan.data?.points} />
        <Count label="Series" value={plan.data?.series} />
        <Count label="Dashboards" value={uses.data ? shown : undefined} />
      </dl>
      {shown > 0 ? (
        <p className="mb-4 text-13 text-warn">
          {uses.data?.map(({ name }) => name).join(', ')} {shown === 1 ? 'shows' : 'show'} it, and would say that it is
          missing.
        </p>
      ) : null}
    </ConfirmDialog>
  )
}

function Count({ label, value }: { label: string; value: number | undefined }) {
  return (
    <div>
      <dt className="text-12 text-muted">{label}</dt>
      <dd className="font-semibold text-16 tabular-nums">{value === undefined ? '…' : value.toLocaleString()}</dd>
    </div>
  )
}
