import { Check } from 'lucide-react'
import { cn } from './cn'

export interface StepperProps {
  steps: readonly string[]
  /** Index of the present step; `steps.length` when all are done. */
  current: number
  label?: string
  className?: string
}

/** Where one stands in a short sequence. It informs; going back is a link of the page. */
export function Stepper({ steps, current, label = 'Progress', className }: StepperProps) {
  return (
    <ol aria-label={label} className={cn('flex flex-wrap gap-x-8 gap-y-2', className)}>
      {steps.map((step, index) => {
        const isDone = index < current
        const isNow = index === current
        return (
          <li
            key={step}
            aria-current={isNow ? 'step' : undefined}
            className={cn(
              'relative flex items-center gap-2 font-medium text-13 text-muted not-first:before:absolute not-first:before:right-[calc(100%+8px)] not-first:before:w-4 not-first:before:border-line-strong not-first:before:border-t',
              isNow && 'text-ink',
            )}
          >
            <span
              aria-hidden
              className={cn(
                'grid size-5 place-items-center rounded-full border border-line-strong font-semibold text-[11px]',
                isNow && 'border-accent bg-accent text-accent-ink',
                isDone && 'border-transparent bg-good-tint text-good',
              )}
            >
              {isDone ? <Check className="size-3 stroke-[3]" /> : index + 1}
            </span>
            <span className={isNow ? undefined : 'max-phone:sr-only'}>{step}</span>
            {isDone ? <span className="sr-only">, done</span> : null}
          </li>
        )
      })}
    </ol>
  )
}
