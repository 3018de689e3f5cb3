import { cn } from './cn'

/** A turning ring for work under way. With a label it is announced, without one it decorates something that is. */
export function Spinner({ label, className }: { label?: string; className?: string }) {
  return (
    <span
      role={label ? 'status' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      className={cn(
        'inline-block size-3.5 flex-none animate-turn rounded-full border-2 border-current border-r-transparent',
        className,
      )}
    />
  )
}
