import { useMutation } from '@tanstack/react-query'
import type { ImportMapping, ImportRun } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { InlineError } from '@trackable/ui/inline-error'
import { Stepper } from '@trackable/ui/stepper'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { formatBytes } from '../../bytes'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useCanEdit, useProduct } from '../shell/current'
import { Page } from '../shell/page'
import { DryRun } from './dry-run'
import { EarlierImports } from './earlier-imports'
import { FileDrop } from './file-drop'
import { keepFile, readSample } from './import-file'
import { ImportMappingStep, type Opened } from './import-mapping-step'

const STEPS = ['File', 'Columns', 'Check', 'Import']

type Stage =
  | { step: 'file' }
  | { step: 'columns'; opened: Opened; mapping?: ImportMapping }
  | { step: 'check'; opened: Opened; mapping: ImportMapping; run: ImportRun }

/** A CSV file becomes points: choose it, say what its columns are, check all of it, import it. */
export default function ImportsPage() {
  const product = useProduct()
  const canEdit = useCanEdit()
  const [stage, setStage] = useState<Stage>({ step: 'file' })
  return (
    <Page
      title="Import CSV"
      context={
        stage.step === 'file' ? product.name : `${stage.opened.file.name}, ${formatBytes(stage.opened.file.size)}`
      }
      actions={
        stage.step === 'file' ? null : <Button onClick={() => setStage({ step: 'file' })}>Choose another file</Button>
      }
    >
      {canEdit ? (
        <Stepper
          steps={STEPS}
          current={stage.step === 'file' ? 0 : stage.step === 'columns' ? 1 : 2}
          label="Steps of the import"
          className="mb-5"
        />
      ) : null}
      {stage.step === 'file' ? (
        <>
          {canEdit ? <ChooseFile onOpened={(opened) => setStage({ step: 'columns', opened })} /> : null}
          <EarlierImports />
        </>
      ) : stage.step === 'columns' ? (
        <ImportMappingStep
          key={stage.opened.file.name}
          opened={stage.opened}
          onChecked={(run, mapping) => setStage({ ...stage, step: 'check', run, mapping })}
        />
      ) : (
        <Check
          stage={stage}
          onBack={() => setStage({ step: 'columns', opened: { ...stage.opened, mapping: stage.mapping } })}
        />
      )}
    </Page>
  )
}

function ChooseFile({ onOpened }: { onOpened: (opened: Opened) => void }) {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  const preview = useMutation(trpc.ingest.previewImport.mutationOptions())
  const [unreadable, setUnreadable] = useState<string | null>(null)
  const open = async (file: File) => {
    setUnreadable(null)
    preview.reset()
    if (file.size === 0) return setUnreadable(`${file.name} is empty.`)
    try {
      const sample = await readSample(file)
      const { base64, isWhole } = sample
      onOpened({ file, sample, preview: await preview.mutateAsync({ productId, sample: base64, isWhole }) })
    } catch (error) {
      setUnreadable(`${file.name} could not be read. ${error instanceof DOMException ? '' : toProblem(error).message}`)
    }
  }
  return (
    <>
      <FileDrop
        title="Drop a CSV file here"
        detail="One row for each point, or a column for each metric. Commas, semicolons or tabs, with or without a header, of any size. The same file twice adds nothing."
        busy={preview.isPending}
        onFile={(file) => void open(file)}
      />
      {unreadable ? (
        <div className="mt-3">
          <InlineError title={unreadable} />
        </div>
      ) : null}
    </>
  )
}

/** Everything was read and nothing stored: now the decision. */
function Check({ stage, onBack }: { stage: Stage & { step: 'check' }; onBack: () => void }) {
  const trpc = useTRPC()
  const navigate = useNavigate()
  const { id: productId } = useProduct()
  const { opened, mapping, run } = stage
  const create = useMutation(
    trpc.ingest.createImport.mutationOptions({
      onSuccess(created) {
        keepFile(created.id, opened.file)
        navigate(paths.import(productId, created.id))
      },
    }),
  )
  const { fileName, fileBytes, fileHash } = run
  return (
    <DryRun
      run={run}
      file={opened.file}
      error={create.error}
      busy={create.isPending}
      onBack={onBack}
      onImport={() => create.mutate({ productId, fileName, fileBytes, fileHash, mapping })}
    />
  )
}
