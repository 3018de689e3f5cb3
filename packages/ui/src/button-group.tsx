import type { ComponentProps } from 'react'
import { cn } from './cn'

export interface ButtonGroupProps extends Omit<ComponentProps<'div'>, 'aria-label' | 'role'> {
  label: string
}

/** Buttons that belong together and share their borders, such as a date range between its two arrows. */
export function ButtonGroup({ label, className, ...props }: ButtonGroupProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls and brings its own box.
    <div
      role="group"
      aria-label={label}
      className={cn(
        'inline-flex [&>*:focus-visible]:z-1 [&>*:not(:first-child)]:-ml-px [&>*:not(:first-child)]:rounded-s-none [&>*:not(:last-child)]:rounded-e-none',
        className,
      )}
      {...props}
    />
  )
}
