import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Team } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Field } from '@trackable/ui/field'
import { Input } from '@trackable/ui/input'
import { useForm } from 'react-hook-form'
import { useNavigate, useSearchParams } from 'react-router'
import { lazyResolver } from '../../form'
import { FormProblem } from '../../form-problem'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { useTRPC, useTRPCClient } from '../../trpc'
import { NotFound } from '../shell/not-found'
import { PageLoading } from '../shell/page-loading'
import { RouteError } from '../shell/route-error'
import { CalendarFields } from './calendar-fields'
import { DemoButton } from './demo-button'
import { freshKeys } from './fresh-keys'
import { OnboardingFrame } from './onboarding-frame'
import { browserWeekStart, browserZone } from './zones'

const resolver = lazyResolver(() => import('@trackable/api/client').then((m) => m.CreateProduct))
const FIRST_KEY_NAME = 'First key'

/** Step one: a product is what a team measures, with its own metrics, keys and dashboards. */
export default function NewProductPage() {
  const trpc = useTRPC()
  const [search] = useSearchParams()
  const teams = useQuery(trpc.team.list.queryOptions())
  if (!teams.data) {
    if (teams.error) return <RouteError error={teams.error} onRetry={teams.refetch} retrying={teams.isFetching} />
    return <PageLoading />
  }
  const wanted = search.get('team')
  const team = wanted ? teams.data.find((t) => t.id === wanted) : teams.data.find((t) => t.role !== 'viewer')
  if (!team) return <NotFound />
  return <NewProduct team={team} />
}

function NewProduct({ team }: { team: Team }) {
  const trpc = useTRPC()
  const products = useQuery(trpc.product.list.queryOptions({ teamId: team.id }))
  const isFirst = products.data?.length === 0
  return (
    <OnboardingFrame step={0} title="New product" laterTo={products.data?.length ? paths.home() : undefined}>
      <main id="main" className="mx-auto w-full max-w-136 px-gutter pt-10 pb-8">
        <h1 className="font-semibold text-28 leading-9 tracking-[-0.022em]">
          {isFirst ? 'Name your first product' : `New product of ${team.name}`}
        </h1>
        <p className="text-muted">An app, a shop, a team: whatever has numbers of its own.</p>
        <div className="mt-6 rounded-card border border-line bg-card p-6">
          <NewProductForm team={team} />
        </div>
        <DemoButton teamId={team.id} />
      </main>
    </OnboardingFrame>
  )
}

function NewProductForm({ team }: { team: Team }) {
  const create = useCreateProduct()
  const form = useForm({
    resolver,
    defaultValues: { teamId: team.id, name: '', zone: browserZone(), weekStart: browserWeekStart() },
  })
  const submit = form.handleSubmit((values) =>
    create.mutate(values, {
      onError(error) {
        const { code, message } = toProblem(error)
        if (code === 'name_taken') form.setError('name', { message }, { shouldFocus: true })
      },
    }),
  )
  const { errors } = form.formState
  const isNameTaken = create.error !== null && toProblem(create.error).code === 'name_taken'
  const [zone, weekStart] = form.watch(['zone', 'weekStart'])
  return (
    <form noValidate onSubmit={submit} className="grid gap-5">
      <Field label="Name" error={errors.name?.message}>
        <Input autoFocus autoComplete="off" {...form.register('name')} />
      </Field>
      <div className="grid grid-cols-2 gap-4 max-phone:grid-cols-1">
        <CalendarFields
          zone={zone ?? 'UTC'}
          onZoneChange={(value) => form.setValue('zone', value, { shouldDirty: true })}
          zoneError={errors.zone?.message}
          weekStart={weekStart ?? 1}
          onWeekStartChange={(value) => form.setValue('weekStart', value, { shouldDirty: true })}
        />
      </div>
      <FormProblem error={isNameTaken ? null : create.error} />
      <div>
        <Button type="submit" variant="primary" size={36} busy={create.isPending}>
          Create product
        </Button>
      </div>
    </form>
  )
}

/** Makes the product and the key of its first steps. A failed key is no failed product: the next page offers another. */
function useCreateProduct() {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  return useMutation(
    trpc.product.create.mutationOptions({
      async onSuccess(product) {
        queryClient.setQueryData(trpc.product.get.queryKey({ productId: product.id }), product)
        try {
          const key = await client.product.createKey.mutate({ productId: product.id, name: FIRST_KEY_NAME })
          freshKeys.set(product.id, key)
        } catch {
          // The page that follows shows "Create a key" when it finds none.
        }
        navigate(paths.start(product.id))
        // Only now: this page speaks of the first product until it is left.
        void queryClient.invalidateQueries(trpc.product.list.pathFilter())
      },
    }),
  )
}
