import { Tabs as Radix } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './cn'

/** Panels of one thing; the value belongs in the URL when a panel is worth linking to. */
export const Tabs = Radix.Root

export interface TabListProps extends Omit<ComponentProps<typeof Radix.List>, 'aria-label'> {
  label: string
}

export function TabList({ label, className, ...props }: TabListProps) {
  return (
    <Radix.List
      aria-label={label}
      className={cn('flex gap-6 overflow-x-auto border-line border-b [scrollbar-width:none]', className)}
      {...props}
    />
  )
}

export function Tab({ className, ...props }: ComponentProps<typeof Radix.Trigger>) {
  return (
    <Radix.Trigger
      className={cn(
        'relative inline-flex h-10 flex-none items-center gap-1.5 font-medium text-13 text-muted transition-colors -outline-offset-2 hover:text-ink touch:h-11 data-[state=active]:text-ink',
        'data-[state=active]:after:absolute data-[state=active]:after:inset-x-0 data-[state=active]:after:bottom-0 data-[state=active]:after:h-0.5 data-[state=active]:after:rounded-full data-[state=active]:after:bg-ink',
        className,
      )}
      {...props}
    />
  )
}

export function TabPanel({ className, ...props }: ComponentProps<typeof Radix.Content>) {
  return <Radix.Content className={cn('pt-4', className)} {...props} />
}
