import type { MetricDetail } from '@trackable/api/client'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@trackable/ui/dropdown-menu'
import { IconButton } from '@trackable/ui/icon-button'
import { Ellipsis, Eye, EyeOff, Merge, PencilLine, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTeam } from '../shell/current'
import { DeleteMetricDialog } from './delete-metric-dialog'
import { MergeMetricDialog } from './merge-metric-dialog'
import { useUpdateMetric } from './metric-form'
import { RenameMetricDialog } from './rename-metric-dialog'

type Dialog = 'rename' | 'merge' | 'delete' | null

/** What is done to a metric as a whole. */
export function MetricActions({ detail }: { detail: MetricDetail }) {
  const [dialog, setDialog] = useState<Dialog>(null)
  const update = useUpdateMetric(detail)
  const { role } = useTeam()
  const canDelete = role === 'owner' || role === 'admin'
  const close = () => setDialog(null)
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger>
          <IconButton label="More" variant="line" tooltip={false}>
            <Ellipsis aria-hidden />
          </IconButton>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem icon={<PencilLine aria-hidden />} onSelect={() => setDialog('rename')}>
            Rename
          </DropdownMenuItem>
          <DropdownMenuItem
            icon={detail.isHidden ? <Eye aria-hidden /> : <EyeOff aria-hidden />}
            onSelect={() => update({ isHidden: !detail.isHidden })}
          >
            {detail.isHidden ? 'Show in lists' : 'Hide from lists'}
          </DropdownMenuItem>
          <DropdownMenuItem icon={<Merge aria-hidden />} onSelect={() => setDialog('merge')}>
            Merge into another
          </DropdownMenuItem>
          {canDelete ? (
            <>
              <DropdownMenuSeparator />
              <DropdownMenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setDialog('delete')}>
                Delete
              </DropdownMenuItem>
            </>
          ) : null}
        </DropdownMenuContent>
      </DropdownMenu>
      {dialog === 'merge' ? <MergeMetricDialog detail={detail} onClose={close} /> : null}
      {dialog === 'delete' ? <DeleteMetricDialog detail={detail} onClose={close} /> : null}
      {dialog === 'rename' ? <RenameMetricDialog detail={detail} onClose={close} /> : null}
    </>
  )
}
