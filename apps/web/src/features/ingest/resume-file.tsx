import { useMutation } from '@tanstack/react-query'
import type { ImportRun } from '@trackable/api/client'
import { Card } from '@trackable/ui/card'
import { InlineError } from '@trackable/ui/inline-error'
import { ProgressBar } from '@trackable/ui/progress-bar'
import { useState } from 'react'
import { formatBytes } from '../../bytes'
import { FileDrop } from './file-drop'
import { hashFile, keepFile } from './import-file'
import { ImportProgress } from './import-progress'

/** A page that was loaded anew has no file any more: the same one is asked for, and known by its bytes. */
export function ResumeFile({ run, onFile }: { run: ImportRun; onFile: (file: File) => void }) {
  const [share, setShare] = useState<number | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const check = useMutation({
    async mutationFn(file: File) {
      if (file.size !== run.fileBytes) return false
      setShare(0)
      return (await hashFile(file, setShare)) === run.fileHash
    },
    onSuccess(isSame, file) {
      if (!isSame) return setProblem(`${file.name} is another file, or was changed since.`)
      keepFile(run.id, file)
      onFile(file)
    },
    onError: () => setProblem('The file could not be read.'),
    onSettled: () => setShare(null),
  })
  return (
    <>
      <FileDrop
        title="Choose the same file to go on"
        detail={`${run.fileName}, ${formatBytes(run.fileBytes)}. ${formatBytes(run.bytesDone)} of it are stored already.`}
        busy={check.isPending}
        onFile={(file) => {
          setProblem(null)
          check.mutate(file)
        }}
      />
      {share === null ? null : <ProgressBar value={share} label="Comparing the file" />}
      {problem ? <InlineError title={problem} /> : null}
      <Card>
        <ImportProgress run={run} label="Importing" />
      </Card>
    </>
  )
}
