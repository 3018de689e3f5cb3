import { Button } from '@trackable/ui/button'
import { Link } from 'react-router'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { NotFound } from './not-found'

/**
 * A whole page that could not be shown: why, what to do, and the id that finds it in the server's log. Small on purpose: it is
 * part of what every visitor loads, because it must stand when nothing more can be loaded.
 */
export function RouteError({ error, onRetry, retrying }: { error: unknown; onRetry: () => void; retrying?: boolean }) {
  const problem = toProblem(error)
  if (problem.code === 'not_found') return <NotFound />
  const retry = problem.code === 'outdated' ? () => window.location.reload() : onRetry
  return (
    <main id="main" tabIndex={-1} className="grid min-h-[60vh] place-content-center gap-4 px-gutter">
      <h1 className="font-semibold text-20 tracking-[-0.017em]">This page could not be shown</h1>
      <p role="alert" className="max-w-[60ch] text-bad">
        {problem.message}
      </p>
      {problem.requestId ? (
        <p className="text-13 text-muted">
          Request <code>{problem.requestId}</code>
        </p>
      ) : null}
      <div className="flex gap-2">
        <Button variant="primary" busy={retrying} onClick={retry}>
          {problem.code === 'outdated' ? 'Reload' : 'Try again'}
        </Button>
        <Button asChild variant="ghost">
          <Link to={paths.home()}>Go to the start page</Link>
        </Button>
      </div>
    </main>
  )
}
