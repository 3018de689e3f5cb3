import type { RejectCode, RejectedRow } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Card } from '@trackable/ui/card'
import { EmptyState } from '@trackable/ui/empty-state'
import { InlineError } from '@trackable/ui/inline-error'
import { Select } from '@trackable/ui/select'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { Check, RotateCcw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { paths } from '../../paths'
import { toProblem } from '../../problem'
import { useCanEdit, useProduct } from '../shell/current'
import { Page } from '../shell/page'
import { FixSheet } from './fix-sheet'
import { REJECT_LABELS } from './reject-words'
import { RejectedTable } from './rejected-table'
import { type RejectedFilter, useRejected, useRejectedActions } from './use-rejected'

/** Points that were refused: why, what was sent, and how to mend them. The address holds the filters. */
export default function RejectedPage() {
  const product = useProduct()
  const [search, setSearch] = useSearchParams()
  const filter = readFilter(search)
  const rejected = useRejected(product.id, filter)
  // One call for all of them: a second one would start from the address before the first.
  const set = (next: FilterChange) =>
    setSearch(
      (params) => {
        for (const [name, value] of Object.entries(next)) {
          if (value === '') params.delete(name)
          else params.set(name, value)
        }
        return params
      },
      { replace: true },
    )
  return (
    <Page
      title="Rejected points"
      context="Kept for seven days, at most 1,000 of a key. Mend them here, or send them again once the cause is gone."
    >
      <Inbox key={`${filter.code} ${filter.keyId}`} filter={filter} rejected={rejected} onFilter={set} />
    </Page>
  )
}

/** An empty text takes a filter away. */
type FilterChange = { code?: string; key?: string }

function readFilter(search: URLSearchParams): RejectedFilter {
  const code = search.get('code')
  return {
    code: code !== null && Object.hasOwn(REJECT_LABELS, code) ? (code as RejectCode) : undefined,
    keyId: search.get('key')?.slice(0, 64) || undefined,
  }
}

interface InboxProps {
  filter: RejectedFilter
  rejected: ReturnType<typeof useRejected>
  onFilter: (next: FilterChange) => void
}

function Inbox({ filter, rejected, onFilter }: InboxProps) {
  const canEdit = useCanEdit()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [fixing, setFixing] = useState<RejectedRow | null>(null)
  const actions = useRejectedActions(() => setChosen(new Set()))
  const pages = rejected.data?.pages
  if (!pages) {
    if (!rejected.error) return <InboxLoading />
    const { message, requestId } = toProblem(rejected.error)
    return (
      <Card>
        <InlineError
          title={`The rejected points could not be read. ${message}`}
          requestId={requestId}
          onRetry={() => void rejected.refetch()}
          retrying={rejected.isFetching}
        />
      </Card>
    )
  }
  const rows = pages.flatMap((page) => page.rows)
  const counts = pages[0]?.counts ?? []
  const isFiltered = filter.code !== undefined || filter.keyId !== undefined
  if (rows.length === 0 && !isFiltered) return <AllWell />
  return (
    <>
      <div className="mb-4 flex min-h-8 flex-wrap items-center gap-2">
        <Select
          size={32}
          aria-label="Reason"
          value={filter.code ?? ''}
          onChange={(event) => onFilter({ code: event.target.value })}
          className="w-auto"
        >
          <option value="">All reasons</option>
          {filter.code && !counts.some(({ code }) => code === filter.code) ? (
            <option value={filter.code}>{REJECT_LABELS[filter.code]} (0)</option>
          ) : null}
          {counts.map(({ code, count }) => (
            <option key={code} value={code}>
              {REJECT_LABELS[code]} ({count.toLocaleString()})
            </option>
          ))}
        </Select>
        <KeySelect rows={rows} value={filter.keyId} onChange={(keyId) => onFilter({ key: keyId })} />
        {canEdit ? <BulkActions chosen={chosen} filter={filter} counts={counts} actions={actions} /> : null}
      </div>
      {rows.length === 0 ? (
        <EmptyState
          title="Nothing matches"
          action={<Button onClick={() => onFilter({ code: '', key: '' })}>Show all</Button>}
        >
          No rejected point has this reason and this key.
        </EmptyState>
      ) : (
        <>
          <Card flush>
            <RejectedTable
              rows={rows}
              chosen={chosen}
              onChosen={canEdit ? setChosen : undefined}
              onFix={canEdit ? setFixing : undefined}
            />
          </Card>
          <More rejected={rejected} dropped={pages[0]?.dropped ?? 0} />
        </>
      )}
      {fixing ? <FixSheet key={fixing.id} row={fixing} actions={actions} onClose={() => setFixing(null)} /> : null}
    </>
  )
}

interface BulkProps {
  chosen: ReadonlySet<string>
  filter: RejectedFilter
  counts: { code: RejectCode; count: number }[]
  actions: ReturnType<typeof useRejectedActions>
}

/** For what is ticked; else for everything that the filters show. */
function BulkActions({ chosen, filter, counts, actions }: BulkProps) {
  const all = counts.filter(({ code }) => filter.code === undefined || code === filter.code)
  const count = chosen.size > 0 ? chosen.size : all.reduce((sum, one) => sum + one.count, 0)
  if (count === 0) return null
  const rows = chosen.size > 0 ? { ids: [...chosen] } : { code: filter.code ?? null, keyId: filter.keyId ?? null }
  const what = chosen.size > 0 ? count.toLocaleString() : `all ${count.toLocaleString()}`
  return (
    <div className="ml-auto flex flex-wrap items-center gap-2">
      <Button icon={<RotateCcw aria-hidden />} busy={actions.isReplaying} onClick={() => actions.replay(rows)}>
        Send {what} again
      </Button>
      <Button icon={<Trash2 aria-hidden />} busy={actions.isDismissing} onClick={() => actions.dismiss(rows)}>
        Dismiss {what}
      </Button>
    </div>
  )
}

interface KeySelectProps {
  rows: RejectedRow[]
  value: string | undefined
  onChange: (keyId: string) => void
}

/** The keys of what is listed; the chosen one stays even when it has no row. */
function KeySelect({ rows, value, onChange }: KeySelectProps) {
  const keys = new Map<string, string>()
  if (value) keys.set(value, 'Chosen key')
  for (const { keyId, keyName } of rows) if (keyId) keys.set(keyId, keyName ?? keyId)
  if (keys.size < 2 && !value) return null
  return (
    <Select
      size={32}
      aria-label="API key"
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value)}
      className="w-auto"
    >
      <option value="">All keys</option>
      {[...keys].map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  )
}

function More({ rejected, dropped }: { rejected: ReturnType<typeof useRejected>; dropped: number }) {
  return (
    <div className="mt-3 flex items-center justify-between gap-4 text-13 text-muted">
      <span>
        {dropped > 0
          ? `${dropped.toLocaleString()} more were not kept: too many came at once.`
          : 'A point that is stored leaves the list.'}
      </span>
      {rejected.hasNextPage ? (
        <Button busy={rejected.isFetchingNextPage} onClick={() => void rejected.fetchNextPage()}>
          Show more
        </Button>
      ) : null}
    </div>
  )
}

function AllWell() {
  const { id } = useProduct()
  return (
    <EmptyState
      title={
        <span className="inline-flex items-center gap-2">
          <Check aria-hidden className="size-5 text-good" />
          All is well
        </span>
      }
      action={
        <Button asChild>
          <Link to={paths.metrics(id)}>Go to the metrics</Link>
        </Button>
      }
    >
      No point was rejected in the last seven days. One that cannot be stored appears here with its reason, ready to be
      mended.
    </EmptyState>
  )
}

function InboxLoading() {
  return (
    <SkeletonGroup label="Loading rejected points" className="grid gap-2">
      <Skeleton className="mb-2 h-8 w-40 rounded-control" />
      {[1, 2, 3, 4].map((n) => (
        <Skeleton key={n} className="h-14 rounded-control" />
      ))}
    </SkeletonGroup>
  )
}
