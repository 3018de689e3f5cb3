import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ImportRun } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Card, CardFoot, CardHead } from '@trackable/ui/card'
import { ConfirmDialog } from '@trackable/ui/confirm-dialog'
import { EmptyState } from '@trackable/ui/empty-state'
import { InlineError } from '@trackable/ui/inline-error'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { Stepper } from '@trackable/ui/stepper'
import { Pause, Play } from 'lucide-react'
import { useEffect, useEffectEvent, useState } from 'react'
import { Link, useParams } from 'react-router'
import { formatBytes } from '../../bytes'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useCanEdit, useProduct } from '../shell/current'
import { Page } from '../shell/page'
import { ImportErrors } from './import-errors'
import { findFile } from './import-file'
import { ImportProgress } from './import-progress'
import { ImportResult } from './import-result'
import { ResumeFile } from './resume-file'
import { type Upload, useUpload } from './use-upload'

/** One import: its progress while it runs, its result afterwards. Resumable: the server knows how far it is. */
export default function ImportPage() {
  const { importId = '' } = useParams()
  const trpc = useTRPC()
  const product = useProduct()
  const run = useQuery(trpc.ingest.getImport.queryOptions({ productId: product.id, importId }))
  return (
    <Page
      title="Import CSV"
      context={run.data ? `${run.data.fileName}, ${formatBytes(run.data.fileBytes)}` : product.name}
      actions={
        <Button asChild>
          <Link to={paths.imports(product.id)}>Import another file</Link>
        </Button>
      }
    >
      {run.data ? (
        <Run key={run.data.id} initial={run.data} />
      ) : run.error ? (
        <RunProblem error={run.error} onRetry={() => void run.refetch()} retrying={run.isFetching} />
      ) : (
        <SkeletonGroup label="Loading the import" className="grid gap-4">
          <Skeleton className="h-5 w-80" />
          <Skeleton className="h-40 rounded-card" />
        </SkeletonGroup>
      )}
    </Page>
  )
}

function RunProblem({ error, onRetry, retrying }: { error: unknown; onRetry: () => void; retrying: boolean }) {
  const { id } = useProduct()
  const { code, message, requestId } = toProblem(error)
  if (code === 'not_found')
    return (
      <EmptyState
        title="There is no such import"
        action={
          <Button asChild>
            <Link to={paths.imports(id)}>All imports</Link>
          </Button>
        }
      >
        It belongs to another product, or was never begun.
      </EmptyState>
    )
  return (
    <Card>
      <InlineError
        title={`The import could not be read. ${message}`}
        requestId={requestId}
        onRetry={onRetry}
        retrying={retrying}
      />
    </Card>
  )
}

function Run({ initial }: { initial: ImportRun }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const canEdit = useCanEdit()
  const upload = useUpload(initial)
  const [file, setFile] = useState(() => findFile(initial.id))
  const { run } = upload
  const begin = useEffectEvent(() => {
    if (file) upload.start(file)
  })
  useEffect(() => begin(), [])
  useEffect(() => {
    if (run.status === 'running') return
    void queryClient.invalidateQueries(trpc.ingest.listImports.pathFilter())
    void queryClient.invalidateQueries(trpc.metric.pathFilter())
  }, [run.status, queryClient, trpc])
  const isOver = run.status !== 'running'
  return (
    <>
      <Stepper
        steps={['File', 'Columns', 'Check', 'Import']}
        current={run.status === 'done' ? 4 : 3}
        label="Steps of the import"
        className="mb-5"
      />
      <div className="grid gap-4">
        {isOver ? (
          <ImportResult run={run} />
        ) : file ? (
          <Running upload={upload} file={file} />
        ) : canEdit ? (
          <ResumeFile
            run={run}
            onFile={(found) => {
              setFile(found)
              upload.start(found)
            }}
          />
        ) : (
          <Card>
            <CardHead title="Importing" />
            <ImportProgress run={run} label="Importing" />
          </Card>
        )}
        {isOver ? <ImportErrors run={run} /> : null}
      </div>
    </>
  )
}

function Running({ upload, file }: { upload: Upload; file: File }) {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  const [isCancelling, setCancelling] = useState(false)
  const { run, isSending, problem } = upload
  const cancel = useMutation(
    trpc.ingest.cancelImport.mutationOptions({
      onSuccess(cancelled) {
        setCancelling(false)
        upload.setRun(cancelled)
      },
    }),
  )
  return (
    <Card flush>
      <div className="p-4 pb-5">
        <CardHead
          title={isSending ? 'Importing' : problem ? 'Interrupted' : 'Paused'}
          sub={isSending ? 'Keep this page open. Should it close, the import goes on from where it was.' : undefined}
        />
        <ImportProgress run={run} label="Importing" />
        {problem ? (
          <div className="mt-3">
            <InlineError title={problem.message} requestId={problem.requestId} onRetry={() => upload.start(file)} />
          </div>
        ) : null}
      </div>
      <CardFoot note="Points that are stored stay, whatever happens.">
        <Button
          variant="ghost"
          onClick={() => {
            upload.pause()
            setCancelling(true)
          }}
        >
          Stop the import
        </Button>
        {isSending ? (
          <Button icon={<Pause aria-hidden />} onClick={upload.pause}>
            Pause
          </Button>
        ) : (
          <Button variant="primary" icon={<Play aria-hidden />} onClick={() => upload.start(file)}>
            Go on
          </Button>
        )}
      </CardFoot>
      <ConfirmDialog
        open={isCancelling}
        onOpenChange={(isOpen) => {
          if (isOpen || cancel.isPending) return
          setCancelling(false)
          upload.start(file)
        }}
        title="Stop the import for good?"
        description={`${run.accepted.toLocaleString()} points are stored and stay. The rest of the file is not read.`}
        confirmLabel="Stop the import"
        busy={cancel.isPending}
        error={cancel.error ? toProblem(cancel.error).message : undefined}
        onConfirm={() => cancel.mutate({ productId, importId: run.id })}
      />
    </Card>
  )
}
