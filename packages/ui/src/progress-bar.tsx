import { cn } from './cn'

export interface ProgressBarProps {
  /** 0 to 1; more is drawn full. */
  value: number
  label: string
  tone?: 'accent' | 'good' | 'warn' | 'bad' | 'series'
  className?: string
}

const FILL = {
  accent: 'text-accent',
  good: 'text-good-mark',
  warn: 'text-warn-mark',
  bad: 'text-bad',
  series: 'text-series-1',
}

/** How much of a whole is there. Drawn as SVG, whose width is an attribute and needs no inline style. */
export function ProgressBar({ value, label, tone = 'accent', className }: ProgressBarProps) {
  const share = Math.min(1, Math.max(0, Number.isFinite(value) ? value : 0))
  return (
    <span
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      className={cn('block h-1 overflow-hidden rounded-full bg-track', className)}
    >
      <svg aria-hidden="true" className={cn('block size-full', FILL[tone])}>
        <rect width={`${share * 100}%`} height="100%" rx="2" fill="currentColor" />
      </svg>
    </span>
  )
}
