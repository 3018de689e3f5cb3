import { cva, type VariantProps } from 'class-variance-authority'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'

const iconButtonVariants = cva(
  'hit-area inline-grid flex-none place-items-center rounded-control text-muted transition-colors enabled:hover:bg-hover enabled:hover:text-ink data-[state=open]:bg-hover data-[state=open]:text-ink disabled:opacity-50',
  {
    variants: {
      variant: { ghost: '', line: 'border border-line-strong bg-card' },
      size: {
        24: 'size-6 rounded-[6px] [&_.lucide]:size-3.5',
        28: 'size-7',
        32: 'size-8',
        40: 'size-10 [&_.lucide]:size-5',
      },
    },
    defaultVariants: { variant: 'ghost', size: 32 },
  },
)

export interface BareIconButtonProps
  extends Omit<ComponentProps<'button'>, 'aria-label'>,
    VariantProps<typeof iconButtonVariants> {
  /** What it does, for everyone who cannot see or guess the icon. */
  label: string
  children: ReactNode
}

/** IconButton without its tooltip, for pages that must not load one: placing a tooltip takes 20 kB of code. */
export function BareIconButton({
  label,
  variant,
  size,
  type = 'button',
  className,
  children,
  ...props
}: BareIconButtonProps) {
  return (
    <button type={type} aria-label={label} className={cn(iconButtonVariants({ variant, size }), className)} {...props}>
      {children}
    </button>
  )
}
