import { CircleAlert, RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button'
import { cn } from './cn'
import { CopyButton } from './copy-button'

export interface InlineErrorProps {
  /** What failed, and since when if it lasts: "The numbers could not be read, since 15:31." */
  title: ReactNode
  /** What to do about it. */
  detail?: ReactNode
  onRetry?: () => void
  retrying?: boolean
  /** For the person who asks the operator; copies with a click. */
  requestId?: string
  /** A single line, for a form or a table row. */
  compact?: boolean
  className?: string
}

/** An error where it belongs: what failed, what to do, a retry, and the id that finds it in the log. */
export function InlineError({
  title,
  detail,
  onRetry,
  retrying,
  requestId,
  compact = false,
  className,
}: InlineErrorProps) {
  return (
    <div
      role="alert"
      className={cn(
        'flex min-w-0 gap-1.5',
        compact ? 'flex-wrap items-center gap-x-3' : 'flex-col items-start',
        className,
      )}
    >
      <p className="flex items-start gap-1.5 text-13 text-bad leading-5">
        <CircleAlert aria-hidden className="mt-[3px] size-3.5" />
        <span>{title}</span>
      </p>
      {detail ? <p className="text-13 text-soft leading-5">{detail}</p> : null}
      {requestId ? (
        <p className="flex items-center gap-1.5 text-12 text-muted">
          Request <code>{requestId}</code>
          <CopyButton iconOnly text={requestId} label="Copy the request id" />
        </p>
      ) : null}
      {onRetry ? (
        <Button
          size={28}
          busy={retrying}
          icon={<RotateCw aria-hidden />}
          onClick={onRetry}
          className={compact ? undefined : 'mt-1'}
        >
          Try again
        </Button>
      ) : null}
    </div>
  )
}
