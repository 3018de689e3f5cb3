import { Button } from '@trackable/ui/button'
import { Link } from 'react-router'
import { paths } from '../../paths'
import { useTitle } from './use-title'

/** An address that leads nowhere, or to something that this person may not read: both look the same on purpose. */
export function NotFound() {
  useTitle('Not found')
  return (
    <main
      id="main"
      tabIndex={-1}
      className="grid min-h-[70vh] place-content-center justify-items-start gap-2 px-gutter"
    >
      <p className="font-medium text-13 text-muted">404</p>
      <h1 className="font-semibold text-28 tracking-[-0.022em]">There is nothing here</h1>
      <p className="max-w-[48ch] text-soft">
        The address is wrong, the page was deleted, or it belongs to a team that you are not a member of.
      </p>
      <Button asChild variant="primary" className="mt-3">
        <Link to={paths.home()}>Go to the start page</Link>
      </Button>
    </main>
  )
}
