import { Button } from '@trackable/ui/button'
import { CodeBlock } from '@trackable/ui/code-block'
import { EmptyState } from '@trackable/ui/empty-state'
import { Link } from 'react-router'
import { paths } from '../../paths'
import { DemoButton } from '../product/demo-button'
import { KEY_PLACEHOLDER, sendSamples } from '../product/samples'
import { useCanEdit, useProduct, useTeam } from '../shell/current'

/** A catalogue without metrics: what fills it, ready to copy. */
export function MetricsEmpty() {
  const product = useProduct()
  const team = useTeam()
  const canEdit = useCanEdit()
  return (
    <div className="max-w-240">
      <EmptyState
        title="No metrics yet"
        action={
          canEdit ? (
            <>
              <Button asChild>
                <Link to={paths.keys(product.id)}>API keys</Link>
              </Button>
              <Button asChild variant="primary">
                <Link to={paths.start(product.id)}>Send the first point</Link>
              </Button>
            </>
          ) : null
        }
        example={<CodeBlock samples={sendSamples(window.location.origin, KEY_PLACEHOLDER).slice(0, 1)} />}
      >
        A metric is made by its first point: a name and a number, sent over HTTP or imported from a file.
      </EmptyState>
      {canEdit ? <DemoButton teamId={team.id} /> : null}
    </div>
  )
}
