import { cn } from './cn'

/** Four strokes and the fifth across: counting as people have always done it. */
export function LogoMark({ size = 24, className }: { size?: number; className?: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      aria-hidden="true"
      fill="none"
      strokeWidth="2"
      strokeLinecap="round"
      className={cn('flex-none', className)}
    >
      <path className="stroke-ink" d="M4 4v16M9.3 4v16M14.7 4v16M20 4v16" />
      <path className="stroke-accent-text" strokeWidth="2.4" d="M1.5 16.5 22.5 7.5" />
    </svg>
  )
}

/** The mark and the name. */
export function Logo({ size = 24, className }: { size?: number; className?: string }) {
  return (
    <span className={cn('inline-flex items-center gap-2 font-semibold text-16 tracking-[-0.014em]', className)}>
      <LogoMark size={size} />
      Trackable
    </span>
  )
}
