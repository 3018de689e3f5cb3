import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Product } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Card } from '@trackable/ui/card'
import { CopyButton } from '@trackable/ui/copy-button'
import { Field } from '@trackable/ui/field'
import { Input } from '@trackable/ui/input'
import { toast } from '@trackable/ui/toast'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { lazyResolver } from '../../form'
import { FormProblem } from '../../form-problem'
import { formatDate } from '../../time'
import { useTRPC } from '../../trpc'
import { useProduct, useTeam } from '../shell/current'
import { useTitle } from '../shell/use-title'
import { CalendarFields } from './calendar-fields'
import { RetentionField } from './retention-field'

const resolver = lazyResolver(() => import('@trackable/api/client').then((m) => m.UpdateProduct))

/** Name and calendar of the product, and how long its raw points are kept. */
export default function ProductSettingsPage() {
  const product = useProduct()
  useTitle('General', 'Settings', product.name)
  return (
    <div className="grid max-w-160 gap-4">
      <div>
        <h2 className="font-semibold text-16 leading-6 tracking-[-0.011em]">General</h2>
        <p className="text-13 text-muted">
          Name of {product.name}, where its days and weeks are cut, and how long its raw points are kept.
        </p>
      </div>
      <Card className="p-6">
        <ProductForm key={product.id} product={product} />
      </Card>
      <p className="flex flex-wrap items-center gap-x-1.5 text-12 text-muted">
        Product <code>{product.id}</code>
        <CopyButton iconOnly text={product.id} label="Copy the product id" />
        <span>Created {formatDate(product.createdAt)}</span>
      </p>
    </div>
  )
}

function ProductForm({ product }: { product: Product }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { role } = useTeam()
  // The server lets nobody else: a new zone cuts every chart anew, and points that are dropped are gone.
  const canEdit = role === 'owner' || role === 'admin'
  const { id: productId, name, zone, weekStart, fiscalYearStart, retentionDays } = product
  const form = useForm({ resolver, values: { productId, name, zone, weekStart, fiscalYearStart, retentionDays } })
  const [isCounted, setCounted] = useState(true)
  // What was typed and is not a number is no part of the form's values.
  const [discards, setDiscards] = useState(0)
  const save = useMutation(
    trpc.product.update.mutationOptions({
      async onSuccess(saved) {
        queryClient.setQueryData(trpc.product.get.queryKey({ productId }), saved)
        const { name, zone, weekStart, fiscalYearStart, retentionDays } = saved
        form.reset({ productId, name, zone, weekStart, fiscalYearStart, retentionDays })
        // A new zone or week start cuts every chart anew.
        await Promise.all([
          queryClient.invalidateQueries(trpc.product.list.pathFilter()),
          queryClient.invalidateQueries(trpc.metric.query.pathFilter()),
          queryClient.invalidateQueries(trpc.dashboard.get.pathFilter()),
        ])
        toast.good('Settings saved')
      },
    }),
  )
  const { errors, isDirty } = form.formState
  const [zoneNow, weekStartNow, fiscalNow, daysNow = retentionDays] = form.watch([
    'zone',
    'weekStart',
    'fiscalYearStart',
    'retentionDays',
  ])
  const discard = () => {
    form.reset()
    setDiscards(discards + 1)
  }
  return (
    <form noValidate onSubmit={form.handleSubmit((values) => save.mutate(values))}>
      <fieldset disabled={!canEdit} className="grid gap-5">
        <Field label="Name" error={errors.name?.message}>
          <Input autoComplete="off" {...form.register('name')} />
        </Field>
        <div className="grid grid-cols-2 gap-4 max-phone:grid-cols-1">
          <CalendarFields
            zone={zoneNow ?? zone}
            onZoneChange={(value) => form.setValue('zone', value, { shouldDirty: true })}
            zoneError={errors.zone?.message}
            weekStart={weekStartNow ?? weekStart}
            onWeekStartChange={(value) => form.setValue('weekStart', value, { shouldDirty: true })}
            fiscalYearStart={fiscalNow ?? fiscalYearStart}
            onFiscalYearStartChange={(value) => form.setValue('fiscalYearStart', value, { shouldDirty: true })}
          />
        </div>
        <RetentionField
          key={discards}
          productId={productId}
          zone={zone}
          saved={retentionDays}
          value={daysNow}
          onValueChange={(days) => form.setValue('retentionDays', days, { shouldDirty: true })}
          error={errors.retentionDays ? 'Enter a whole number of days, at most a hundred years.' : undefined}
          onReady={setCounted}
        />
        <FormProblem error={save.error} />
        {canEdit ? (
          <div className="flex gap-2">
            <Button type="submit" variant="primary" size={36} disabled={!isDirty || !isCounted} busy={save.isPending}>
              Save changes
            </Button>
            {isDirty ? (
              <Button variant="ghost" size={36} onClick={discard}>
                Discard
              </Button>
            ) : null}
          </div>
        ) : (
          <p className="text-13 text-muted">You can look at this product. An admin of the team can change it.</p>
        )}
      </fieldset>
    </form>
  )
}
