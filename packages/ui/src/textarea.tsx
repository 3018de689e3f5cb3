import type { ComponentProps } from 'react'
import { cn } from './cn'
import { useControlProps } from './field-context'

export interface TextareaProps extends ComponentProps<'textarea'> {
  mono?: boolean
}

/** Several lines of text. Grows with what is typed where the browser can, and is resizable where it cannot. */
export function Textarea({ mono = false, rows = 3, className, ...props }: TextareaProps) {
  const control = useControlProps(props)
  return (
    <textarea
      {...props}
      {...control}
      rows={rows}
      className={cn(
        'block field-sizing-content min-h-18 w-full resize-y rounded-control border border-line-strong bg-card px-3 py-2 text-14 touch:text-16 focus:border-transparent focus:outline-2 focus:outline-focus focus:outline-offset-1 disabled:opacity-50 aria-invalid:border-bad',
        mono && 'font-mono text-13 tracking-normal',
        className,
      )}
    />
  )
}
