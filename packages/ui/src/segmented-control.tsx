import { type ReactNode, useId } from 'react'
import { cn } from './cn'

export interface SegmentedOption<T extends string> {
  value: T
  label: ReactNode
  icon?: ReactNode
  disabled?: boolean
}

export interface SegmentedControlProps<T extends string> {
  label: string
  value: T
  onValueChange: (value: T) => void
  options: readonly SegmentedOption<T>[]
  /** Takes the full width in equal parts. */
  fill?: boolean
  size?: 28 | 32
  className?: string
}

/** One of a few, all in sight. A radio group: arrow keys move and choose, Tab passes by. */
export function SegmentedControl<T extends string>({
  label,
  value,
  onValueChange,
  options,
  fill = false,
  size = 32,
  className,
}: SegmentedControlProps<T>) {
  const name = useId()
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className={cn('gap-0.5 rounded-control bg-track p-0.5', fill ? 'flex' : 'inline-flex', className)}
    >
      {options.map((option) => (
        <label
          key={option.value}
          className={cn(
            'relative inline-flex cursor-pointer items-center justify-center gap-1.5 whitespace-nowrap rounded-[6px] px-2.5 font-medium text-soft transition-colors hover:text-ink touch:min-h-10 [&_.lucide]:size-[15px]',
            'has-[:checked]:bg-thumb has-[:checked]:text-ink has-[:checked]:shadow-[0_0_0_1px_var(--border)]',
            'has-[:disabled]:cursor-default has-[:disabled]:opacity-50',
            'has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-focus has-[:focus-visible]:outline-offset-1',
            size === 28 ? 'h-6 text-12' : 'h-7 text-13',
            fill && 'flex-1 px-1',
          )}
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            disabled={option.disabled}
            onChange={() => onValueChange(option.value)}
            // Over the label instead of clipped away, so that it is what a click and a finger really hit.
            className="absolute inset-0 m-0 size-full cursor-[inherit] appearance-none opacity-0"
          />
          {option.icon}
          {option.label}
        </label>
      ))}
    </div>
  )
}
