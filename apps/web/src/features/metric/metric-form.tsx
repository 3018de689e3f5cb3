import { useMutation, useQueryClient } from '@tanstack/react-query'
import {
  AGGREGATION_LABELS,
  KIND_LABELS,
  type Metric,
  type MetricDetail,
  type MetricKind,
  offeredAggregations,
  type UpdateMetric,
} from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Field } from '@trackable/ui/field'
import { Input } from '@trackable/ui/input'
import { Select } from '@trackable/ui/select'
import { Sheet, SheetBody, SheetContent, SheetFoot } from '@trackable/ui/sheet'
import { Textarea } from '@trackable/ui/textarea'
import { toast } from '@trackable/ui/toast'
import { type FormEvent, useState } from 'react'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useProduct } from '../shell/current'
import { CADENCE_UNITS, formatCadence, splitCadence } from './freshness'

type Change = Omit<UpdateMetric, 'productId' | 'metric'>

/** What the fields hold: text, as it is typed. */
interface Draft {
  displayName: string
  unit: string
  description: string
  kind: MetricKind | ''
  defaultAggregation: Metric['defaultAggregation']
  cadence: string
  cadenceUnitS: string
  retention: string
}

/** Everything of a metric that people say. Saving closes at once; an undo stands in the notice. */
export function MetricForm({ detail, onClose }: { detail: MetricDetail; onClose: () => void }) {
  const [draft, setDraft] = useState(() => toDraft(detail))
  const [wasSubmitted, setWasSubmitted] = useState(false)
  const update = useUpdateMetric(detail)
  const set = <K extends keyof Draft>(key: K, value: Draft[K]) => setDraft((before) => ({ ...before, [key]: value }))
  const errors = findErrors(draft)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setWasSubmitted(true)
    if (Object.keys(errors).length > 0) return
    update(toChange(draft))
    onClose()
  }
  const errorOf = (key: keyof Draft) => (wasSubmitted ? errors[key] : undefined)
  return (
    <Sheet open onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}>
      <SheetContent title="Edit metric" description={<code>{detail.name}</code>} width={440}>
        <form className="flex min-h-0 flex-1 flex-col" onSubmit={submit} noValidate>
          <SheetBody className="grid grid-cols-[minmax(0,1fr)] content-start gap-5">
            <Field
              label="Display name"
              hint="What lists show in place of the name."
              optional
              error={errorOf('displayName')}
            >
              <Input
                value={draft.displayName}
                maxLength={80}
                autoComplete="off"
                onChange={(event) => set('displayName', event.target.value)}
              />
            </Field>
            <Field label="Description" optional>
              <Textarea
                rows={3}
                maxLength={500}
                value={draft.description}
                onChange={(event) => set('description', event.target.value)}
              />
            </Field>
            <div className="grid grid-cols-2 gap-4">
              <KindField draft={draft} set={set} />
              <Field label="Unit" hint="EUR, ms, %, GB" optional error={errorOf('unit')}>
                <Input
                  value={draft.unit}
                  maxLength={20}
                  autoComplete="off"
                  onChange={(event) => set('unit', event.target.value)}
                />
              </Field>
            </div>
            <AggregationField draft={draft} set={set} />
            <CadenceField detail={detail} draft={draft} set={set} error={errorOf('cadence')} />
            <Field
              label="Keep raw points for"
              optional
              aside="days"
              hint={keepHint(detail)}
              error={errorOf('retention')}
            >
              <Input
                inputMode="numeric"
                placeholder="As the product says"
                value={draft.retention}
                onChange={(event) => set('retention', event.target.value)}
              />
            </Field>
          </SheetBody>
          <SheetFoot>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="primary">
              Save changes
            </Button>
          </SheetFoot>
        </form>
      </SheetContent>
    </Sheet>
  )
}

interface PartProps {
  draft: Draft
  set: <K extends keyof Draft>(key: K, value: Draft[K]) => void
}

function KindField({ draft, set }: PartProps) {
  return (
    <Field label="Kind" hint="Decides what charts offer.">
      <Select value={draft.kind} onChange={(event) => set('kind', event.target.value as Draft['kind'])}>
        <option value="">Not said</option>
        {Object.entries(KIND_LABELS).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
    </Field>
  )
}

function AggregationField({ draft, set }: PartProps) {
  return (
    <Field label="Aggregation" hint="What charts start with.">
      <Select
        value={draft.defaultAggregation}
        onChange={(event) => set('defaultAggregation', event.target.value as Draft['defaultAggregation'])}
      >
        {offeredAggregations(draft.kind || null, draft.defaultAggregation).map((value) => (
          <option key={value} value={value}>
            {AGGREGATION_LABELS[value]}
          </option>
        ))}
      </Select>
    </Field>
  )
}

function CadenceField({ detail, draft, set, error }: PartProps & { detail: MetricDetail; error: string | undefined }) {
  const learned = detail.isCadenceDeclared || detail.cadenceMs === null ? null : formatCadence(detail.cadenceMs)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_8rem] items-start gap-2">
      <Field
        label="A point arrives every"
        optional
        hint={learned ? `Left empty it is learned: ${learned}.` : 'Left empty it is learned from what arrives.'}
        error={error}
      >
        <Input
          inputMode="numeric"
          placeholder="Learned"
          value={draft.cadence}
          onChange={(event) => set('cadence', event.target.value)}
        />
      </Field>
      <Field label="Unit of time" hideLabel className="pt-[26px]">
        <Select value={draft.cadenceUnitS} onChange={(event) => set('cadenceUnitS', event.target.value)}>
          {CADENCE_UNITS.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
    </div>
  )
}

const keepHint = ({ productRetentionDays }: MetricDetail) =>
  `Daily sums stay for good. Left empty: ${productRetentionDays === null ? 'for ever' : `${productRetentionDays.toLocaleString()} days, as the product says`}.`

function toDraft(detail: MetricDetail): Draft {
  const cadence = detail.cadenceS === null ? null : splitCadence(detail.cadenceS)
  return {
    displayName: detail.displayName ?? '',
    unit: detail.unit ?? '',
    description: detail.description ?? '',
    kind: detail.kind ?? '',
    defaultAggregation: detail.defaultAggregation,
    cadence: cadence ? String(cadence.count) : '',
    cadenceUnitS: String(cadence?.unitS ?? 60),
    retention: detail.retentionDays === null ? '' : String(detail.retentionDays),
  }
}

const WHOLE = /^[1-9]\d{0,8}$/
const YEAR_S = 366 * 86_400
/** A hundred years. */
const RETENTION_DAYS_MAX = 36_525

function findErrors(draft: Draft): Partial<Record<keyof Draft, string>> {
  const cadence = draft.cadence.trim()
  const retention = draft.retention.trim()
  return {
    ...(cadence !== '' && (!WHOLE.test(cadence) || Number(cadence) * Number(draft.cadenceUnitS) > YEAR_S)
      ? { cadence: 'Enter a whole number, at most a year in all.' }
      : {}),
    ...(retention !== '' && (!WHOLE.test(retention) || Number(retention) > RETENTION_DAYS_MAX)
      ? { retention: 'Enter a whole number of days.' }
      : {}),
  }
}

function toChange(draft: Draft): Change {
  const cadence = draft.cadence.trim()
  const retention = draft.retention.trim()
  return {
    displayName: draft.displayName.trim() || null,
    unit: draft.unit.trim() || null,
    description: draft.description.trim() || null,
    kind: draft.kind || null,
    defaultAggregation: draft.defaultAggregation,
    cadenceS: cadence === '' ? null : Number(cadence) * Number(draft.cadenceUnitS),
    retentionDays: retention === '' ? null : Number(retention),
  }
}

/** Changes what the page shows at once, and takes it back when the server refuses. */
export function useUpdateMetric(detail: MetricDetail): (change: Change) => void {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { id: productId } = useProduct()
  const { queryKey } = trpc.metric.get.queryOptions({ productId, metric: detail.name })
  const { mutate } = useMutation(
    trpc.metric.update.mutationOptions({
      async onMutate({ productId: _, metric: __, ...change }) {
        await queryClient.cancelQueries({ queryKey })
        const before = queryClient.getQueryData(queryKey)
        queryClient.setQueryData(queryKey, (known) => known && { ...known, ...change })
        return { before }
      },
      onError(error, _, context) {
        queryClient.setQueryData(queryKey, context?.before)
        toast.bad(`Not saved. ${toProblem(error).message}`)
      },
      onSettled: () =>
        Promise.all([
          queryClient.invalidateQueries({ queryKey }),
          queryClient.invalidateQueries(trpc.metric.list.queryFilter({ productId })),
          queryClient.invalidateQueries(trpc.metric.catalogue.queryFilter({ productId })),
          queryClient.invalidateQueries(trpc.metric.query.pathFilter()),
        ]),
    }),
  )
  const send = (change: Change) => mutate({ productId, metric: detail.name, ...change })
  return (change) => {
    const before = toChange(toDraft(detail))
    send(change)
    toast.good('Saved', {
      action: { label: 'Undo', onSelect: () => send({ ...before, isHidden: detail.isHidden }) },
    })
  }
}
