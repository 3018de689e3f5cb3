import type { ReactNode } from 'react'
import { cn } from './cn'

/** A grey stand-in of the final size. Invisible for its first 150 ms, because most answers come sooner. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cn('block h-3 w-full animate-appear rounded-[6px] bg-track', className)} />
}

/** The stand-ins of one region. Screen readers hear the label once instead of a row of nothing. */
export function SkeletonGroup({
  label,
  className,
  children,
}: {
  label: string
  className?: string
  children: ReactNode
}) {
  return (
    <div role="status" aria-busy="true" className={className}>
      <span className="sr-only">{label}</span>
      {children}
    </div>
  )
}
