import { cn } from './cn'

export type LiveState = 'live' | 'reconnecting' | 'polling' | 'offline'

export interface LiveBadgeProps {
  state: LiveState
  /** How often numbers are fetched while polling. */
  intervalMs?: number
  className?: string
}

const LOOK: Record<LiveState, string> = {
  live: 'bg-good-tint text-good',
  reconnecting: 'bg-warn-tint text-warn',
  polling: 'bg-fill text-soft',
  offline: 'bg-bad-tint text-bad',
}

/** Whether the numbers on this page move by themselves. Changes are announced. */
export function LiveBadge({ state, intervalMs = 15_000, className }: LiveBadgeProps) {
  return (
    <span
      role="status"
      className={cn(
        'inline-flex h-5.5 flex-none items-center gap-1.5 whitespace-nowrap rounded-full ps-2 pe-[9px] font-medium text-12',
        LOOK[state],
        className,
      )}
    >
      {state === 'live' ? (
        <span className="relative size-[7px] rounded-full bg-good-mark after:absolute after:-inset-[3px] after:rounded-full after:border-[1.5px] after:border-good-mark after:opacity-35" />
      ) : (
        <span className="size-[7px] rounded-full border-[1.5px] border-current" />
      )}
      {describe(state, intervalMs)}
    </span>
  )
}

function describe(state: LiveState, intervalMs: number): string {
  if (state === 'live') return 'Live'
  if (state === 'reconnecting') return 'Reconnecting'
  if (state === 'offline') return 'Offline'
  const seconds = Math.round(intervalMs / 1000)
  return seconds < 120 ? `Every ${seconds} s` : `Every ${Math.round(seconds / 60)} min`
}
