import { cva, type VariantProps } from 'class-variance-authority'
import { Slot } from 'radix-ui'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'
import { Spinner } from './spinner'

/** The classes of a button, for the rare element that cannot be one. Prefer `<Button asChild>`. */
export const buttonVariants = cva(
  'inline-flex flex-none select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-control border font-medium transition-colors touch:min-h-11 disabled:opacity-50 aria-disabled:cursor-default aria-disabled:opacity-50 [&_.lucide]:size-[15px]',
  {
    variants: {
      variant: {
        plain:
          'border-line-strong bg-card text-ink [&_.lucide]:text-muted enabled:hover:bg-[color-mix(in_srgb,var(--text)_4%,var(--card))] [a&]:hover:bg-[color-mix(in_srgb,var(--text)_4%,var(--card))] data-[state=open]:bg-[color-mix(in_srgb,var(--text)_4%,var(--card))]',
        primary:
          'border-transparent bg-accent text-accent-ink enabled:hover:bg-accent-hover [a&]:hover:bg-accent-hover',
        ghost: 'border-transparent text-soft enabled:hover:bg-hover [a&]:hover:bg-hover data-[state=open]:bg-hover',
        danger:
          'border-transparent bg-bad-fill text-bad-ink enabled:hover:bg-[color-mix(in_srgb,black_10%,var(--bad-fill))]',
        'danger-text':
          'border-line-strong bg-card text-bad enabled:hover:bg-[color-mix(in_srgb,var(--bad)_6%,var(--card))]',
      },
      size: {
        28: 'h-7 px-2.5 text-12',
        32: 'h-8 px-3 text-13',
        36: 'h-9 px-3 text-13',
        40: 'h-10 px-4 text-14',
      },
      block: { true: 'w-full flex-auto', false: '' },
    },
    defaultVariants: { variant: 'plain', size: 32, block: false },
  },
)

export interface ButtonProps extends ComponentProps<'button'>, VariantProps<typeof buttonVariants> {
  /** Stands before the text. */
  icon?: ReactNode
  /** The work was started and has not ended: shows a spinner, keeps the focus, and swallows further clicks. */
  busy?: boolean
  /** Gives the looks to the only child, such as a router link. `icon` and `busy` need a real button. */
  asChild?: boolean
}

/** A button. One primary per view; `type` is "button" unless said, so that it never submits a form by accident. */
export function Button({
  variant,
  size,
  block,
  icon,
  busy = false,
  asChild = false,
  type = 'button',
  className,
  children,
  onClick,
  ...props
}: ButtonProps) {
  const classes = cn(buttonVariants({ variant, size, block }), busy && 'cursor-progress', className)
  if (asChild) {
    return (
      <Slot.Root className={classes} onClick={onClick} {...props}>
        {children}
      </Slot.Root>
    )
  }
  return (
    <button
      type={type}
      className={classes}
      aria-busy={busy || undefined}
      // A busy button stays focusable: disabling it would throw a keyboard user to the top of the page.
      onClick={busy ? (event) => event.preventDefault() : onClick}
      {...props}
    >
      {busy ? <Spinner /> : icon}
      {children}
    </button>
  )
}
