import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from './cn'

export interface ChipProps {
  tone?: 'neutral' | 'bad'
  size?: 24 | 32
  onRemove?: () => void
  /** Names what goes: "Remove region". */
  removeLabel?: string
  className?: string
  children: ReactNode
}

/** A chosen value: a tag, a filter, a recipient. */
export function Chip({
  tone = 'neutral',
  size = 24,
  onRemove,
  removeLabel = 'Remove',
  className,
  children,
}: ChipProps) {
  return (
    <span
      className={cn(
        'inline-flex max-w-full items-center gap-1 whitespace-nowrap px-2 font-medium [&_.lucide]:size-3',
        size === 32 ? 'h-8 rounded-control px-2.5 text-13' : 'h-6 rounded-[6px] text-12',
        tone === 'bad' ? 'bg-bad-tint text-bad' : 'bg-fill text-soft [&_.lucide]:text-muted',
        onRemove && 'pe-0.5',
        className,
      )}
    >
      <span className="inline-flex min-w-0 items-center gap-1 truncate">{children}</span>
      {onRemove ? (
        <button
          type="button"
          aria-label={removeLabel}
          onClick={onRemove}
          className="hit-area grid size-5 flex-none place-items-center rounded-[5px] hover:bg-hover"
        >
          <X aria-hidden />
        </button>
      ) : null}
    </span>
  )
}
