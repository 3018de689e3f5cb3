import { Command } from 'cmdk'
import { Dialog as Radix } from 'radix-ui'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'
import { CommandSearch, commandEmpty, commandList, groupClasses } from './command-parts'
import { Kbd } from './kbd'
import { menuItem } from './menu-styles'

export interface CommandDialogProps {
  open: boolean
  onOpenChange: (isOpen: boolean) => void
  label: string
  placeholder: string
  search?: string
  onSearchChange?: (text: string) => void
  /** False when the items come from a server that has already searched. */
  filter?: boolean
  busy?: boolean
  empty?: ReactNode
  footer?: ReactNode
  children: ReactNode
}

/** The palette that goes anywhere. Built on our own scrim for the reason given in dialog.tsx. */
export function CommandDialog({
  open,
  onOpenChange,
  label,
  placeholder,
  search,
  onSearchChange,
  filter = true,
  busy,
  empty = 'Nothing matches.',
  footer,
  children,
}: CommandDialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <div className="fixed inset-0 z-40 flex animate-fade items-start justify-center bg-scrim p-4 pt-[14vh] max-phone:p-2">
          <Radix.Content
            data-modal
            aria-describedby={undefined}
            className="w-full max-w-140 animate-rise overflow-hidden rounded-[14px] border border-line bg-raised shadow-dialog outline-none"
          >
            <Radix.Title className="sr-only">{label}</Radix.Title>
            <Command label={label} shouldFilter={filter} loop>
              <CommandSearch placeholder={placeholder} busy={busy} value={search} onValueChange={onSearchChange} />
              <Command.List className={cn(commandList, 'max-h-[min(420px,60dvh)]')}>
                <Command.Empty className={commandEmpty}>{empty}</Command.Empty>
                {children}
              </Command.List>
              {footer ? <div className="border-line border-t px-3 py-2 text-12 text-muted">{footer}</div> : null}
            </Command>
          </Radix.Content>
        </div>
      </Radix.Portal>
    </Radix.Root>
  )
}

export function CommandGroup({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group heading={heading} className={groupClasses}>
      {children}
    </Command.Group>
  )
}

export interface CommandItemProps extends ComponentProps<typeof Command.Item> {
  icon?: ReactNode
  hint?: ReactNode
  shortcut?: string
}

export function CommandItem({ icon, hint, shortcut, className, children, ...props }: CommandItemProps) {
  return (
    <Command.Item className={cn(menuItem, '[&>.lucide]:text-muted', className)} {...props}>
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {hint ? <span className="flex-none text-12 text-muted">{hint}</span> : null}
      {shortcut ? <Kbd className="bg-transparent">{shortcut}</Kbd> : null}
    </Command.Item>
  )
}
