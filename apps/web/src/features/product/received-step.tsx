import type { Metric } from '@trackable/api/client'
import { Badge } from '@trackable/ui/badge'
import { Card, CardHead } from '@trackable/ui/card'
import { LiveBadge } from '@trackable/ui/live-badge'
import { Check } from 'lucide-react'
import { POLL_INTERVAL_MS, useLiveState } from '../../live'
import { Age, formatClock, useNow } from '../../time'
import { useProduct } from '../shell/current'
import { freshKeys } from './fresh-keys'
import { KeyField } from './key-field'
import { ProposalCard } from './proposal-card'

/** Step three: what arrived, and a dashboard made of it. */
export function ReceivedStep({ metrics }: { metrics: Metric[] }) {
  const first = metrics.reduce<Date | null>((min, m) => (min && min < m.firstSeenAt ? min : m.firstSeenAt), null)
  return (
    <main
      id="main"
      className="mx-auto grid max-w-296 grid-cols-[minmax(0,1fr)_minmax(0,30rem)] items-start gap-6 px-gutter pt-10 pb-8 max-laptop:grid-cols-1"
    >
      <div className="grid min-w-0 gap-4">
        <div className="mb-2 flex items-center gap-4" role="status">
          <span className="grid size-11 flex-none place-items-center rounded-full bg-good-tint text-good">
            <Check aria-hidden className="size-5 stroke-[2.4]" />
          </span>
          <div>
            <h1 className="font-semibold text-28 leading-9 tracking-[-0.022em]">First point received</h1>
            {first ? <p className="text-muted tabular-nums">Seen at {formatClock(first)}.</p> : null}
          </div>
        </div>
        <ArrivedCard metrics={metrics} />
        <FreshKeyCard />
      </div>
      <ProposalCard metrics={metrics} />
    </main>
  )
}

/** The page moved on by itself, perhaps before the key was stored: it stays readable until the page is left. */
function FreshKeyCard() {
  const key = freshKeys.get(useProduct().id)
  if (!key) return null
  return (
    <Card aria-label="API key">
      <CardHead title="API key" badge={<Badge>ingest</Badge>} />
      <KeyField text={key.key} />
    </Card>
  )
}

function ArrivedCard({ metrics }: { metrics: Metric[] }) {
  const live = useLiveState()
  const now = useNow(1_000)
  const series = metrics.reduce((sum, metric) => sum + metric.seriesCount, 0)
  return (
    <Card aria-label="What arrived">
      <CardHead title="What arrived" badge={<LiveBadge state={live} intervalMs={POLL_INTERVAL_MS} />}>
        <span className="text-12 text-muted tabular-nums">
          {count(metrics.length, 'metric')}, {count(series, 'series', 'series')}
        </span>
      </CardHead>
      <ul>
        {metrics.map((metric) => (
          <li key={metric.name} className="flex h-10 items-center gap-3 border-line border-b last:border-0">
            <code className="min-w-0 flex-1 truncate text-13">{metric.name}</code>
            <Badge>{metric.defaultAggregation}</Badge>
            <span className="w-20 text-right text-12 text-muted tabular-nums">
              {metric.lastPointAt ? <Age at={metric.lastPointAt} now={now} /> : 'no point'}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString()} ${n === 1 ? one : many}`
}
