import { cva, type VariantProps } from 'class-variance-authority'
import type { ReactNode } from 'react'
import { cn } from './cn'

const badgeVariants = cva(
  'inline-flex h-5 flex-none items-center gap-[5px] whitespace-nowrap rounded-full px-2 font-medium text-12 [&_.lucide]:size-3 [&_.lucide]:stroke-[2.2]',
  {
    variants: {
      tone: {
        neutral: 'bg-fill text-soft',
        good: 'bg-good-tint text-good',
        warn: 'bg-warn-tint text-warn',
        bad: 'bg-bad-tint text-bad',
        accent: 'bg-accent-tint text-accent-text',
      },
    },
    defaultVariants: { tone: 'neutral' },
  },
)

export type Tone = NonNullable<VariantProps<typeof badgeVariants>['tone']>

export interface BadgeProps {
  tone?: Tone
  icon?: ReactNode
  className?: string
  children: ReactNode
}

/** A state or a kind in a word or two. The word says it; the colour only helps to find it. */
export function Badge({ tone, icon, className, children }: BadgeProps) {
  return (
    <span className={cn(badgeVariants({ tone }), className)}>
      {icon}
      {children}
    </span>
  )
}

/** A number at the end of a row, such as firing alerts. `label` is the whole sentence for a screen reader. */
export function CountBadge({ count, label, tone = 'neutral' }: { count: number; label: string; tone?: Tone }) {
  return (
    <span
      role="img"
      aria-label={label}
      className={cn(badgeVariants({ tone }), 'h-4.5 min-w-4.5 justify-center px-[5px] text-[11px] tabular-nums')}
    >
      {count > 99 ? '99+' : count}
    </span>
  )
}
