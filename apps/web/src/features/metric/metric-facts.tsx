import { AGGREGATION_LABELS, guessFormat, type MetricDetail } from '@trackable/api/client'
import { Card, CardHead } from '@trackable/ui/card'
import { formatFull } from '@trackable/ui/charts'
import type { ReactNode } from 'react'
import { formatDateTime, useNow } from '../../time'
import { formatCadence } from './freshness'
import { LastPoint } from './metrics-table'

/** What is known of a metric: said by its owner, told by its protocol, or learned from its points. */
export function MetricFacts({ detail }: { detail: MetricDetail }) {
  const now = useNow(1_000)
  return (
    <Card aria-label="Facts">
      <CardHead title="Facts" />
      <dl className="grid text-13">
        <Fact label="Last point">
          <span className="inline-grid justify-items-start text-start">
            <LastPoint entry={{ ...detail, cadenceMs: null }} now={now} />
          </span>
        </Fact>
        <Fact label="Last value">
          {detail.lastValue === null ? '–' : formatFull(detail.lastValue, guessFormat(detail), navigator.language)}
        </Fact>
        <Fact label="Cadence">
          {detail.cadenceMs === null ? (
            <span className="text-muted">not known yet</span>
          ) : (
            <>
              {formatCadence(detail.cadenceMs)}
              <span className="text-muted">, {detail.isCadenceDeclared ? 'declared' : 'learned'}</span>
            </>
          )}
        </Fact>
        <Fact label="Kind">{detail.kind ?? <span className="text-muted">not said</span>}</Fact>
        <Fact label="Unit">{detail.unit ?? <span className="text-muted">none</span>}</Fact>
        <Fact label="Shown as">{AGGREGATION_LABELS[detail.defaultAggregation]}</Fact>
        <Fact label="First point">
          {detail.firstPointAt ? formatDateTime(detail.firstPointAt) : <span className="text-muted">none yet</span>}
        </Fact>
        <Fact label="Points">{detail.pointCount.toLocaleString()}</Fact>
        <Fact label="Series">{detail.seriesCount.toLocaleString()}</Fact>
        <Fact label="Raw points kept">
          <Kept detail={detail} />
        </Fact>
        {detail.formerNames.length > 0 ? (
          <Fact label="Also sent as">
            <span className="grid">
              {detail.formerNames.map((name) => (
                <code key={name} className="break-all text-12">
                  {name}
                </code>
              ))}
            </span>
          </Fact>
        ) : null}
      </dl>
    </Card>
  )
}

function Kept({ detail: { retentionDays, productRetentionDays } }: { detail: MetricDetail }) {
  const days = retentionDays ?? productRetentionDays
  if (days === null) return 'for good'
  return (
    <>
      {days.toLocaleString()} {days === 1 ? 'day' : 'days'}
      <span className="text-muted">, daily sums for good</span>
    </>
  )
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex min-h-8.5 items-center justify-between gap-4 border-line border-b py-1.5 last:border-b-0 last:pb-0">
      <dt className="flex-none text-muted">{label}</dt>
      <dd className="min-w-0 text-end font-medium tabular-nums">{children}</dd>
    </div>
  )
}
