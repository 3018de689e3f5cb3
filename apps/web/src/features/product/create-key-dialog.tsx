import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { CreatedApiKey } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { ChoiceCard } from '@trackable/ui/choice-card'
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFoot } from '@trackable/ui/dialog'
import { Field, FieldSet } from '@trackable/ui/field'
import { Input } from '@trackable/ui/input'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { lazyResolver } from '../../form'
import { FormDialogFoot } from '../../form-dialog-foot'
import { FormProblem } from '../../form-problem'
import { useTRPC } from '../../trpc'
import { useProduct } from '../shell/current'
import { KeyField } from './key-field'

const resolver = lazyResolver(() => import('@trackable/api/client').then((m) => m.CreateApiKey))

/** Name and scopes, then the key itself, once. */
export function CreateKeyDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (isOpen: boolean) => void }) {
  const product = useProduct()
  const [created, setCreated] = useState<CreatedApiKey | null>(null)
  const change = (isOpen: boolean) => {
    if (!isOpen) setCreated(null)
    onOpenChange(isOpen)
  }
  return (
    <Dialog open={open} onOpenChange={change}>
      {created ? (
        <DialogContent
          title={`Key for ${created.name}`}
          description="Copy it to where it will be used."
          // A click beside the dialog must not lose what can never be shown again.
          dismissable={false}
        >
          <DialogBody>
            <KeyField text={created.key} />
          </DialogBody>
          <DialogFoot>
            <DialogClose>
              <Button variant="primary">Done</Button>
            </DialogClose>
          </DialogFoot>
        </DialogContent>
      ) : (
        <DialogContent
          title="Create API key"
          description={`For ${product.name}. You see the secret once, on the next step.`}
        >
          <CreateKeyForm onCreated={setCreated} />
        </DialogContent>
      )}
    </Dialog>
  )
}

function CreateKeyForm({ onCreated }: { onCreated: (key: CreatedApiKey) => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { id: productId } = useProduct()
  const form = useForm({ resolver, defaultValues: { productId, name: '', scopes: ['ingest'] } })
  const create = useMutation(
    trpc.product.createKey.mutationOptions({
      onSuccess(key) {
        onCreated(key)
        return queryClient.invalidateQueries(trpc.product.listKeys.queryFilter({ productId }))
      },
    }),
  )
  const { errors } = form.formState
  return (
    <form noValidate onSubmit={form.handleSubmit((values) => create.mutate(values))}>
      <DialogBody>
        <Field
          label="Name"
          hint="Say where it runs, so that the next person knows what breaks."
          error={errors.name?.message}
        >
          <Input autoFocus autoComplete="off" {...form.register('name')} />
        </Field>
        <FieldSet label="Scopes" error={errors.scopes ? 'Choose at least one scope.' : undefined}>
          <div className="grid grid-cols-2 gap-2 max-phone:grid-cols-1">
            <ChoiceCard
              type="checkbox"
              title="Ingest"
              detail="Send points"
              value="ingest"
              {...form.register('scopes')}
            />
            <ChoiceCard
              type="checkbox"
              title="Read"
              detail="Query numbers, list metrics"
              value="read"
              {...form.register('scopes')}
            />
          </div>
        </FieldSet>
        <FormProblem error={create.error} />
      </DialogBody>
      <FormDialogFoot submitLabel="Create key" busy={create.isPending} />
    </form>
  )
}
