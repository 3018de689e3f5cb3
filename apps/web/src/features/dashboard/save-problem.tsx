import { Button } from '@trackable/ui/button'
import { CopyButton } from '@trackable/ui/copy-button'
import { CircleAlert } from 'lucide-react'
import type { Problem } from '../../problem'
import type { DashboardEditor } from './use-dashboard-editor'

/** A change that is on the page but not stored. Nothing is lost until the viewer chooses. */
export function SaveProblem({ editor, problem }: { editor: DashboardEditor; problem: Problem }) {
  const isConflict = problem.code === 'revision_conflict'
  return (
    <div
      role="alert"
      className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card border border-line bg-bad-tint px-4 py-3"
    >
      <CircleAlert aria-hidden className="size-4 flex-none text-bad" />
      <p className="min-w-0 flex-1 text-13">
        <span className="font-medium text-bad">
          {isConflict ? 'Somebody else changed this dashboard meanwhile.' : 'Your last change is not saved.'}
        </span>{' '}
        {isConflict ? 'You see your own version, which is not saved.' : problem.message}
      </p>
      {problem.requestId && !isConflict ? (
        <CopyButton size={28} text={problem.requestId} label="Copy request id" />
      ) : null}
      <Button size={28} onClick={editor.discard}>
        {isConflict ? 'Show theirs' : 'Discard mine'}
      </Button>
      <Button size={28} variant="primary" busy={editor.isSaving} onClick={editor.saveAnyway}>
        {isConflict ? 'Save mine over it' : 'Try again'}
      </Button>
    </div>
  )
}
