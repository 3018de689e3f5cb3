import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'

export interface CardProps extends ComponentProps<'section'> {
  /** No padding: for tables and lists that reach the border. */
  flush?: boolean
}

/** A surface for one thing. A line around it, never a shadow: shadows are for what floats. */
export function Card({ flush = false, className, ...props }: CardProps) {
  return (
    <section
      className={cn('min-w-0 rounded-card border border-line bg-card', flush ? 'overflow-x-auto' : 'p-4', className)}
      {...props}
    />
  )
}

export interface CardHeadProps {
  title: ReactNode
  sub?: ReactNode
  badge?: ReactNode
  /** Brings its own padding, for a flush card. */
  pad?: boolean
  level?: 2 | 3
  className?: string
  /** The right side. */
  children?: ReactNode
}

export function CardHead({ title, sub, badge, pad = false, level = 2, className, children }: CardHeadProps) {
  const Heading = level === 2 ? 'h2' : 'h3'
  return (
    <div
      className={cn(
        'flex min-h-5 flex-wrap items-center gap-x-3 gap-y-1',
        pad ? 'min-h-11 px-4 py-2' : 'mb-3',
        className,
      )}
    >
      <Heading className="font-semibold text-14 leading-5 tracking-[-0.008em]">{title}</Heading>
      {badge}
      {sub ? <span className="text-12 text-muted leading-5">{sub}</span> : null}
      {children ? <div className="ml-auto flex items-center gap-3">{children}</div> : null}
    </div>
  )
}

/** The closing row of a card: a line of context on the left, actions on the right. */
export function CardFoot({
  note,
  className,
  children,
}: {
  note?: ReactNode
  className?: string
  children?: ReactNode
}) {
  return (
    <div className={cn('flex flex-wrap items-center justify-end gap-2 border-line border-t px-4 py-3', className)}>
      {note ? <p className="mr-auto text-12 text-muted max-phone:basis-full">{note}</p> : null}
      {children}
    </div>
  )
}
