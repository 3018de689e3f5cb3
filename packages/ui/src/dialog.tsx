import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'
import { IconButton } from './icon-button'

/** Traps the focus, closes on Escape, gives the focus back. Keep its state in the URL when it is worth a link. */
export const Dialog = Radix.Root
export const DialogTrigger = (props: ComponentProps<typeof Radix.Trigger>) => <Radix.Trigger asChild {...props} />
export const DialogClose = (props: ComponentProps<typeof Radix.Close>) => <Radix.Close asChild {...props} />

const WIDTHS = { 400: 'max-w-100', 520: 'max-w-130', 700: 'max-w-175', 960: 'max-w-240' }

export interface DialogContentProps extends Omit<ComponentProps<typeof Radix.Content>, 'title'> {
  title: ReactNode
  description?: ReactNode
  width?: keyof typeof WIDTHS
  /** False while closing would lose something that cannot be had again, such as a key shown once. */
  dismissable?: boolean
}

/**
 * The window of a dialog. The scrim is our own element: the library's overlay locks the page's scrolling through a style
 * element that the content security policy refuses; theme.css locks it with a selector instead.
 */
export function DialogContent({
  title,
  description,
  width = 520,
  dismissable = true,
  className,
  children,
  ...props
}: DialogContentProps) {
  return (
    <Radix.Portal>
      <div className="fixed inset-0 z-40 grid animate-fade place-items-center overflow-y-auto bg-scrim p-4 max-phone:items-end max-phone:p-0">
        <Radix.Content
          data-modal
          onEscapeKeyDown={dismissable ? undefined : prevent}
          onInteractOutside={dismissable ? undefined : prevent}
          onOpenAutoFocus={focusFirstField}
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={cn(
            'relative flex max-h-[calc(100dvh-32px)] w-full animate-rise flex-col overflow-hidden rounded-[14px] border border-line bg-raised shadow-dialog outline-none',
            'max-phone:max-h-[calc(100dvh-24px)] max-phone:max-w-none max-phone:rounded-b-none',
            WIDTHS[width],
            className,
          )}
          {...props}
        >
          <div className="flex items-start justify-between gap-4 px-6 pt-5">
            <div className="min-w-0">
              <Radix.Title className="font-semibold text-16 leading-6 tracking-[-0.011em]">{title}</Radix.Title>
              {description ? <Radix.Description className="text-13 text-muted">{description}</Radix.Description> : null}
            </div>
            {dismissable ? (
              <Radix.Close asChild>
                <IconButton label="Close" tooltip={false} className="-mr-2">
                  <X aria-hidden />
                </IconButton>
              </Radix.Close>
            ) : null}
          </div>
          {children}
        </Radix.Content>
      </div>
    </Radix.Portal>
  )
}

/** The part that scrolls when the window is short. A form around Body and Foot needs no layout of its own. */
export function DialogBody({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('grid min-h-0 content-start gap-4 overflow-y-auto px-6 pt-4 pb-6', className)} {...props} />
}

/** Actions, the primary one last. */
export function DialogFoot({
  note,
  className,
  children,
}: {
  note?: ReactNode
  className?: string
  children: ReactNode
}) {
  return (
    <div className={cn('flex flex-wrap items-center justify-end gap-2 border-line border-t px-6 py-3', className)}>
      {note ? <p className="mr-auto text-12 text-muted">{note}</p> : null}
      {children}
    </div>
  )
}

/**
 * The first field takes the focus, because filling it is what the dialog opened for. Not on touch, where it would throw the
 * keyboard over a dialog nobody has read yet.
 */
function focusFirstField(event: Event): void {
  if (!(event.target instanceof HTMLElement) || matchMedia('(pointer: coarse)').matches) return
  const field = event.target.querySelector<HTMLElement>(
    '[data-autofocus], input:not([type="hidden"], :disabled), textarea:not(:disabled), select:not(:disabled)',
  )
  if (!field) return
  event.preventDefault()
  field.focus()
}

function prevent(event: Event): void {
  event.preventDefault()
}
