import { Check, ChevronRight } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'
import { Kbd } from './kbd'
import { menuHeading, menuItem, menuSurface } from './menu-styles'

/** Not modal: locking the page's scrolling needs a style element, which the content security policy refuses. */
export function DropdownMenu(props: ComponentProps<typeof Radix.Root>) {
  return <Radix.Root modal={false} {...props} />
}

export const DropdownMenuTrigger = (props: ComponentProps<typeof Radix.Trigger>) => <Radix.Trigger asChild {...props} />
export const DropdownMenuRadioGroup = Radix.RadioGroup
export const DropdownMenuSub = Radix.Sub

export function DropdownMenuContent({ className, align = 'end', ...props }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content
        align={align}
        sideOffset={4}
        collisionPadding={8}
        className={cn(
          menuSurface,
          'max-h-(--radix-dropdown-menu-content-available-height) min-w-48 overflow-y-auto p-1',
          className,
        )}
        {...props}
      />
    </Radix.Portal>
  )
}

export interface DropdownMenuItemProps extends ComponentProps<typeof Radix.Item> {
  icon?: ReactNode
  /** Shown as a key cap; the page that owns the menu listens for it. */
  shortcut?: string
  danger?: boolean
}

export function DropdownMenuItem({ icon, shortcut, danger, className, children, ...props }: DropdownMenuItemProps) {
  return (
    <Radix.Item
      className={cn(menuItem, danger ? 'text-bad' : '[&>.lucide]:text-muted', className)}
      aria-keyshortcuts={shortcut}
      {...props}
    >
      {/* With asChild (a router link) the library needs exactly one child, which then brings its own icon. */}
      {props.asChild ? (
        children
      ) : (
        <>
          {icon}
          <span className="min-w-0 flex-1 truncate">{children}</span>
          {shortcut ? <Kbd className="bg-transparent touch:hidden">{shortcut}</Kbd> : null}
        </>
      )}
    </Radix.Item>
  )
}

export function DropdownMenuCheckboxItem({ className, children, ...props }: ComponentProps<typeof Radix.CheckboxItem>) {
  return (
    <Radix.CheckboxItem className={cn(menuItem, className)} onSelect={(event) => event.preventDefault()} {...props}>
      <span className="min-w-0 flex-1 truncate">{children}</span>
      <Radix.ItemIndicator>
        <Check aria-hidden className="text-accent-text" />
      </Radix.ItemIndicator>
    </Radix.CheckboxItem>
  )
}

export function DropdownMenuRadioItem({ className, children, ...props }: ComponentProps<typeof Radix.RadioItem>) {
  return (
    <Radix.RadioItem className={cn(menuItem, 'data-[state=checked]:font-medium', className)} {...props}>
      <span className="min-w-0 flex-1 truncate">{children}</span>
      <Radix.ItemIndicator>
        <Check aria-hidden className="text-accent-text" />
      </Radix.ItemIndicator>
    </Radix.RadioItem>
  )
}

export function DropdownMenuLabel({ className, ...props }: ComponentProps<typeof Radix.Label>) {
  return <Radix.Label className={cn(menuHeading, className)} {...props} />
}

export function DropdownMenuSeparator({ className }: { className?: string }) {
  return <Radix.Separator className={cn('-mx-1 my-1 border-line border-t', className)} />
}

export function DropdownMenuSubTrigger({
  icon,
  className,
  children,
  ...props
}: ComponentProps<typeof Radix.SubTrigger> & { icon?: ReactNode }) {
  return (
    <Radix.SubTrigger className={cn(menuItem, '[&>.lucide]:text-muted', className)} {...props}>
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      <ChevronRight aria-hidden />
    </Radix.SubTrigger>
  )
}

export function DropdownMenuSubContent({ className, ...props }: ComponentProps<typeof Radix.SubContent>) {
  return (
    <Radix.Portal>
      <Radix.SubContent
        sideOffset={6}
        collisionPadding={8}
        className={cn(menuSurface, 'min-w-44 p-1', className)}
        {...props}
      />
    </Radix.Portal>
  )
}
