import { useMutation } from '@tanstack/react-query'
import { Badge } from '@trackable/ui/badge'
import { Button } from '@trackable/ui/button'
import { InlineError } from '@trackable/ui/inline-error'
import { useState } from 'react'
import { Link } from 'react-router'
import { paths } from '../../paths'
import { formatClock, formatStopwatch, useNow } from '../../time'
import { useProduct } from '../shell/current'
import type { Attempt } from './use-attempts'

/** Listens, and shows each request with its answer, so that a wrong one explains itself. */
export function WaitingCard({ keyText, attempts }: { keyText: string | undefined; attempts: Attempt[] }) {
  const product = useProduct()
  const [since] = useState(Date.now)
  const now = useNow(1_000)
  const test = useMutation({ mutationFn: sendTestPoint })
  const stored = attempts.filter((attempt) => attempt.accepted > 0).length
  return (
    <aside className="grid justify-items-center gap-1 rounded-card border border-line bg-card p-6 text-center">
      <Radar />
      <h2 className="font-semibold text-16 leading-6 tracking-[-0.011em]" aria-live="polite">
        Waiting for your first point
      </h2>
      <p className="text-13 text-muted tabular-nums">
        Listening for {formatStopwatch(now - since)}. This page moves on by itself.
      </p>
      {keyText ? (
        <Button size={36} className="mt-3" busy={test.isPending} onClick={() => test.mutate(keyText)}>
          Send a test point
        </Button>
      ) : null}
      {test.error ? <InlineError compact title={test.error.message} className="mt-2" /> : null}
      <div className="mt-5 w-full border-line border-t pt-4 text-left" aria-live="polite">
        <div className="flex items-baseline justify-between gap-4">
          <h3 className="font-semibold text-13">Requests so far</h3>
          <span className="text-12 text-muted">{summary(attempts.length, stored)}</span>
        </div>
        {attempts.length === 0 ? (
          <p className="mt-2 text-13 text-muted">
            Each request with a key of this product appears here, refused ones too.
          </p>
        ) : (
          <ol className="mt-2 grid gap-3">
            {attempts.map((attempt) => (
              <AttemptRow key={attempt.id} attempt={attempt} />
            ))}
          </ol>
        )}
      </div>
      <p className="mt-5 w-full border-line border-t pt-4 text-left text-13 text-muted">
        No code at hand?{' '}
        <Link to={paths.imports(product.id)} className="link font-medium">
          Import a CSV file
        </Link>
      </p>
    </aside>
  )
}

function summary(total: number, stored: number): string {
  if (total === 0) return 'none'
  return `${total.toLocaleString()}, ${stored === 0 ? 'none' : stored.toLocaleString()} stored`
}

export function AttemptRow({ attempt }: { attempt: Attempt }) {
  const isGood = attempt.status < 400
  const points = attempt.accepted === 1 ? '1 point' : `${attempt.accepted.toLocaleString()} points`
  return (
    <li className="flex gap-2.5">
      <Badge tone={isGood ? 'good' : 'bad'}>{attempt.status}</Badge>
      <div className="min-w-0">
        <p className="break-words text-13">{attempt.detail ?? (isGood ? `${points} stored` : 'Refused')}</p>
        <p className="text-12 text-muted tabular-nums">
          {formatClock(attempt.at)}, POST {paths.ingest()}
        </p>
      </div>
    </li>
  )
}

function Radar() {
  return (
    <div aria-hidden className="relative mb-3 grid size-18 place-items-center">
      <span className="absolute inset-0 animate-radar rounded-full border-[1.5px] border-good-mark opacity-20" />
      <span className="absolute inset-3.5 animate-radar-late rounded-full border-[1.5px] border-good-mark opacity-40" />
      <span className="size-3.5 rounded-full bg-good-mark" />
    </div>
  )
}

/** The request of the samples, from here. What the server answers also arrives in the list of requests. */
async function sendTestPoint(key: string): Promise<void> {
  const body = JSON.stringify({ metric: 'signups', value: 1, tags: { plan: 'Solo', region: 'EU' } })
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const response = await fetch(paths.ingest(), { method: 'POST', headers, body }).catch(() => null)
  if (!response) throw new Error('The server could not be reached. Check that it runs, then try again.')
  if (response.ok) return
  const problem: { detail?: string } = await response.json().catch(() => ({}))
  throw new Error(problem.detail ?? `The server answered ${response.status}.`)
}
