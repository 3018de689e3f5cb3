import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { MetricDetail } from '@trackable/api/client'
import { Combobox } from '@trackable/ui/combobox'
import { ConfirmDialog } from '@trackable/ui/confirm-dialog'
import { Field } from '@trackable/ui/field'
import { toast } from '@trackable/ui/toast'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { useTRPC, useTRPCClient } from '../../trpc'
import { useProduct } from '../shell/current'

/** Two names that were one thing all along: the points of this metric move to the other, and so does its name. */
export function MergeMetricDialog({ detail, onClose }: { detail: MetricDetail; onClose: () => void }) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const { id: productId } = useProduct()
  const [into, setInto] = useState('')
  const metrics = useQuery(trpc.metric.list.queryOptions({ productId }))
  const plan = useQuery({
    queryKey: ['merge', productId, detail.name, into],
    queryFn: () => client.metric.merge.mutate({ productId, from: detail.name, into, dryRun: true }),
    enabled: into !== '',
    gcTime: 0,
  })
  const merge = useMutation(
    trpc.metric.merge.mutationOptions({
      async onSuccess() {
        onClose()
        toast.good(`${detail.name} is part of ${into} now`)
        navigate(paths.metric(productId, into), { replace: true })
        await queryClient.invalidateQueries(trpc.metric.pathFilter())
      },
    }),
  )
  const error = merge.error ?? plan.error
  return (
    <ConfirmDialog
      open
      onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
      title={`Merge ${detail.name}`}
      description="Its points move into another metric for good. Senders, dashboards and reports that use its name reach the other one."
      confirmLabel="Merge metrics"
      typeToConfirm={plan.data ? detail.name : undefined}
      busy={merge.isPending}
      error={error ? toProblem(error).message : undefined}
      onConfirm={() => {
        if (plan.data) merge.mutate({ productId, from: detail.name, into, dryRun: false })
      }}
    >
      <Field label="Into">
        <Combobox
          mono
          value={into}
          onValueChange={(name) => {
            merge.reset()
            setInto(name)
          }}
          placeholder="Choose a metric"
          searchPlaceholder="Find a metric"
          empty="No metric has this name."
          busy={metrics.isPending}
          options={(metrics.data ?? [])
            .filter(({ name }) => name !== detail.name)
            .map(({ name, displayName, unit }) => ({
              value: name,
              label: name,
              detail: displayName ?? undefined,
              hint: unit ?? undefined,
            }))}
        />
      </Field>
      {into === '' ? null : (
        <p className="text-13 text-soft" aria-live="polite">
          {plan.data
            ? `${plural(plan.data.series, 'series', 'series')} with ${plural(plan.data.points, 'point')} move to ${into}.`
            : plan.error
              ? null
              : 'Counting what would move.'}
        </p>
      )}
    </ConfirmDialog>
  )
}

function plural(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString()} ${n === 1 ? one : many}`
}
