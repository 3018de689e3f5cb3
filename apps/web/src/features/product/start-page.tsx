import { useQuery } from '@tanstack/react-query'
import { Badge } from '@trackable/ui/badge'
import { CodeBlock } from '@trackable/ui/code-block'
import { InlineError } from '@trackable/ui/inline-error'
import { useState } from 'react'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useCanEdit, useProduct } from '../shell/current'
import { NotFound } from '../shell/not-found'
import { PageLoading } from '../shell/page-loading'
import { RouteError } from '../shell/route-error'
import { FirstKeyCard } from './first-key-card'
import { freshKeys } from './fresh-keys'
import { OnboardingFrame } from './onboarding-frame'
import { ReceivedStep } from './received-step'
import { KEY_PLACEHOLDER, sendSamples } from './samples'
import { useAttempts } from './use-attempts'
import { WaitingCard } from './waiting-card'

/** Steps two and three of a product: send a point, then get a dashboard. The first point moves the page on by itself. */
export default function StartPage() {
  const trpc = useTRPC()
  const product = useProduct()
  const canEdit = useCanEdit()
  const metrics = useQuery(trpc.metric.list.queryOptions({ productId: product.id }))
  const { attempts, error } = useAttempts(product.id)
  if (!canEdit) return <NotFound />
  if (!metrics.data) {
    if (!metrics.error) return <PageLoading />
    return <RouteError error={metrics.error} onRetry={metrics.refetch} retrying={metrics.isFetching} />
  }
  const isReceived = metrics.data.length > 0
  return (
    <OnboardingFrame
      step={isReceived ? 2 : 1}
      title={isReceived ? 'First point received' : 'Send a point'}
      laterTo={paths.metrics(product.id)}
    >
      {isReceived ? <ReceivedStep metrics={metrics.data} /> : <SendStep attempts={attempts} error={error} />}
    </OnboardingFrame>
  )
}

function SendStep({ attempts, error }: Pick<ReturnType<typeof useAttempts>, 'attempts' | 'error'>) {
  const product = useProduct()
  const [apiKey, setApiKey] = useState(() => freshKeys.get(product.id))
  const problem = error ? toProblem(error) : null
  return (
    <main
      id="main"
      className="mx-auto grid max-w-284 grid-cols-[minmax(0,1fr)_22.5rem] items-start gap-6 px-gutter pt-10 pb-8 max-laptop:grid-cols-1"
    >
      <div className="grid min-w-0 gap-4">
        <div className="mb-2">
          <h1 className="font-semibold text-28 leading-9 tracking-[-0.022em]">
            Send the first point to {product.name}
          </h1>
          <p className="text-muted">
            Any HTTP client will do. A point is a name and a number; tags and a time are optional.
          </p>
        </div>
        <FirstKeyCard productId={product.id} apiKey={apiKey} onCreate={setApiKey} />
        <CodeBlock
          samples={sendSamples(window.location.origin, apiKey?.key ?? KEY_PLACEHOLDER)}
          footer={
            <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
              <Badge tone="good">200</Badge>
              <code>{'{ "accepted": 1, "duplicates": 0, "rejected": [] }'}</code>
              <span className="ml-auto text-12 text-muted">Answered after the point is on disk</span>
            </div>
          }
        />
      </div>
      <div className="grid min-w-0 gap-4">
        <WaitingCard keyText={apiKey?.key} attempts={attempts} />
        {problem ? <InlineError title={problem.message} requestId={problem.requestId} /> : null}
      </div>
    </main>
  )
}
