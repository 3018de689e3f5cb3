import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Metric, Widget } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Card } from '@trackable/ui/card'
import { ChoiceCard } from '@trackable/ui/choice-card'
import { Field } from '@trackable/ui/field'
import { Input } from '@trackable/ui/input'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { type FormEvent, useState } from 'react'
import { useNavigate } from 'react-router'
import { FormProblem } from '../../form-problem'
import { paths } from '../../paths'
import { useTRPC } from '../../trpc'
import { useProduct } from '../shell/current'
import { useProposal } from './use-proposal'

const NAME_CHARS_MAX = 80

/** A first dashboard from the metrics that arrived: every widget can be left out, and the name changed. */
export function ProposalCard({ metrics }: { metrics: Metric[] }) {
  const product = useProduct()
  const proposal = useProposal(product.id, metrics)
  const [leftOut, setLeftOut] = useState<ReadonlySet<string>>(new Set())
  const create = useCreateDashboard(product.id)
  const chosen = (proposal ?? []).filter((widget) => !leftOut.has(widget.id))
  const toggle = (id: string) =>
    setLeftOut((before) => {
      const after = new Set(before)
      if (!after.delete(id)) after.add(id)
      return after
    })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const typed = String(new FormData(event.currentTarget).get('name') ?? '').trim()
    create.mutate({ productId: product.id, name: typed || 'Overview', widgets: closeGaps(chosen) })
  }
  return (
    <Card className="p-5" aria-label="A dashboard from what arrived">
      <div className="mb-3 flex items-baseline justify-between gap-4">
        <h2 className="font-semibold text-16 leading-6 tracking-[-0.011em]">A dashboard from what arrived</h2>
        {proposal ? (
          <span className="flex-none text-12 text-muted tabular-nums">
            {chosen.length} of {proposal.length} chosen
          </span>
        ) : null}
      </div>
      {proposal ? <Choices proposal={proposal} leftOut={leftOut} onToggle={toggle} /> : <ChoicesLoading />}
      <form onSubmit={submit} className="mt-4 grid gap-3">
        <Field label="Dashboard name">
          <Input
            name="name"
            autoComplete="off"
            maxLength={NAME_CHARS_MAX}
            defaultValue={`${product.name} overview`.slice(0, NAME_CHARS_MAX)}
          />
        </Field>
        <FormProblem error={create.error} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button size={36} onClick={() => create.mutate({ productId: product.id, name: product.name, widgets: [] })}>
            Start empty
          </Button>
          <Button type="submit" variant="primary" size={36} busy={create.isPending} disabled={chosen.length === 0}>
            Create dashboard
          </Button>
        </div>
      </form>
    </Card>
  )
}

function Choices({
  proposal,
  leftOut,
  onToggle,
}: {
  proposal: Widget[]
  leftOut: ReadonlySet<string>
  onToggle: (id: string) => void
}) {
  return (
    <ul className="grid grid-cols-2 gap-2 max-phone:grid-cols-1">
      {proposal.map((widget) => (
        <li key={widget.id} className={widget.type === 'number' ? undefined : 'col-span-full'}>
          <ChoiceCard
            type="checkbox"
            checked={!leftOut.has(widget.id)}
            onChange={() => onToggle(widget.id)}
            className="h-full"
            title={widget.title}
            detail={
              <>
                {widget.type} of <code className="break-all">{widget.metric}</code>
              </>
            }
          />
        </li>
      ))}
    </ul>
  )
}

function ChoicesLoading() {
  return (
    <SkeletonGroup label="Laying out a dashboard" className="grid grid-cols-2 gap-2">
      <Skeleton className="h-15 rounded-[10px]" />
      <Skeleton className="h-15 rounded-[10px]" />
      <Skeleton className="col-span-full h-15 rounded-[10px]" />
    </SkeletonGroup>
  )
}

/** Rows that lost all their widgets close up; inside a row a gap stays, as it does when a widget is deleted later. */
function closeGaps(widgets: Widget[]): Widget[] {
  const rows = [...new Set(widgets.map((widget) => widget.layout.y))].sort((a, b) => a - b)
  let y = 0
  return rows.flatMap((top) => {
    const row = widgets.filter((widget) => widget.layout.y === top)
    const placed = row.map((widget) => ({ ...widget, layout: { ...widget.layout, y } }))
    y += Math.max(...row.map((widget) => widget.layout.h))
    return placed
  })
}

function useCreateDashboard(productId: string) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  return useMutation(
    trpc.dashboard.create.mutationOptions({
      async onSuccess(dashboard) {
        queryClient.setQueryData(trpc.dashboard.get.queryKey({ dashboardId: dashboard.id }), dashboard)
        await queryClient.invalidateQueries(trpc.dashboard.list.queryFilter({ productId }))
        navigate(paths.dashboard(productId, dashboard.id))
      },
    }),
  )
}
