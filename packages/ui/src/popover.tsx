import { Popover as Radix } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './cn'
import { menuSurface } from './menu-styles'

/** Something small to set or read next to what opened it. */
export const Popover = Radix.Root
export const PopoverTrigger = (props: ComponentProps<typeof Radix.Trigger>) => <Radix.Trigger asChild {...props} />
export const PopoverClose = (props: ComponentProps<typeof Radix.Close>) => <Radix.Close asChild {...props} />
export const PopoverAnchor = Radix.Anchor

export interface PopoverContentProps extends ComponentProps<typeof Radix.Content> {
  /** Its name for screen readers. */
  label: string
}

export function PopoverContent({ label, align = 'start', className, ...props }: PopoverContentProps) {
  return (
    <Radix.Portal>
      <Radix.Content
        aria-label={label}
        align={align}
        sideOffset={4}
        collisionPadding={8}
        className={cn(menuSurface, 'max-w-[calc(100vw-16px)] p-3', className)}
        {...props}
      />
    </Radix.Portal>
  )
}
