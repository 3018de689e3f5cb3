import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Dialog, DialogBody, DialogContent } from '@trackable/ui/dialog'
import { Field } from '@trackable/ui/field'
import { Input } from '@trackable/ui/input'
import { useForm } from 'react-hook-form'
import { useNavigate } from 'react-router'
import { lazyResolver } from '../../form'
import { FormDialogFoot } from '../../form-dialog-foot'
import { FormProblem } from '../../form-problem'
import { paths } from '../../paths'
import { useTRPC } from '../../trpc'

const resolver = lazyResolver(() => import('@trackable/api/client').then((m) => m.CreateTeam))

/** A team holds products and people; making one goes on to its first product. */
export default function NewTeamDialog({
  open,
  onOpenChange,
}: {
  open: boolean
  onOpenChange: (isOpen: boolean) => void
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title="New team" description="A team has its own products and members." width={400}>
        <NewTeamForm onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  )
}

function NewTeamForm({ onDone }: { onDone: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const form = useForm({ resolver, defaultValues: { name: '' } })
  const create = useMutation(
    trpc.team.create.mutationOptions({
      async onSuccess(team) {
        await queryClient.invalidateQueries(trpc.team.pathFilter())
        onDone()
        navigate(paths.newProduct(team.id))
      },
    }),
  )
  return (
    <form noValidate onSubmit={form.handleSubmit((values) => create.mutate(values))}>
      <DialogBody>
        <Field label="Name" error={form.formState.errors.name?.message}>
          <Input {...form.register('name')} autoComplete="organization" />
        </Field>
        <FormProblem error={create.error} />
      </DialogBody>
      <FormDialogFoot submitLabel="Create team" busy={create.isPending} />
    </form>
  )
}
