import { type ReactNode, useState } from 'react'
import { Button } from './button'
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFoot } from './dialog'
import { Field } from './field'
import { InlineError } from './inline-error'
import { Input } from './input'

export interface ConfirmDialogProps {
  open: boolean
  onOpenChange: (isOpen: boolean) => void
  /** A question that names the thing: "Delete Quill?" */
  title: string
  /** What happens, and whether it can be undone. */
  description: ReactNode
  /** The verb again: "Delete product". */
  confirmLabel: string
  onConfirm: () => void
  busy?: boolean
  error?: ReactNode
  danger?: boolean
  /** For what cannot be undone: the name that has to be typed. */
  typeToConfirm?: string
  children?: ReactNode
}

/** Asks before something that is hard to undo. What is easy to undo deserves a toast with "Undo" instead. */
export function ConfirmDialog({ open, onOpenChange, title, description, children, ...form }: ConfirmDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title={title} description={description} width={400}>
        <ConfirmForm {...form}>{children}</ConfirmForm>
      </DialogContent>
    </Dialog>
  )
}

/** Lives only while the dialog is open, so the typed name is gone the next time. */
function ConfirmForm({
  confirmLabel,
  onConfirm,
  busy,
  error,
  danger = true,
  typeToConfirm,
  children,
}: Omit<ConfirmDialogProps, 'open' | 'onOpenChange' | 'title' | 'description'>) {
  const [typed, setTyped] = useState('')
  const isAllowed = typeToConfirm === undefined || typed.trim() === typeToConfirm
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        // React hands events through portals: without this a form around the dialog would be sent as well.
        event.stopPropagation()
        if (isAllowed && !busy) onConfirm()
      }}
    >
      <DialogBody className="pb-5">
        {children}
        {typeToConfirm === undefined ? null : (
          <Field label={`Type ${typeToConfirm} to confirm`}>
            <Input
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
            />
          </Field>
        )}
        {error ? <InlineError title={error} compact /> : null}
      </DialogBody>
      <DialogFoot>
        <DialogClose>
          <Button variant="ghost">Cancel</Button>
        </DialogClose>
        <Button type="submit" variant={danger ? 'danger' : 'primary'} busy={busy} disabled={!isAllowed}>
          {confirmLabel}
        </Button>
      </DialogFoot>
    </form>
  )
}
