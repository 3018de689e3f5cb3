import { Tooltip as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

/** Stands once at the root: after the first tooltip the next ones open at once. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={400} skipDelayDuration={300}>
      {children}
    </Radix.Provider>
  )
}

export interface TooltipProps {
  content: ReactNode
  shortcut?: string
  side?: 'top' | 'right' | 'bottom' | 'left'
  /** One element that takes focus. */
  children: ReactNode
}

/** A few words about the control below it. Never the only place where something is said: touch has no hover. */
export function Tooltip({ content, shortcut, side = 'top', children }: TooltipProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-60 w-max max-w-65 animate-fade rounded-control bg-grey-10 px-2.5 py-1.5 text-12 text-grey-1"
        >
          {content}
          {shortcut ? <kbd className="ml-2 font-sans opacity-70">{shortcut}</kbd> : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
