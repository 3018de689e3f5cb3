import type { MetricDetail } from '@trackable/api/client'
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from '@trackable/ui/dropdown-menu'
import { IconButton } from '@trackable/ui/icon-button'
import { Ellipsis, Eye, EyeOff, PencilLine } from 'lucide-react'
import { useState } from 'react'
import { useUpdateMetric } from './metric-form'
import { RenameMetricDialog } from './rename-metric-dialog'

type Dialog = 'rename' | null

/** What is done to a metric as a whole. */
export function MetricActions({ detail }: { detail: MetricDetail }) {
  const [dialog, setDialog] = useState<Dialog>(null)
  const update = useUpdateMetric(detail)
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
        </DropdownMenuContent>
      </DropdownMenu>
      {dialog === 'rename' ? <RenameMetricDialog detail={detail} onClose={close} /> : null}
    </>
  )
}
