import { cva, type VariantProps } from 'class-variance-authority'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'
import { Tooltip } from './tooltip'

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

export interface IconButtonProps
  extends Omit<ComponentProps<'button'>, 'aria-label'>,
    VariantProps<typeof iconButtonVariants> {
  /** What it does, for everyone who cannot see or guess the icon; also its tooltip. */
  label: string
  /** The single key or chord that does the same. */
  shortcut?: string
  tooltip?: boolean
  children: ReactNode
}

/** A button of one icon. Small ones keep their size and take clicks and touches around them. */
export function IconButton({
  label,
  shortcut,
  tooltip = true,
  variant,
  size,
  type = 'button',
  className,
  children,
  ...props
}: IconButtonProps) {
  const button = (
    <button type={type} aria-label={label} className={cn(iconButtonVariants({ variant, size }), className)} {...props}>
      {children}
    </button>
  )
  if (!tooltip) return button
  return (
    <Tooltip content={label} shortcut={shortcut}>
      {button}
    </Tooltip>
  )
}
