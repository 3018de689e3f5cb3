import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Report } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { ConfirmDialog } from '@trackable/ui/confirm-dialog'
import { Dialog, DialogContent } from '@trackable/ui/dialog'
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from '@trackable/ui/dropdown-menu'
import { IconButton } from '@trackable/ui/icon-button'
import { toast } from '@trackable/ui/toast'
import { CirclePause, CirclePlay, Ellipsis, Eye, Send, Trash2 } from 'lucide-react'
import { useNavigate } from 'react-router'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useCanEdit, useUser } from '../shell/current'
import { MailFrame } from './mail-frame'
import { useReportChanges } from './use-report-changes'
import type { ReportLayer } from './use-report-view'

export interface ReportActionsProps {
  report: Report
  layer: ReportLayer
  onLayer: (layer: ReportLayer) => void
}

/** What can be done with a report beside changing it. */
export function ReportActions({ report, layer, onLayer }: ReportActionsProps) {
  const canEdit = useCanEdit()
  const user = useUser()
  const { test, change } = useReportChanges(report)
  return (
    <>
      <Button size={28} icon={<Eye aria-hidden />} onClick={() => onLayer('preview')}>
        Preview
      </Button>
      <Button
        size={28}
        busy={test.isPending}
        title={`To ${user.email} only`}
        onClick={() => test.mutate({ reportId: report.id })}
      >
        Send test to me
      </Button>
      {canEdit ? (
        <>
          <Button size={28} icon={<Send aria-hidden />} onClick={() => onLayer('send')}>
            Send now
          </Button>
          <Button
            size={28}
            busy={change.isPending}
            icon={report.isPaused ? <CirclePlay aria-hidden /> : <CirclePause aria-hidden />}
            onClick={() => change.mutate({ reportId: report.id, isPaused: !report.isPaused })}
          >
            {report.isPaused ? 'Resume' : 'Pause'}
          </Button>
          <DropdownMenu>
            <DropdownMenuTrigger>
              <IconButton label="More actions" size={28} tooltip={false}>
                <Ellipsis aria-hidden />
              </IconButton>
            </DropdownMenuTrigger>
            <DropdownMenuContent align="end">
              <DropdownMenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => onLayer('delete')}>
                Delete report
              </DropdownMenuItem>
            </DropdownMenuContent>
          </DropdownMenu>
        </>
      ) : null}
      <PreviewDialog report={report} isOpen={layer === 'preview'} onClose={() => onLayer(null)} />
      {canEdit ? (
        <>
          <SendDialog report={report} isOpen={layer === 'send'} onClose={() => onLayer(null)} />
          <DeleteDialog report={report} isOpen={layer === 'delete'} onClose={() => onLayer(null)} />
        </>
      ) : null}
    </>
  )
}

interface DialogProps {
  report: Report
  isOpen: boolean
  onClose: () => void
}

function PreviewDialog({ report, isOpen, onClose }: DialogProps) {
  return (
    <Dialog open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={`Preview of ${report.name}`}
        description="The mail as it would go out now. Nothing is sent."
        width={700}
        className="h-[min(900px,calc(100dvh-32px))]"
      >
        <div className="mt-4 flex min-h-0 flex-1 flex-col border-line border-t">
          <MailFrame src={paths.reportPreview(report.id)} title={`Mail of ${report.name}`} />
        </div>
      </DialogContent>
    </Dialog>
  )
}

function SendDialog({ report, isOpen, onClose }: DialogProps) {
  const { send } = useReportChanges(report)
  const count = report.recipients.length
  const people = count === 1 ? '1 recipient' : `${count} recipients`
  return (
    <ConfirmDialog
      open={isOpen}
      onOpenChange={(open) => !open && onClose()}
      title={`Send ${report.name} to ${people}?`}
      description={`The mail goes out now, with the last complete ${PERIODS[report.schedule.frequency]}. The schedule goes on as it is.`}
      confirmLabel={`Send to ${people}`}
      danger={false}
      busy={send.isPending}
      error={send.error ? toProblem(send.error).message : undefined}
      onConfirm={() => send.mutate({ reportId: report.id }, { onSuccess: onClose })}
    />
  )
}

const PERIODS = { daily: 'day', weekly: 'week', monthly: 'month' }

function DeleteDialog({ report, isOpen, onClose }: DialogProps) {
  const trpc = useTRPC()
  const client = useQueryClient()
  const navigate = useNavigate()
  const remove = useMutation(
    trpc.report.delete.mutationOptions({
      async onSuccess() {
        navigate(paths.reports(report.productId), { replace: true })
        await client.invalidateQueries(trpc.report.list.queryFilter({ productId: report.productId }))
        toast(`Deleted ${report.name}`)
      },
    }),
  )
  return (
    <ConfirmDialog
      open={isOpen}
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${report.name}?`}
      description="Nobody gets this report any more, and its delivery log is deleted with it. The dashboard stays."
      confirmLabel="Delete report"
      busy={remove.isPending}
      error={remove.error ? toProblem(remove.error).message : undefined}
      onConfirm={() => remove.mutate({ reportId: report.id })}
    />
  )
}
