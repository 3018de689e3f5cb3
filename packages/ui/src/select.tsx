import { ChevronDown } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'
import { useControlProps } from './field-context'
import { type ControlSize, controlBox } from './input'

export interface SelectProps extends Omit<ComponentProps<'select'>, 'size'> {
  size?: ControlSize
  before?: ReactNode
}

/**
 * The browser's own select in our box: it opens as a wheel on phones, types ahead, and works with `register`. The
 * alternative of the component library writes a style element, which the content security policy refuses. For search or
 * two-line options take Combobox.
 */
export function Select({ size = 36, before, className, children, ...props }: SelectProps) {
  const control = useControlProps(props)
  return (
    <div
      className={cn(
        'relative flex min-w-0 items-center',
        before ? '[&_select]:ps-8.5' : '',
        props.disabled && 'opacity-50',
        className,
      )}
    >
      {before ? (
        <span className="pointer-events-none absolute left-3 text-muted [&_.lucide]:size-[15px]">{before}</span>
      ) : null}
      <select
        {...props}
        {...control}
        className={cn(
          controlBox({ size }),
          'appearance-none truncate pe-8 touch:text-16 [&>option]:bg-raised [&>option]:text-ink',
        )}
      >
        {children}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute right-3 size-[15px] text-muted" />
    </div>
  )
}
