import { cva } from 'class-variance-authority'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'
import { useControlProps } from './field-context'

export type ControlSize = 28 | 32 | 36 | 40

/** The box that inputs, selects and comboboxes share. */
export const controlBox = cva(
  'flex w-full min-w-0 items-center gap-2 rounded-control border border-line-strong bg-card text-ink transition-colors touch:min-h-11 aria-invalid:border-bad has-[[aria-invalid=true]]:border-bad [&_.lucide]:size-[15px] [&_.lucide]:text-muted',
  {
    variants: {
      size: {
        28: 'h-7 px-2.5 text-12',
        32: 'h-8 px-2.5 text-13',
        36: 'h-9 px-3 text-14',
        40: 'h-10 px-3 text-14',
      },
    },
    defaultVariants: { size: 36 },
  },
)

/** The ring of a text control sits closer and shows for the mouse too: a caret alone is easy to lose. */
const inputRing =
  'focus-within:border-transparent focus-within:outline-2 focus-within:outline-focus focus-within:outline-offset-1'

export interface InputProps extends Omit<ComponentProps<'input'>, 'size'> {
  size?: ControlSize
  /** Keys, metric names and addresses. */
  mono?: boolean
  before?: ReactNode
  after?: ReactNode
}

/** A line of text. iOS zooms into inputs under 16 px, so touch screens get 16. */
export function Input({ size = 36, mono = false, before, after, className, ...props }: InputProps) {
  const control = useControlProps(props)
  return (
    <div className={cn(controlBox({ size }), inputRing, props.disabled && 'opacity-50', className)}>
      {before}
      <input
        {...props}
        {...control}
        className={cn(
          'h-full w-full min-w-0 flex-1 bg-transparent outline-none touch:text-16',
          mono && 'font-mono text-13 tracking-normal',
        )}
      />
      {after}
    </div>
  )
}
