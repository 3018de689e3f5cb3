import { useQuery } from '@tanstack/react-query'
import type { OutboxMail } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { EmptyState } from '@trackable/ui/empty-state'
import { InlineError } from '@trackable/ui/inline-error'
import { Sheet, SheetBody, SheetContent } from '@trackable/ui/sheet'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { ArrowLeft } from 'lucide-react'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { Age, formatDateTime, useNow } from '../../time'
import { useTRPC } from '../../trpc'
import { useTeam } from '../shell/current'
import { MailFrame } from './mail-frame'

export interface OutboxSheetProps {
  isOpen: boolean
  mailId: string | null
  onMail: (mailId: string | null) => void
  onClose: () => void
}

/** Mails that had nowhere to go, each as its reader would have seen it. */
export function OutboxSheet({ isOpen, mailId, onMail, onClose }: OutboxSheetProps) {
  return (
    <Sheet open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <SheetContent
        title="Outbox"
        description="Mails of this team that were kept because no mail provider is configured."
        width={640}
      >
        {isOpen ? <Outbox mailId={mailId} onMail={onMail} /> : null}
      </SheetContent>
    </Sheet>
  )
}

function Outbox({ mailId, onMail }: Pick<OutboxSheetProps, 'mailId' | 'onMail'>) {
  const trpc = useTRPC()
  const team = useTeam()
  const outbox = useQuery(trpc.report.outbox.queryOptions({ teamId: team.id }, { staleTime: 0 }))
  if (mailId !== null) {
    const mail = outbox.data?.find(({ id }) => id === mailId)
    return <Mail id={mailId} mail={mail} onBack={() => onMail(null)} />
  }
  if (outbox.error && !outbox.data) {
    const { message, requestId } = toProblem(outbox.error)
    return (
      <SheetBody>
        <InlineError
          title={message}
          requestId={requestId}
          onRetry={() => void outbox.refetch()}
          retrying={outbox.isFetching}
        />
      </SheetBody>
    )
  }
  if (!outbox.data) {
    return (
      <SheetBody>
        <SkeletonGroup label="Loading the outbox" className="grid gap-2">
          {['a', 'b', 'c'].map((key) => (
            <Skeleton key={key} className="h-14 w-full" />
          ))}
        </SkeletonGroup>
      </SheetBody>
    )
  }
  if (outbox.data.length === 0) {
    return (
      <SheetBody>
        <EmptyState layout="center" title="The outbox is empty">
          Send a report, or a test to yourself, and its mail appears here.
        </EmptyState>
      </SheetBody>
    )
  }
  return (
    <SheetBody className="p-0">
      <MailList mails={outbox.data} onMail={onMail} />
    </SheetBody>
  )
}

function MailList({ mails, onMail }: { mails: readonly OutboxMail[]; onMail: (mailId: string) => void }) {
  const now = useNow()
  return (
    <ul>
      {mails.map(({ id, subject, to, createdAt }) => (
        <li key={id} className="border-line border-b">
          <button
            type="button"
            onClick={() => onMail(id)}
            className="grid w-full grid-cols-[minmax(0,1fr)] gap-0.5 px-5 py-3 text-left -outline-offset-2 transition-colors hover:bg-hover"
          >
            <span className="flex min-w-0 items-baseline justify-between gap-4">
              <span className="min-w-0 truncate font-medium">{subject}</span>
              <Age at={createdAt} now={now} className="flex-none text-12 text-muted tabular-nums" />
            </span>
            <span className="truncate text-13 text-muted">to {to}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

function Mail({ id, mail, onBack }: { id: string; mail: OutboxMail | undefined; onBack: () => void }) {
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-2 border-line border-b px-3 py-2">
        <Button size={28} variant="ghost" icon={<ArrowLeft aria-hidden />} onClick={onBack}>
          All mails
        </Button>
        {mail ? (
          <span className="min-w-0 flex-1 truncate text-12 text-muted tabular-nums">
            to {mail.to}, {formatDateTime(mail.createdAt)}
          </span>
        ) : null}
      </div>
      <MailFrame src={paths.outboxPreview(id)} title={mail?.subject ?? 'Mail'} />
    </div>
  )
}
