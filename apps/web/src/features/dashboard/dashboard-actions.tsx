import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Dashboard, DashboardView } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { ConfirmDialog } from '@trackable/ui/confirm-dialog'
import { Dialog, DialogBody, DialogContent } from '@trackable/ui/dialog'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@trackable/ui/dropdown-menu'
import { Field } from '@trackable/ui/field'
import { IconButton } from '@trackable/ui/icon-button'
import { Input } from '@trackable/ui/input'
import { toast } from '@trackable/ui/toast'
import { Check, Ellipsis, Pencil, PencilRuler, Pin, Plus, Trash2, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { FormDialogFoot } from '../../form-dialog-foot'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import type { DashboardEditor } from './use-dashboard-editor'

export interface DashboardActionsProps {
  dashboard: Dashboard
  editor: DashboardEditor
  view: DashboardView
  isArranging: boolean
  /** Absent where there is no grid to arrange. */
  onArranging: ((isArranging: boolean) => void) | undefined
  onNewWidget: () => void
}

/** What an editor can do to the dashboard, at the right of its head. */
export function DashboardActions(props: DashboardActionsProps) {
  const { dashboard, editor, view, isArranging, onArranging, onNewWidget } = props
  const [dialog, setDialog] = useState<'rename' | 'delete' | null>(null)
  return (
    <>
      {editor.isSaving ? (
        <span role="status" className="text-12 text-muted max-phone:hidden">
          Saving…
        </span>
      ) : null}
      {onArranging ? (
        <Button
          icon={isArranging ? <Check aria-hidden /> : <PencilRuler aria-hidden />}
          onClick={() => onArranging(!isArranging)}
          aria-pressed={isArranging}
        >
          {isArranging ? 'Done' : 'Arrange'}
        </Button>
      ) : null}
      <Button variant="primary" icon={<Plus aria-hidden />} onClick={onNewWidget}>
        Widget
      </Button>
      <DropdownMenu>
        <DropdownMenuTrigger>
          <IconButton label="More" tooltip={false}>
            <Ellipsis aria-hidden />
          </IconButton>
        </DropdownMenuTrigger>
        <DropdownMenuContent>
          <DropdownMenuItem
            icon={<Undo2 aria-hidden />}
            shortcut="U"
            disabled={!editor.canUndo}
            onSelect={() => editor.undo()}
          >
            Undo
          </DropdownMenuItem>
          <DropdownMenuItem
            icon={<Pin aria-hidden />}
            onSelect={() => {
              editor.change({ view }, 'Changed the default range')
              toast.good('Everybody who opens this dashboard now starts with this range.')
            }}
          >
            Make this range the default
          </DropdownMenuItem>
          <DropdownMenuItem icon={<Pencil aria-hidden />} onSelect={() => setDialog('rename')}>
            Rename
          </DropdownMenuItem>
          <DropdownMenuSeparator />
          <DropdownMenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setDialog('delete')}>
            Delete dashboard
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <RenameDialog editor={editor} isOpen={dialog === 'rename'} onClose={() => setDialog(null)} />
      <DeleteDialog dashboard={dashboard} isOpen={dialog === 'delete'} onClose={() => setDialog(null)} />
    </>
  )
}

function RenameDialog({ editor, isOpen, onClose }: { editor: DashboardEditor; isOpen: boolean; onClose: () => void }) {
  const [name, setName] = useState(editor.draft.name)
  const isEmpty = name.trim() === ''
  return (
    <Dialog
      open={isOpen}
      onOpenChange={(open) => {
        setName(editor.draft.name)
        if (!open) onClose()
      }}
    >
      <DialogContent title="Rename dashboard" width={400}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (isEmpty) return
            if (name.trim() !== editor.draft.name) editor.change({ name: name.trim() }, `Renamed ${editor.draft.name}`)
            onClose()
          }}
        >
          <DialogBody>
            <Field label="Name" error={isEmpty ? 'Enter a name.' : undefined}>
              <Input autoFocus maxLength={80} value={name} onChange={(e) => setName(e.target.value)} />
            </Field>
          </DialogBody>
          <FormDialogFoot submitLabel="Rename" />
        </form>
      </DialogContent>
    </Dialog>
  )
}

function DeleteDialog({ dashboard, isOpen, onClose }: { dashboard: Dashboard; isOpen: boolean; onClose: () => void }) {
  const trpc = useTRPC()
  const client = useQueryClient()
  const navigate = useNavigate()
  const remove = useMutation(
    trpc.dashboard.delete.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries(trpc.dashboard.list.queryFilter({ productId: dashboard.productId }))
        toast(`Deleted ${dashboard.name}`)
        navigate(paths.product(dashboard.productId), { replace: true })
      },
    }),
  )
  return (
    <ConfirmDialog
      open={isOpen}
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${dashboard.name}?`}
      description="The dashboard and the reports that send it are deleted for everybody. The metrics and their points stay."
      confirmLabel="Delete dashboard"
      busy={remove.isPending}
      error={remove.error ? toProblem(remove.error).message : undefined}
      onConfirm={() => remove.mutate({ dashboardId: dashboard.id })}
    />
  )
}
