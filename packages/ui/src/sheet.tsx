import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'
import { IconButton } from './icon-button'

/** A drawer at the edge: details of a row, or the rail on a phone. */
export const Sheet = Radix.Root
export const SheetTrigger = (props: ComponentProps<typeof Radix.Trigger>) => <Radix.Trigger asChild {...props} />
export const SheetClose = (props: ComponentProps<typeof Radix.Close>) => <Radix.Close asChild {...props} />

const WIDTHS = { 280: 'max-w-70', 440: 'max-w-110', 640: 'max-w-160' }

export interface SheetContentProps extends Omit<ComponentProps<typeof Radix.Content>, 'title'> {
  title: ReactNode
  description?: ReactNode
  /** Keeps the title for screen readers when the content has its own head. */
  hideTitle?: boolean
  /** Left of the close button. */
  actions?: ReactNode
  side?: 'left' | 'right'
  width?: keyof typeof WIDTHS
}

export function SheetContent({
  title,
  description,
  hideTitle = false,
  actions,
  side = 'right',
  width = 440,
  className,
  children,
  ...props
}: SheetContentProps) {
  return (
    <Radix.Portal>
      <div aria-hidden className="fixed inset-0 z-40 animate-fade bg-scrim" />
      <Radix.Content
        data-modal
        {...(description ? {} : { 'aria-describedby': undefined })}
        className={cn(
          'fixed inset-y-0 z-41 flex w-[calc(100%-40px)] flex-col border-line bg-raised shadow-dialog outline-none',
          side === 'right' ? 'right-0 animate-from-right border-l' : 'left-0 animate-from-left border-r',
          WIDTHS[width],
          className,
        )}
        {...props}
      >
        <div className={cn('flex items-start gap-1 border-line border-b px-5 pt-4.5 pb-3.5', hideTitle && 'sr-only')}>
          <div className="min-w-0 flex-1">
            <Radix.Title className="truncate font-semibold text-16 leading-6 tracking-[-0.011em]">{title}</Radix.Title>
            {description ? (
              <Radix.Description asChild>
                <div className="text-13 text-muted">{description}</div>
              </Radix.Description>
            ) : null}
          </div>
          {actions}
          <Radix.Close asChild>
            <IconButton label="Close" tooltip={false} className="-mr-2">
              <X aria-hidden />
            </IconButton>
          </Radix.Close>
        </div>
        {children}
      </Radix.Content>
    </Radix.Portal>
  )
}

/** The part that scrolls. */
export function SheetBody({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('min-h-0 flex-1 overflow-y-auto px-5 py-4', className)} {...props} />
}

export function SheetFoot({ className, ...props }: ComponentProps<'div'>) {
  return (
    <div className={cn('flex items-center justify-end gap-2 border-line border-t px-5 py-3', className)} {...props} />
  )
}
