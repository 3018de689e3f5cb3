import { ArrowDown, ArrowUp } from 'lucide-react'
import { cn } from './cn'
import type { Delta } from './delta'

const TEXT = { good: 'text-good', bad: 'text-bad', neutral: 'text-muted' }
const BOX = { good: 'bg-good-tint', bad: 'bg-bad-tint', neutral: 'bg-fill' }
const WORD = { up: 'up', down: 'down', flat: 'unchanged' }

export interface DeltaChipProps extends Delta {
  /** A filled chip, as under a tile's number; without it plain text, as in a table. */
  box?: boolean
  className?: string
}

/** How a number changed: arrow, sign and colour say it three times, so no one depends on one of them. */
export function DeltaChip({ text, direction, tone, box = true, className }: DeltaChipProps) {
  const Arrow = direction === 'up' ? ArrowUp : ArrowDown
  const isBoxed = box && direction !== 'flat'
  return (
    <span
      className={cn(
        'inline-flex items-center gap-0.5 whitespace-nowrap font-medium text-12 tabular-nums',
        TEXT[tone],
        isBoxed && ['h-5 rounded-[6px] ps-1 pe-1.5', BOX[tone]],
        className,
      )}
    >
      {direction === 'flat' ? null : <Arrow aria-hidden className="size-3 stroke-[2.4]" />}
      <span className="sr-only">{WORD[direction]} </span>
      {text}
    </span>
  )
}
