import { useQuery } from '@tanstack/react-query'
import { Field } from '@trackable/ui/field'
import { InlineError } from '@trackable/ui/inline-error'
import { Input } from '@trackable/ui/input'
import { Select } from '@trackable/ui/select'
import { useEffect, useState } from 'react'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { isDays, planWords, readDays } from './retention-words'

/** Counting reads every series: not for each key that is pressed. */
const SETTLE_MS = 400
const DAYS_AT_FIRST = '365'

export interface RetentionFieldProps {
  productId: string
  zone: string
  /** What is stored; null: for ever. */
  saved: number | null
  /** NaN while the field holds no number of days. */
  value: number | null
  onValueChange: (days: number | null) => void
  error: string | undefined
  /** False while a new number of days is not counted yet: nobody deletes what he has not seen. */
  onReady: (isReady: boolean) => void
}

/** How long raw points are kept, and before that is saved, what would go. */
export function RetentionField(props: RetentionFieldProps) {
  const { productId, zone, saved, value, onValueChange, error, onReady } = props
  const [text, setText] = useState(saved === null ? DAYS_AT_FIRST : String(saved))
  const isKept = value === null
  const planned = !isKept && value !== saved && isDays(value) ? value : null
  const plan = usePlan(productId, planned)
  const isReady = planned === null || plan.isSuccess
  useEffect(() => onReady(isReady), [isReady, onReady])
  return (
    <div className="grid gap-3">
      <div className="grid grid-cols-2 items-start gap-4 max-phone:grid-cols-1">
        <Field label="Keep raw points" hint="Daily totals stay for good. Metrics may have a number of their own.">
          <Select
            value={isKept ? 'ever' : 'days'}
            onChange={(event) => onValueChange(event.target.value === 'ever' ? null : readDays(text))}
          >
            <option value="ever">For ever</option>
            <option value="days">For a number of days</option>
          </Select>
        </Field>
        {isKept ? null : (
          <Field label="Days" error={error} hint="Earlier days keep their totals, but no hours and no percentiles.">
            <Input
              inputMode="numeric"
              autoComplete="off"
              value={text}
              onChange={(event) => {
                setText(event.target.value)
                onValueChange(readDays(event.target.value))
              }}
            />
          </Field>
        )}
      </div>
      <div aria-live="polite">
        {planned === null ? null : plan.error ? (
          <InlineError
            compact
            title={`Not counted. ${toProblem(plan.error).message}`}
            onRetry={() => void plan.refetch()}
            retrying={plan.isFetching}
          />
        ) : (
          <p className={plan.data && plan.data.points > 0 ? 'text-13 text-warn' : 'text-13 text-muted'}>
            {plan.data ? planWords(plan.data, zone) : 'Counting what would be deleted …'}
          </p>
        )}
      </div>
    </div>
  )
}

function usePlan(productId: string, days: number | null) {
  const trpc = useTRPC()
  const [settled, setSettled] = useState(days)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(days), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [days])
  const isSettled = days !== null && settled === days
  return useQuery(
    trpc.metric.retentionDryRun.queryOptions({ productId, days: days ?? 1 }, { enabled: isSettled, gcTime: 0 }),
  )
}
