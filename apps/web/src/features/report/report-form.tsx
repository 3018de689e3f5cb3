import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { DashboardSummary, Report, ReportSchedule } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { CardFoot } from '@trackable/ui/card'
import { Field } from '@trackable/ui/field'
import { Input } from '@trackable/ui/input'
import { Select } from '@trackable/ui/select'
import { toast } from '@trackable/ui/toast'
import { useForm } from 'react-hook-form'
import { lazyResolver } from '../../form'
import { FormProblem } from '../../form-problem'
import { useNow } from '../../time'
import { useTRPC } from '../../trpc'
import { useCanEdit, useProduct } from '../shell/current'
import { PlannedRuns, usePlan } from './planned-runs'
import { RecipientsField } from './recipients-field'
import { newDraftId } from './report-drafts'
import { ScheduleFields } from './schedule-fields'
import { formatRunDay } from './schedule-words'
import { useKeptForm } from './use-kept-form'

// A change is checked as if it were new: the form always holds all of a report.
const resolver = lazyResolver(() => import('@trackable/api/client').then((m) => m.CreateReport))

// The form's own options hold back what was typed when the report changes elsewhere; here it is to go.
const OVER = { keepDirtyValues: false }

export interface ReportValues {
  productId: string
  dashboardId: string
  name: string
  schedule: ReportSchedule
  recipients: string[]
}

export interface ReportFormProps {
  /** Null for a new one. */
  report: Report | null
  start: ReportValues
  dashboards: readonly DashboardSummary[]
  onSaved: (report: Report) => void
  /** Leaves a new report unmade. */
  onCancel?: () => void
}

/** Name, dashboard, schedule and recipients of a report, with what will come of them beside it. */
export function ReportForm({ report, start, dashboards, onSaved, onCancel }: ReportFormProps) {
  const { weekStart } = useProduct()
  const canEdit = useCanEdit()
  const form = useForm({ resolver, values: start, resetOptions: { keepDirtyValues: true } })
  const kept = useKeptForm(form, report?.id ?? newDraftId(start.productId))
  const save = useSave(report, (saved) => {
    form.reset(valuesOf(saved), OVER)
    kept.forget()
    onSaved(saved)
  })
  const { errors, isDirty, isSubmitted } = form.formState
  const schedule = form.watch('schedule') as ReportSchedule
  const recipients = form.watch('recipients')
  const plan = usePlan(start.productId, schedule)
  const set = { shouldDirty: true, shouldValidate: isSubmitted }
  return (
    <form noValidate onSubmit={form.handleSubmit((values) => save.mutate(values))}>
      <fieldset disabled={!canEdit} className="min-w-0">
        <div className="grid grid-cols-[minmax(0,1fr)_360px] gap-4 p-4 max-desk:grid-cols-1">
          <div className="grid content-start gap-3.5">
            <div className="grid grid-cols-2 gap-2 max-phone:grid-cols-1">
              <Field label="Name" error={errors.name?.message}>
                <Input size={32} autoComplete="off" {...form.register('name')} />
              </Field>
              <Field label="Dashboard" error={errors.dashboardId?.message}>
                <Select size={32} {...form.register('dashboardId')}>
                  {dashboards.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </Select>
              </Field>
            </div>
            <ScheduleFields
              value={schedule}
              weekStart={weekStart}
              disabled={!canEdit}
              onChange={(next) => form.setValue('schedule', next, set)}
            />
          </div>
          <PlannedRuns {...plan} />
        </div>
        <div className="px-4 pb-4">
          <RecipientsField
            value={recipients}
            disabled={!canEdit}
            error={errors.recipients?.root?.message ?? errors.recipients?.message}
            onChange={(next) => form.setValue('recipients', next, set)}
          />
          <div className="mt-3 empty:hidden">
            <FormProblem error={save.error} />
          </div>
        </div>
      </fieldset>
      {canEdit ? (
        <CardFoot note={<FootNote isNew={!report} isDirty={isDirty} plan={plan} />}>
          {report ? (
            <Button variant="ghost" disabled={!isDirty} onClick={() => form.reset(start, OVER)}>
              Discard
            </Button>
          ) : (
            <Button
              variant="ghost"
              onClick={() => {
                kept.forget()
                onCancel?.()
              }}
            >
              Cancel
            </Button>
          )}
          <Button type="submit" variant="primary" disabled={report !== null && !isDirty} busy={save.isPending}>
            {report ? 'Save schedule' : 'Create report'}
          </Button>
        </CardFoot>
      ) : null}
    </form>
  )
}

function FootNote({ isNew, isDirty, plan }: { isNew: boolean; isDirty: boolean; plan: ReturnType<typeof usePlan> }) {
  const now = useNow(60_000)
  const next = plan.plan.data?.[0]
  if (!next) return null
  const day = formatRunDay(next.runAt, plan.schedule.zone, now)
  if (isNew) return <>The first mail goes out on {day}.</>
  return isDirty ? <>Changes count from the run on {day}. Preview and tests show what is saved.</> : <>All saved</>
}

export const valuesOf = ({ productId, dashboardId, name, schedule, recipients }: Report): ReportValues => ({
  productId,
  dashboardId,
  name,
  schedule,
  recipients,
})

function useSave(report: Report | null, onSaved: (report: Report) => void) {
  const trpc = useTRPC()
  const client = useQueryClient()
  const create = useMutation(trpc.report.create.mutationOptions())
  const update = useMutation(trpc.report.update.mutationOptions())
  return useMutation({
    mutationFn: ({ productId, ...values }: ReportValues) =>
      report ? update.mutateAsync({ reportId: report.id, ...values }) : create.mutateAsync({ productId, ...values }),
    async onSuccess(saved) {
      await client.invalidateQueries(trpc.report.list.queryFilter({ productId: saved.productId }))
      onSaved(saved)
      toast.good(report ? `${saved.name} is saved` : `${saved.name} is scheduled`)
    },
  })
}
