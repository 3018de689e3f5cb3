import type { ReactNode } from 'react'
import { cn } from './cn'

/** Buttons that belong together and share their borders, such as a date range between its two arrows. */
export function ButtonGroup({
  label,
  className,
  children,
}: {
  label: string
  className?: string
  children: ReactNode
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls and brings its own box.
    <div
      role="group"
      aria-label={label}
      className={cn(
        'inline-flex [&>*:focus-visible]:z-1 [&>*:not(:first-child)]:-ml-px [&>*:not(:first-child)]:rounded-s-none [&>*:not(:last-child)]:rounded-e-none',
        className,
      )}
    >
      {children}
    </div>
  )
}
