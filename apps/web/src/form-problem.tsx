import { InlineError } from '@trackable/ui/inline-error'
import { toProblem } from './problem'

/** What the server said about the whole form, above its buttons. */
export function FormProblem({ error }: { error: unknown }) {
  if (!error) return null
  const problem = toProblem(error)
  return <InlineError compact title={problem.message} requestId={problem.requestId} />
}
