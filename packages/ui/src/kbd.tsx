import type { ReactNode } from 'react'
import { cn } from './cn'

/** A key cap. */
export function Kbd({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <kbd
      className={cn(
        'inline-flex h-4.5 min-w-4.5 flex-none items-center justify-center rounded-[4px] border border-line bg-card px-1 font-medium font-sans text-[11px] text-muted leading-none [&_.lucide]:size-[11px]',
        className,
      )}
    >
      {children}
    </kbd>
  )
}
