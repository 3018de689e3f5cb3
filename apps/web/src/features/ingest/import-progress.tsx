import type { ImportRun } from '@trackable/api/client'
import { ProgressBar } from '@trackable/ui/progress-bar'
import { formatBytes } from '../../bytes'

/** How far a run is: bytes as a bar, rows and points as figures that grow. */
export function ImportProgress({ run, label }: { run: ImportRun; label: string }) {
  const share = run.fileBytes === 0 ? 1 : run.bytesDone / run.fileBytes
  const tone = run.status === 'canceled' ? 'warn' : run.status === 'done' ? 'good' : 'accent'
  return (
    <div className="grid gap-3">
      <ProgressBar value={share} label={label} tone={tone} className="h-1.5" />
      <p className="flex justify-between gap-4 text-13 text-muted tabular-nums">
        <span>
          {formatBytes(run.bytesDone)} of {formatBytes(run.fileBytes)}
        </span>
        <span>{Math.floor(share * 100)}%</span>
      </p>
      <dl className="grid grid-cols-4 gap-4 max-phone:grid-cols-2">
        <Figure label="Rows read" value={run.rows} />
        <Figure label={run.isDryRun ? 'Points' : 'New points'} value={run.accepted} />
        <Figure label="Already there" value={run.isDryRun ? null : run.duplicates} />
        <Figure label="Refused" value={run.rejected} isBad={run.rejected > 0} />
      </dl>
    </div>
  )
}

function Figure({ label, value, isBad = false }: { label: string; value: number | null; isBad?: boolean }) {
  if (value === null) return null
  return (
    <div>
      <dt className="text-12 text-muted">{label}</dt>
      <dd className={`font-semibold text-20 tabular-nums leading-7 ${isBad ? 'text-warn' : ''}`}>
        {value.toLocaleString()}
      </dd>
    </div>
  )
}
