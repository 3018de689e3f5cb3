import type { ReactNode } from 'react'
import { cn } from './cn'

export interface PageHeaderProps {
  title: ReactNode
  badge?: ReactNode
  /** One line: what this belongs to, and the zone its days are cut in. */
  context?: ReactNode
  className?: string
  /** Actions, the primary one last. */
  children?: ReactNode
}

/** The head of a page; its title is the only h1. */
export function PageHeader({ title, badge, context, className, children }: PageHeaderProps) {
  return (
    <header className={cn('flex min-h-16 flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3', className)}>
      <div className="min-w-0">
        <div className="flex items-center gap-2">
          <h1 className="truncate font-semibold text-20 leading-7 tracking-[-0.017em]">{title}</h1>
          {badge}
        </div>
        {context ? <p className="text-13 text-muted leading-5">{context}</p> : null}
      </div>
      {children ? <div className="flex flex-wrap items-center gap-2">{children}</div> : null}
    </header>
  )
}
