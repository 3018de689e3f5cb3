import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Metric } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Chip } from '@trackable/ui/chip'
import { Field } from '@trackable/ui/field'
import { InlineError } from '@trackable/ui/inline-error'
import { Input } from '@trackable/ui/input'
import { Select } from '@trackable/ui/select'
import { Sheet, SheetBody, SheetContent, SheetFoot } from '@trackable/ui/sheet'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { Textarea } from '@trackable/ui/textarea'
import { toast } from '@trackable/ui/toast'
import { useId } from 'react'
import { useForm } from 'react-hook-form'
import { lazyResolver } from '../../form'
import { FormProblem } from '../../form-problem'
import { toProblem } from '../../problem'
import { formatDateTime } from '../../time'
import { useTRPC } from '../../trpc'
import { useCanEdit, useProduct } from '../shell/current'

const resolver = lazyResolver(() => import('@trackable/api/client').then((m) => m.UpdateMetric))
/** In the words of people; the values are the API's. */
const AGGREGATION_LABELS: Record<Metric['defaultAggregation'], string> = {
  sum: 'Sum',
  avg: 'Average',
  count: 'Count of points',
  min: 'Smallest',
  max: 'Largest',
  last: 'Last value',
}
const VALUES_SHOWN = 12

/** What a metric is: its unit, how it adds up, and the tags that its points carry. */
export function MetricDrawer({ metric, onClose }: { metric: Metric | undefined; onClose: () => void }) {
  return (
    <Sheet open={metric !== undefined} onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}>
      {metric ? (
        <SheetContent
          title={<code>{metric.name}</code>}
          description={`First seen ${formatDateTime(metric.firstSeenAt)}`}
          width={440}
        >
          <MetricForm key={metric.name} metric={metric} onClose={onClose} />
        </SheetContent>
      ) : null}
    </Sheet>
  )
}

function MetricForm({ metric, onClose }: { metric: Metric; onClose: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const canEdit = useCanEdit()
  const formId = useId()
  const { id: productId } = useProduct()
  const form = useForm({
    resolver,
    defaultValues: {
      productId,
      metric: metric.name,
      unit: metric.unit ?? '',
      description: metric.description ?? '',
      defaultAggregation: metric.defaultAggregation,
    },
  })
  const save = useMutation(
    trpc.metric.update.mutationOptions({
      async onSuccess() {
        await Promise.all([
          queryClient.invalidateQueries(trpc.metric.list.queryFilter({ productId })),
          queryClient.invalidateQueries(trpc.metric.query.pathFilter()),
        ])
        toast.good(`${metric.name} is saved`)
        onClose()
      },
    }),
  )
  const { errors } = form.formState
  return (
    <>
      <SheetBody className="grid content-start gap-5">
        <form
          id={formId}
          noValidate
          onSubmit={form.handleSubmit(({ unit, description, ...values }) =>
            save.mutate({ ...values, unit: unit || null, description: description || null }),
          )}
        >
          <fieldset disabled={!canEdit} className="grid gap-5">
            <div className="grid grid-cols-2 gap-4">
              <Field label="Unit" hint="EUR, ms, %, GB" optional error={errors.unit?.message}>
                <Input autoComplete="off" {...form.register('unit')} />
              </Field>
              <Field label="Aggregation" hint="What charts start with.">
                <Select {...form.register('defaultAggregation')}>
                  {Object.entries(AGGREGATION_LABELS).map(([value, label]) => (
                    <option key={value} value={value}>
                      {label}
                    </option>
                  ))}
                </Select>
              </Field>
            </div>
            <Field label="Description" optional error={errors.description?.message}>
              <Textarea rows={3} {...form.register('description')} />
            </Field>
          </fieldset>
        </form>
        <Tags metric={metric} />
      </SheetBody>
      {canEdit ? (
        <SheetFoot>
          <div className="mr-auto">
            <FormProblem error={save.error} />
          </div>
          <Button type="submit" form={formId} variant="primary" busy={save.isPending}>
            Save changes
          </Button>
        </SheetFoot>
      ) : null}
    </>
  )
}

function Tags({ metric }: { metric: Metric }) {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  const tags = useQuery(trpc.metric.tags.queryOptions({ productId, metric: metric.name }))
  return (
    <section aria-label="Tags">
      <h3 className="mb-2 font-semibold text-13">
        Tags <span className="font-normal text-muted">in {metric.seriesCount.toLocaleString()} series</span>
      </h3>
      {tags.data ? (
        <dl className="grid gap-3">
          {tags.data.map(({ tag, values, valueCount }) => (
            <div key={tag}>
              <dt className="mb-1 flex justify-between text-13">
                <code>{tag}</code>
                <span className="text-12 text-muted tabular-nums">
                  {valueCount.toLocaleString()} {valueCount === 1 ? 'value' : 'values'}
                </span>
              </dt>
              <dd className="flex flex-wrap gap-1">
                {values.slice(0, VALUES_SHOWN).map((value) => (
                  <Chip key={value}>{value === '' ? '(empty)' : value}</Chip>
                ))}
                {valueCount > VALUES_SHOWN ? (
                  <span className="self-center text-12 text-muted">
                    +{(valueCount - VALUES_SHOWN).toLocaleString()}
                  </span>
                ) : null}
              </dd>
            </div>
          ))}
          {tags.data.length === 0 ? (
            <p className="text-13 text-muted">Its points carry no tags. Add some to split charts by them.</p>
          ) : null}
        </dl>
      ) : tags.error ? (
        <InlineError
          title={`The tags could not be read. ${toProblem(tags.error).message}`}
          requestId={toProblem(tags.error).requestId}
          onRetry={() => void tags.refetch()}
          retrying={tags.isFetching}
        />
      ) : (
        <SkeletonGroup label="Loading tags" className="grid gap-3">
          <Skeleton className="h-10" />
          <Skeleton className="h-10" />
        </SkeletonGroup>
      )}
    </section>
  )
}
