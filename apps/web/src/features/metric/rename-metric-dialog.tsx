import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { MetricDetail } from '@trackable/api/client'
import { Dialog, DialogBody, DialogContent } from '@trackable/ui/dialog'
import { Field } from '@trackable/ui/field'
import { Input } from '@trackable/ui/input'
import { toast } from '@trackable/ui/toast'
import { type FormEvent, useState } from 'react'
import { useNavigate } from 'react-router'
import { FormDialogFoot } from '../../form-dialog-foot'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useProduct } from '../shell/current'

const NAME_CHARS_MAX = 200

/** Another name for the same numbers. Nothing that uses the old one breaks. */
export function RenameMetricDialog({ detail, onClose }: { detail: MetricDetail; onClose: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const { id: productId } = useProduct()
  const [to, setTo] = useState(detail.name)
  const rename = useMutation(
    trpc.metric.rename.mutationOptions({
      async onSuccess(renamed) {
        queryClient.setQueryData(trpc.metric.get.queryKey({ productId, metric: renamed.name }), renamed)
        await queryClient.invalidateQueries(trpc.metric.pathFilter())
        onClose()
        toast.good(`Renamed to ${renamed.name}`)
        navigate(paths.metric(productId, renamed.name), { replace: true })
      },
    }),
  )
  const isUnchanged = to.trim() === '' || to.trim() === detail.name
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isUnchanged) rename.mutate({ productId, metric: detail.name, to: to.trim() })
  }
  return (
    <Dialog open onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}>
      <DialogContent
        title="Rename metric"
        description="Senders, dashboards and reports that use the old name go on working: it stays as a second name."
        width={520}
      >
        <form onSubmit={submit}>
          <DialogBody>
            <Field label="Name" error={rename.error ? toProblem(rename.error).message : undefined}>
              <Input
                mono
                value={to}
                maxLength={NAME_CHARS_MAX}
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => setTo(event.target.value)}
              />
            </Field>
          </DialogBody>
          <FormDialogFoot submitLabel="Rename" busy={rename.isPending} />
        </form>
      </DialogContent>
    </Dialog>
  )
}
