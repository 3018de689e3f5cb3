import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import type { ImportMapping, ImportPreview, ImportRun } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Card, CardFoot, CardHead } from '@trackable/ui/card'
import { InlineError } from '@trackable/ui/inline-error'
import { ProgressBar } from '@trackable/ui/progress-bar'
import { Switch } from '@trackable/ui/switch'
import { useDeferredValue, useState } from 'react'
import { toProblem } from '../../problem'
import { useTRPCClient } from '../../trpc'
import { useProduct } from '../shell/current'
import { type ImportDraft, readImportDraft, toImportDraft } from './import-draft'
import { type FileSample, hashFile } from './import-file'
import { ImportPoints, ImportTable } from './import-preview'
import { ImportSettings } from './import-settings'

export interface Opened {
  file: File
  sample: FileSample
  preview: ImportPreview
  /** What was said of it before, when one comes back to change it. */
  mapping?: ImportMapping
}

export interface ImportMappingStepProps {
  opened: Opened
  /** Called with the dry run, before its first byte is sent. */
  onChecked: (run: ImportRun, mapping: ImportMapping) => void
}

/** Says what the columns are, and shows at once what the first rows would become. */
export function ImportMappingStep({ opened, onChecked }: ImportMappingStepProps) {
  const { zone } = useProduct()
  const [draft, setDraft] = useState<ImportDraft>(() =>
    toImportDraft({ ...opened.preview, mapping: opened.mapping ?? opened.preview.mapping }, opened.sample.text, zone),
  )
  const { mapping, problem } = readImportDraft(draft)
  const tried = usePreview(opened, useDeferredValue(mapping))
  const preview = tried.data ?? opened.preview
  const check = useCheck(opened.file, onChecked)
  const faults = preview.rows.filter(
    (row) => row.error !== null || row.cells.some((cell) => cell.error !== null),
  ).length
  return (
    <div className="grid gap-4">
      <ImportSettings draft={draft} sampleText={opened.sample.text} onDraft={setDraft} />
      <Card flush>
        <CardHead
          pad
          title="Columns"
          sub={
            faults > 0
              ? `${faults} of the first ${preview.rows.length} rows would be refused`
              : `the first ${preview.rows.length} rows`
          }
        >
          <Switch
            label="The first row names the columns"
            checked={draft.hasHeader}
            onCheckedChange={(hasHeader) => setDraft({ ...draft, hasHeader })}
          />
        </CardHead>
        <ImportTable draft={draft} preview={preview} onDraft={setDraft} />
        <CardFoot
          note={
            problem ??
            (check.share === null ? 'The whole file is checked next. Nothing is stored yet.' : 'Reading the file')
          }
        >
          {check.share === null ? null : <ProgressBar value={check.share} label="Reading the file" className="w-40" />}
          <Button
            variant="primary"
            disabled={mapping === null}
            busy={check.isPending}
            onClick={() => mapping && check.mutate(mapping)}
          >
            Check the file
          </Button>
        </CardFoot>
      </Card>
      {check.error ? (
        <InlineError title={toProblem(check.error).message} requestId={toProblem(check.error).requestId} />
      ) : null}
      {mapping ? <ImportPoints points={preview.points} /> : null}
    </div>
  )
}

/** What the first rows become with this mapping. Asked again whenever it changes; the last answer stays meanwhile. */
function usePreview({ sample }: Opened, mapping: ImportMapping | null) {
  const client = useTRPCClient()
  const { id: productId } = useProduct()
  return useQuery({
    queryKey: ['import preview', productId, sample.base64.length, mapping],
    queryFn: () =>
      client.ingest.previewImport.mutate({
        productId,
        sample: sample.base64,
        isWhole: sample.isWhole,
        mapping: mapping ?? undefined,
      }),
    enabled: mapping !== null,
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
}

/** Names the file by its bytes and begins a dry run of it. */
function useCheck(file: File, onChecked: ImportMappingStepProps['onChecked']) {
  const client = useTRPCClient()
  const { id: productId } = useProduct()
  const [share, setShare] = useState<number | null>(null)
  const check = useMutation({
    async mutationFn(mapping: ImportMapping) {
      setShare(0)
      const fileHash = await hashFile(file, setShare)
      const run = await client.ingest.createImport.mutate({
        productId,
        fileName: file.name.slice(-255),
        fileBytes: file.size,
        fileHash,
        mapping,
        isDryRun: true,
      })
      return { run, mapping }
    },
    onSuccess: ({ run, mapping }) => onChecked(run, mapping),
    onSettled: () => setShare(null),
  })
  return { ...check, share }
}
