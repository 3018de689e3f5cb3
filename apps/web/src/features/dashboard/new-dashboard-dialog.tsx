import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ChoiceCard } from '@trackable/ui/choice-card'
import { Dialog, DialogBody, DialogContent } from '@trackable/ui/dialog'
import { Field, FieldSet } from '@trackable/ui/field'
import { Input } from '@trackable/ui/input'
import { type FormEvent, useId, useState } from 'react'
import { useNavigate } from 'react-router'
import { FormDialogFoot } from '../../form-dialog-foot'
import { FormProblem } from '../../form-problem'
import { paths } from '../../paths'
import { useTRPC } from '../../trpc'
import { useProduct } from '../shell/current'

const NAME_CHARS_MAX = 80

export interface NewDashboardDialogProps {
  open: boolean
  onOpenChange: (isOpen: boolean) => void
}

/** A further dashboard for the product of the page: empty, or laid out from the metrics that arrived. */
export default function NewDashboardDialog({ open, onOpenChange }: NewDashboardDialogProps) {
  const product = useProduct()
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title="New dashboard" description={`For ${product.name}. Everybody in the team sees it.`}>
        <NewDashboardForm onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  )
}

function NewDashboardForm({ onDone }: { onDone: () => void }) {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  const metrics = useQuery(trpc.metric.list.queryOptions({ productId }))
  const [name, setName] = useState('')
  const [choice, setChoice] = useState<'empty' | 'proposed' | null>(null)
  const [wasSubmitted, setWasSubmitted] = useState(false)
  const radioName = useId()
  const create = useCreate(productId, onDone)
  const count = metrics.data?.length ?? 0
  const start = choice ?? (count > 0 ? 'proposed' : 'empty')
  const trimmed = name.trim()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setWasSubmitted(true)
    if (trimmed !== '') create.mutate({ name: trimmed, isProposed: start === 'proposed' })
  }
  return (
    <form noValidate onSubmit={submit}>
      <DialogBody>
        <Field label="Name" error={wasSubmitted && trimmed === '' ? 'Enter a name.' : undefined}>
          <Input
            autoComplete="off"
            maxLength={NAME_CHARS_MAX}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <FieldSet label="Start with">
          <div className="grid grid-cols-2 gap-2 max-phone:grid-cols-1">
            <ChoiceCard
              type="radio"
              name={radioName}
              title="Your metrics"
              detail={count > 0 ? 'Numbers and charts laid out for you to change' : 'No metric has arrived yet'}
              disabled={count === 0}
              checked={start === 'proposed'}
              onChange={() => setChoice('proposed')}
            />
            <ChoiceCard
              type="radio"
              name={radioName}
              title="An empty page"
              detail="You add every widget yourself"
              checked={start === 'empty'}
              onChange={() => setChoice('empty')}
            />
          </div>
        </FieldSet>
        <FormProblem error={create.error} />
      </DialogBody>
      <FormDialogFoot submitLabel="Create dashboard" busy={create.isPending} />
    </form>
  )
}

/** Makes the dashboard and opens it. A proposal brings a name of its own, which the chosen one replaces. */
function useCreate(productId: string, onDone: () => void) {
  const trpc = useTRPC()
  const client = useQueryClient()
  const navigate = useNavigate()
  const create = useMutation(trpc.dashboard.create.mutationOptions())
  const propose = useMutation(trpc.dashboard.propose.mutationOptions())
  const update = useMutation(trpc.dashboard.update.mutationOptions())
  return useMutation({
    async mutationFn({ name, isProposed }: { name: string; isProposed: boolean }) {
      if (!isProposed) return create.mutateAsync({ productId, name })
      const { id, revision } = await propose.mutateAsync({ productId })
      return update.mutateAsync({ dashboardId: id, revision, name })
    },
    async onSuccess(dashboard) {
      client.setQueryData(trpc.dashboard.get.queryKey({ dashboardId: dashboard.id }), dashboard)
      await client.invalidateQueries(trpc.dashboard.list.queryFilter({ productId }))
      onDone()
      navigate(paths.dashboard(productId, dashboard.id))
    },
  })
}
