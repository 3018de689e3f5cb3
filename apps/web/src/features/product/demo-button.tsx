import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from '@trackable/ui/button'
import { InlineError } from '@trackable/ui/inline-error'
import { ProgressBar } from '@trackable/ui/progress-bar'
import { FlaskConical } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useNavigate } from 'react-router'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'

/** Often enough for a bar that moves, seldom enough for a server that is busy writing. */
const POLL_MS = 500

/** Fills a demo product through the same doors as real data, and opens it. */
export function DemoButton({ teamId }: { teamId: string }) {
  const { start, progress, isRunning } = useDemo(teamId)
  const failure = start.error ? toProblem(start.error) : null
  return (
    <div className="mt-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-3 rounded-card border border-line px-6 py-4">
      <div className="min-w-0 flex-1 basis-52">
        <p className="font-medium text-13">No data at hand?</p>
        <p className="text-13 text-muted">
          {isRunning
            ? (progress?.detail ?? 'Writing points…')
            : 'A made-up company with three products and a year of numbers.'}
        </p>
      </div>
      {isRunning ? (
        <ProgressBar value={progress?.fraction ?? 0} label="Demo data" className="w-44" />
      ) : (
        <Button icon={<FlaskConical aria-hidden />} busy={start.isPending} onClick={() => start.mutate({ teamId })}>
          Explore with demo data
        </Button>
      )}
      {failure ? <InlineError compact title={failure.message} requestId={failure.requestId} /> : null}
      {progress?.status === 'failed' && !isRunning ? (
        <InlineError compact title={progress.detail ?? 'The demo data could not be written.'} />
      ) : null}
    </div>
  )
}

/** Starts the seed, follows it, and goes to the product that it made. */
function useDemo(teamId: string) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const before = useRef<Set<string> | null>(null)
  const progressQuery = useQuery(
    trpc.admin.demoProgress.queryOptions(
      { teamId },
      { refetchInterval: (query) => (query.state.data?.status === 'running' ? POLL_MS : false) },
    ),
  )
  const start = useMutation(
    trpc.admin.seedDemo.mutationOptions({
      async onMutate() {
        const list = await queryClient.fetchQuery(trpc.product.list.queryOptions({ teamId }))
        before.current = new Set(list.map((product) => product.id))
      },
      onSuccess: (progress) => {
        queryClient.setQueryData(trpc.admin.demoProgress.queryKey({ teamId }), progress)
        return queryClient.invalidateQueries(trpc.admin.demoProgress.queryFilter({ teamId }))
      },
    }),
  )
  const progress = progressQuery.data
  const isDone = progress?.status === 'done' && before.current !== null && !start.isPending
  useEffect(() => {
    if (!isDone) return
    const known = before.current
    before.current = null
    void (async () => {
      const list = await queryClient.fetchQuery(trpc.product.list.queryOptions({ teamId }, { staleTime: 0 }))
      // The demo's main product is made first. A team that had the demo already gets its newest product shown.
      const made = list.find((product) => !known?.has(product.id)) ?? list.at(-1)
      if (made) navigate(paths.product(made.id))
    })()
  }, [isDone, navigate, queryClient, teamId, trpc])
  return { start, progress, isRunning: progress?.status === 'running' || isDone }
}
