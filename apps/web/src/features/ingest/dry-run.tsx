import type { ImportRun } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Card, CardFoot, CardHead } from '@trackable/ui/card'
import { InlineError } from '@trackable/ui/inline-error'
import { useEffect, useEffectEvent } from 'react'
import { FormProblem } from '../../form-problem'
import { ImportErrors } from './import-errors'
import { ImportProgress } from './import-progress'
import { useUpload } from './use-upload'

export interface DryRunProps {
  run: ImportRun
  file: File
  error: unknown
  busy: boolean
  onBack: () => void
  onImport: () => void
}

/** Reads all of the file and stores nothing, so that its faults are known before. Begins by itself. */
export function DryRun({ run: initial, file, error, busy, onBack, onImport }: DryRunProps) {
  const upload = useUpload(initial)
  const { run, isSending, problem } = upload
  const begin = useEffectEvent(() => upload.start(file))
  useEffect(() => begin(), [])
  const isOver = run.status !== 'running'
  return (
    <div className="grid gap-4">
      <Card flush>
        <div className="p-4 pb-5" aria-live="polite">
          <CardHead title={isOver ? toVerdict(run) : 'Checking the file'} sub="Nothing is stored yet" />
          <ImportProgress run={run} label="Checking the file" />
          {problem ? (
            <div className="mt-3">
              <InlineError title={problem.message} requestId={problem.requestId} onRetry={() => upload.start(file)} />
            </div>
          ) : null}
        </div>
        <CardFoot note={isOver && run.rejected > 0 && run.accepted > 0 ? 'What is refused is left out.' : undefined}>
          <FormProblem error={error} />
          <Button onClick={onBack}>Change the columns</Button>
          <Button
            variant="primary"
            disabled={!isOver || run.accepted === 0}
            busy={busy || isSending}
            onClick={onImport}
          >
            {isOver ? `Import ${points(run.accepted)}` : 'Import'}
          </Button>
        </CardFoot>
      </Card>
      {isOver ? <ImportErrors run={run} /> : null}
    </div>
  )
}

function toVerdict({ accepted, rejected }: ImportRun): string {
  if (accepted === 0) return 'Nothing of it can be imported'
  return rejected === 0 ? `All of it can be imported` : `${points(accepted)} can be imported`
}

const points = (count: number) => `${count.toLocaleString()} ${count === 1 ? 'point' : 'points'}`
