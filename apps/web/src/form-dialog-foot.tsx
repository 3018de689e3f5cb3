import { Button } from '@trackable/ui/button'
import { DialogClose, DialogFoot } from '@trackable/ui/dialog'

/** The closing row of a form in a dialog: leave it, or send it. */
export function FormDialogFoot({ submitLabel, busy }: { submitLabel: string; busy?: boolean }) {
  return (
    <DialogFoot>
      <DialogClose>
        <Button variant="ghost">Cancel</Button>
      </DialogClose>
      <Button type="submit" variant="primary" busy={busy}>
        {submitLabel}
      </Button>
    </DialogFoot>
  )
}
