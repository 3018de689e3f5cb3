import type { ReactNode } from 'react'
import { cn } from './cn'

export interface EmptyStateProps {
  title: ReactNode
  /** The one action that ends the emptiness, and at most a second one that shows an example. */
  action?: ReactNode
  /** Such as a curl that copies. */
  example?: ReactNode
  /** `row` in a page, `center` where it fills a panel. */
  layout?: 'row' | 'center'
  level?: 2 | 3
  className?: string
  /** One sentence of what would be here. */
  children: ReactNode
}

/** Nothing here yet: what it is, what to do next. */
export function EmptyState({
  title,
  action,
  example,
  layout = 'row',
  level = 2,
  className,
  children,
}: EmptyStateProps) {
  const Heading = level === 2 ? 'h2' : 'h3'
  const isRow = layout === 'row'
  return (
    <div className={cn('min-w-0 rounded-card border border-line bg-card px-6 py-5', !isRow && 'py-12', className)}>
      <div
        className={cn(
          'flex flex-wrap items-center gap-x-8 gap-y-4',
          isRow ? 'justify-between' : 'flex-col text-center',
        )}
      >
        <div className={isRow ? 'min-w-0 max-w-[64ch]' : 'max-w-[48ch]'}>
          <Heading className="font-semibold text-16 leading-6 tracking-[-0.011em]">{title}</Heading>
          <p className="text-13 text-muted">{children}</p>
        </div>
        {action ? <div className="flex flex-wrap items-center gap-2">{action}</div> : null}
      </div>
      {example ? <div className="mt-5 text-start">{example}</div> : null}
    </div>
  )
}
