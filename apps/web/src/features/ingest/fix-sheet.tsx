import { useMutation } from '@tanstack/react-query'
import type { RejectedRow, RouterInputs } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { CodeBlock } from '@trackable/ui/code-block'
import { Field } from '@trackable/ui/field'
import { InlineError } from '@trackable/ui/inline-error'
import { Input } from '@trackable/ui/input'
import { Sheet, SheetBody, SheetContent, SheetFoot } from '@trackable/ui/sheet'
import { Textarea } from '@trackable/ui/textarea'
import { toast } from '@trackable/ui/toast'
import { type FormEvent, useState } from 'react'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useProduct } from '../shell/current'
import { type FixDraft, type FixField, fieldOf, readFixDraft, toFixDraft } from './fix-draft'
import { REJECT_LABELS } from './reject-words'
import type { useRejectedActions } from './use-rejected'

export interface FixSheetProps {
  row: RejectedRow
  actions: ReturnType<typeof useRejectedActions>
  onClose: () => void
}

/** One rejected point: why it was refused, what was sent, and fields to mend it in. */
export function FixSheet({ row, actions, onClose }: FixSheetProps) {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  const [draft, setDraft] = useState(() => toFixDraft(row))
  const [touched, setTouched] = useState<ReadonlySet<FixField>>(new Set())
  const fix = useMutation(
    trpc.ingest.fixRejected.mutationOptions({
      async onSuccess({ isStored }) {
        if (!isStored) return
        await actions.refresh()
        toast.good('1 point stored')
        onClose()
      },
    }),
  )
  const read = readFixDraft(draft)
  const blamed = fieldOf(row.pointer)
  const set = (field: FixField) => (text: string) => {
    fix.reset()
    setTouched((before) => new Set(before).add(field))
    setDraft((before: FixDraft) => ({ ...before, [field]: text }))
  }
  /** What the server said stays until the field is changed; from then on the form speaks. */
  const errorOf = (field: FixField) =>
    touched.has(field) || fix.isError ? read.errors?.[field] : field === blamed ? row.detail : undefined
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTouched(new Set<FixField>(['metric', 'value', 'timestamp', 'tags', 'id']))
    if (!read.point) return
    // The schema of the API checks it once more, there.
    fix.mutate({ productId, id: row.id, point: read.point as RouterInputs['ingest']['fixRejected']['point'] })
  }
  return (
    <Sheet open onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}>
      <SheetContent title="Fix the point" description={REJECT_LABELS[row.code]} width={440}>
        <form className="flex min-h-0 flex-1 flex-col" onSubmit={submit} noValidate>
          <SheetBody className="grid grid-cols-[minmax(0,1fr)] content-start gap-5">
            {blamed === null ? <InlineError compact title={row.detail} /> : null}
            <PointFields draft={draft} set={set} errorOf={errorOf} />
            <section aria-label="What was sent">
              <h3 className="mb-2 font-medium text-13">What was sent</h3>
              <CodeBlock samples={[{ id: 'raw', label: row.format, code: row.raw, lang: 'text' }]} />
            </section>
            <Outcome error={fix.error} refusal={fix.data?.isStored === false ? fix.data.detail : null} />
          </SheetBody>
          <SheetFoot>
            <Button
              variant="ghost"
              className="mr-auto"
              onClick={() => {
                actions.dismiss({ ids: [row.id] })
                onClose()
              }}
            >
              Dismiss
            </Button>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" busy={fix.isPending}>
              Send point
            </Button>
          </SheetFoot>
        </form>
      </SheetContent>
    </Sheet>
  )
}

interface PointFieldsProps {
  draft: FixDraft
  set: (field: FixField) => (text: string) => void
  errorOf: (field: FixField) => string | undefined
}

function PointFields({ draft, set, errorOf }: PointFieldsProps) {
  const text = (field: FixField) => ({
    value: draft[field],
    onChange: (event: { target: { value: string } }) => set(field)(event.target.value),
    autoComplete: 'off',
    spellCheck: false,
  })
  return (
    <>
      <Field label="Metric" error={errorOf('metric')}>
        <Input mono {...text('metric')} />
      </Field>
      <Field label="Value" error={errorOf('value')}>
        <Input mono inputMode="decimal" {...text('value')} />
      </Field>
      <Field
        label="Time"
        optional
        hint="ISO 8601 with an offset, or epoch seconds. Empty: now."
        error={errorOf('timestamp')}
      >
        <Input mono {...text('timestamp')} />
      </Field>
      <Field label="Tags" optional hint="One in a line, such as plan=Solo." error={errorOf('tags')}>
        <Textarea mono rows={3} {...text('tags')} />
      </Field>
      <Field label="Id" optional hint="The same id is stored once." error={errorOf('id')}>
        <Input mono {...text('id')} />
      </Field>
    </>
  )
}

function Outcome({ error, refusal }: { error: unknown; refusal: string | null }) {
  if (refusal) return <InlineError title="Refused again" detail={refusal} />
  if (!error) return null
  const problem = toProblem(error)
  return <InlineError compact title={problem.message} requestId={problem.requestId} />
}
