import type { ImportRun } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Card, CardFoot } from '@trackable/ui/card'
import { CircleCheck, CircleSlash } from 'lucide-react'
import { Link } from 'react-router'
import { paths } from '../../paths'
import { useProduct } from '../shell/current'
import { ImportProgress } from './import-progress'

const METRICS_SHOWN = 8

/** What became of a file, and the way to its numbers. */
export function ImportResult({ run }: { run: ImportRun }) {
  const { id: productId } = useProduct()
  const metrics = [...new Set(run.mapping.values.flatMap(({ metric }) => (metric === null ? [] : [metric])))]
  const isGood = run.status === 'done' && run.accepted + run.duplicates > 0
  const Icon = isGood ? CircleCheck : CircleSlash
  const isAnythingThere = run.accepted + run.duplicates > 0
  return (
    <Card flush aria-label="Result">
      <div className="p-4 pb-5">
        <h2 className="mb-3 flex items-center gap-2 font-semibold text-16 leading-6 tracking-[-0.011em]">
          <Icon aria-hidden className={`size-5 flex-none ${isGood ? 'text-good' : 'text-muted'}`} />
          {toHeadline(run)}
        </h2>
        <ImportProgress run={run} label="Importing" />
      </div>
      {isAnythingThere ? (
        <CardFoot note={metrics.length > METRICS_SHOWN ? `${metrics.length} metrics in all` : undefined}>
          {metrics.slice(0, METRICS_SHOWN).map((metric, index) => (
            <Button key={metric} asChild variant={metrics.length === 1 && index === 0 ? 'primary' : 'plain'}>
              <Link to={paths.metric(productId, metric)}>
                <span className="max-w-60 truncate">Open {metric}</span>
              </Link>
            </Button>
          ))}
          {metrics.length === 1 ? null : (
            <Button asChild variant="primary">
              <Link to={paths.metrics(productId)}>All metrics</Link>
            </Button>
          )}
        </CardFoot>
      ) : null}
    </Card>
  )
}

function toHeadline({ status, accepted, duplicates }: ImportRun): string {
  if (status === 'canceled') return `Stopped after ${points(accepted)}`
  if (accepted > 0) return `${points(accepted)} imported`
  return duplicates > 0
    ? `Nothing new: ${points(duplicates)} ${duplicates === 1 ? 'was' : 'were'} already there`
    : 'No point was stored'
}

const points = (count: number) => `${count.toLocaleString()} ${count === 1 ? 'point' : 'points'}`
