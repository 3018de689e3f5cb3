import { cn } from './cn'

/** A turning ring for work under way. With a label it is announced, without one it decorates something that is. */
export function Spinner({ label, className }: { label?: string; className?: string }) {
  const ring = (
    <span
      aria-hidden
      className={cn(
        'inline-block size-3.5 flex-none animate-turn rounded-full border-2 border-current border-r-transparent',
        className,
      )}
    />
  )
  if (!label) return ring
  return (
    <span role="status" className="inline-grid">
      {ring}
      <span className="sr-only">{label}</span>
    </span>
  )
}
