import { useQuery } from '@tanstack/react-query'
import { InlineError } from '@trackable/ui/inline-error'
import { Spinner } from '@trackable/ui/spinner'
import { useState } from 'react'

interface ProblemDocument {
  detail?: string
  requestId?: string
}

class PageRefused extends Error {
  constructor(
    message: string,
    readonly requestId: string | undefined,
  ) {
    super(message)
  }
}

/** A frame tells nobody that its page was refused, so the page is asked for before the frame does. */
async function checkPage(src: string): Promise<true> {
  const response = await fetch(src, { headers: { accept: 'text/html' } }).catch(() => {
    throw new PageRefused('The server could not be reached. Check that it runs, then try again.', undefined)
  })
  if (response.ok) return true
  const problem: ProblemDocument = await response.json().catch(() => ({})) // a proxy's own error page has no JSON
  throw new PageRefused(problem.detail ?? `The server answered ${response.status}.`, problem.requestId)
}

/** A mail as its reader sees it. The page in the frame has no script, no network and no access to this one. */
export function MailFrame({ src, title }: { src: string; title: string }) {
  const [isLoaded, setLoaded] = useState(false)
  const check = useQuery({ queryKey: ['mail-page', src], queryFn: () => checkPage(src), gcTime: 0, staleTime: 0 })
  if (check.error) {
    const { message, requestId } = check.error as PageRefused
    return (
      <div className="p-5">
        <InlineError
          title={message}
          requestId={requestId}
          onRetry={() => void check.refetch()}
          retrying={check.isFetching}
        />
      </div>
    )
  }
  const isReady = isLoaded && check.data
  return (
    <div className="relative min-h-0 flex-1">
      {isReady ? null : (
        <p role="status" className="absolute inset-0 grid place-content-center gap-3 text-13 text-muted">
          <Spinner />
          <span>Drawing the mail…</span>
        </p>
      )}
      {check.data ? (
        <iframe
          src={src}
          title={title}
          sandbox=""
          onLoad={() => setLoaded(true)}
          // Mails are light in every theme: what is not painted yet must not flash dark.
          className={`size-full bg-white ${isReady ? '' : 'invisible'}`}
        />
      ) : null}
    </div>
  )
}
