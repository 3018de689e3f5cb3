import { useQuery } from '@tanstack/react-query'
import type { MailSettings } from '@trackable/api/client'
import { Badge } from '@trackable/ui/badge'
import { Button } from '@trackable/ui/button'
import { Card, CardHead } from '@trackable/ui/card'
import { InlineError } from '@trackable/ui/inline-error'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { Check, Inbox, TriangleAlert } from 'lucide-react'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useCanEdit } from '../shell/current'

const PROVIDERS: Record<MailSettings['provider'], string> = {
  smtp: 'SMTP',
  resend: 'Resend',
  outbox: 'None, mails stay in the outbox',
}

export function useMailSettings(productId: string) {
  const trpc = useTRPC()
  return useQuery(trpc.report.mailSettings.queryOptions({ productId }, { staleTime: 5 * 60_000 }))
}

export interface SendingCardProps {
  settings: ReturnType<typeof useMailSettings>
  onOutbox: () => void
}

/** How mails leave this server, so that nobody waits for one that cannot come. */
export function SendingCard({ settings, onOutbox }: SendingCardProps) {
  const canEdit = useCanEdit()
  const { data } = settings
  const isOutbox = data?.provider === 'outbox'
  return (
    <Card aria-label="Sending">
      <CardHead title="Sending">
        {data ? (
          <Badge
            tone={isOutbox ? 'warn' : 'good'}
            icon={isOutbox ? <TriangleAlert aria-hidden /> : <Check aria-hidden />}
          >
            {isOutbox ? 'Not set up' : 'Set up'}
          </Badge>
        ) : null}
      </CardHead>
      {data ? (
        <dl className="grid gap-1.5 text-13">
          <Fact name="Provider">{PROVIDERS[data.provider]}</Fact>
          <Fact name="From">{data.from}</Fact>
        </dl>
      ) : settings.error ? (
        <InlineError
          title={toProblem(settings.error).message}
          onRetry={() => void settings.refetch()}
          retrying={settings.isFetching}
        />
      ) : (
        <SkeletonGroup label="Loading the mail settings" className="grid gap-2">
          <Skeleton className="h-4 w-48" />
          <Skeleton className="h-4 w-56" />
        </SkeletonGroup>
      )}
      {isOutbox ? (
        <>
          <p className="mt-3 text-13 text-muted">
            No mail provider is configured: reports run and their mails are kept here, but nobody gets them. Start the
            server with <code>SMTP_URL</code> or <code>RESEND_API_KEY</code>, and with <code>MAIL_FROM</code>.
          </p>
          {canEdit ? (
            <Button size={28} icon={<Inbox aria-hidden />} className="mt-3" onClick={onOutbox}>
              Open the outbox
            </Button>
          ) : null}
        </>
      ) : null}
    </Card>
  )
}

function Fact({ name, children }: { name: string; children: string }) {
  return (
    <div className="grid grid-cols-[84px_minmax(0,1fr)]">
      <dt className="text-muted">{name}</dt>
      <dd className="break-words">{children}</dd>
    </div>
  )
}
