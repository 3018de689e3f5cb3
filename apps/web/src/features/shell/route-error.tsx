import { Button } from '@trackable/ui/button'
import { InlineError } from '@trackable/ui/inline-error'
import { Link } from 'react-router'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { NotFound } from './not-found'

/** A whole page that could not be shown: why, what to do, and the id that finds it in the server's log. */
export function RouteError({ error, onRetry, retrying }: { error: unknown; onRetry: () => void; retrying?: boolean }) {
  const problem = toProblem(error)
  if (problem.code === 'not_found') return <NotFound />
  const retry = problem.code === 'outdated' ? () => window.location.reload() : onRetry
  return (
    <main id="main" tabIndex={-1} className="grid min-h-[60vh] place-content-center gap-4 px-gutter">
      <h1 className="font-semibold text-20 tracking-[-0.017em]">This page could not be shown</h1>
      <InlineError title={problem.message} requestId={problem.requestId} onRetry={retry} retrying={retrying} />
      <div>
        <Button asChild variant="ghost" className="-ml-3">
          <Link to={paths.home()}>Go to the start page</Link>
        </Button>
      </div>
    </main>
  )
}
