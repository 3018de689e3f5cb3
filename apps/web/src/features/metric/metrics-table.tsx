import { type CatalogueEntry, type CatalogueSort, guessFormat } from '@trackable/api/client'
import { Badge } from '@trackable/ui/badge'
import { chartTheme, formatFull, formatShort, metricSlot } from '@trackable/ui/charts'
import { Sparkline } from '@trackable/ui/charts/sparkline'
import { Chip } from '@trackable/ui/chip'
import { cn } from '@trackable/ui/cn'
import { Table, TableBody, TableHead, TableRow, Td, Th } from '@trackable/ui/table'
import type { KeyboardEvent } from 'react'
import { Link } from 'react-router'
import { paths } from '../../paths'
import { useResolvedTheme } from '../../theme'
import { Age, useNow } from '../../time'
import { useProduct } from '../shell/current'
import type { CatalogueView } from './catalogue-view'
import { formatCadence, formatExpected, isLate } from './freshness'

const ROW_LINK = 'a[data-metric-row]'
const SPARK_WIDTH = 120
const SPARK_HEIGHT = 28
const TAGS_SHOWN = 2

/** From the search field into the list. */
export function focusFirstRow(): void {
  document.querySelector<HTMLElement>(ROW_LINK)?.focus()
}

/** Arrows go from name to name; Enter opens, as on any link. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>(ROW_LINK)]
  const at = links.indexOf(document.activeElement as HTMLElement)
  if (at < 0) return
  event.preventDefault()
  links[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus()
}

export interface MetricsTableProps {
  entries: CatalogueEntry[]
  view: CatalogueView
  onSort: (order: { sort: CatalogueSort; isDescending: boolean }) => void
}

/** One row per metric: what it is, how fresh, what it says. */
export function MetricsTable({ entries, view, onSort }: MetricsTableProps) {
  const now = useNow(1_000)
  const head = (sort: CatalogueSort) => ({
    sort: view.sort !== sort ? ('none' as const) : view.isDescending ? ('desc' as const) : ('asc' as const),
    // Names read from A; of the others one looks for the newest and the largest first.
    onSort: () => onSort({ sort, isDescending: view.sort === sort ? !view.isDescending : sort !== 'name' }),
  })
  return (
    <Table density="two-line" inset label="Metrics" onKeyDown={moveFocus} className="[&_td]:h-12.5">
      <TableHead>
        <tr>
          <Th {...head('name')}>Metric</Th>
          <Th className="max-phone:hidden">Kind</Th>
          <Th className="max-laptop:hidden">Unit</Th>
          <Th {...head('lastPoint')}>Last point</Th>
          <Th numeric className="max-phone:hidden">
            Last value
          </Th>
          <Th className="max-phone:hidden">30 days</Th>
          <Th className="max-laptop:hidden">Tags</Th>
          <Th numeric {...head('series')} className="max-phone:hidden">
            Series
          </Th>
        </tr>
      </TableHead>
      <TableBody>
        {entries.map((entry) => (
          <Row key={entry.name} entry={entry} now={now} />
        ))}
      </TableBody>
    </Table>
  )
}

function Row({ entry, now }: { entry: CatalogueEntry; now: number }) {
  const product = useProduct()
  const { name, displayName } = entry
  return (
    <TableRow className="relative">
      <Td className="max-w-80 max-phone:max-w-45">
        <Link
          to={paths.metric(product.id, name)}
          data-metric-row=""
          className="grid leading-[18px] outline-offset-2 after:absolute after:inset-0"
        >
          {displayName ? (
            <>
              <span className="truncate font-medium">{displayName}</span>
              <code className="truncate text-12 text-muted max-phone:hidden">{name}</code>
            </>
          ) : (
            <code className="truncate font-medium">{name}</code>
          )}
          <span className="truncate text-12 text-muted tabular-nums phone:hidden">
            <LastValue entry={entry} />
          </span>
        </Link>
      </Td>
      <Td className="max-phone:hidden">
        {entry.kind ? <Badge>{entry.kind}</Badge> : <span className="text-muted">–</span>}
      </Td>
      <Td className="max-w-24 truncate text-soft max-laptop:hidden">{entry.unit ?? ''}</Td>
      <Td>
        <LastPoint entry={entry} now={now} />
      </Td>
      <Td numeric className="font-medium max-phone:hidden">
        <LastValue entry={entry} />
      </Td>
      <Td className="max-phone:hidden">
        <Curve entry={entry} now={now} />
      </Td>
      <Td className="max-laptop:hidden">
        <Tags entry={entry} />
      </Td>
      <Td numeric className="max-phone:hidden">
        {entry.seriesCount.toLocaleString()}
      </Td>
    </TableRow>
  )
}

/** Round and green while points come as usual, square and amber when the next one is overdue: shape and words say it too. */
export function LastPoint({ entry, now }: { entry: FreshEntry; now: number }) {
  if (!entry.lastPointAt) return <span className="text-muted">none yet</span>
  const late = isLate(entry, now)
  const { cadenceMs } = entry
  return (
    <span className="grid leading-[18px] tabular-nums">
      <span className={cn('flex items-center gap-1.5', late && 'font-medium text-warn')}>
        <span
          aria-hidden
          className={cn(
            'size-1.75 flex-none',
            late ? 'rounded-[1px] bg-warn-mark' : 'rounded-full',
            late ? '' : entry.lateAfterMs === null ? 'bg-mark' : 'bg-good-mark',
          )}
        />
        <Age at={entry.lastPointAt} now={now} />
      </span>
      {cadenceMs === null ? null : (
        <span className="pl-3.25 text-12 text-muted">
          {late ? formatExpected(cadenceMs) : formatCadence(cadenceMs)}
        </span>
      )}
    </span>
  )
}

export type FreshEntry = Pick<CatalogueEntry, 'lastPointAt' | 'lateAfterMs' | 'cadenceMs'>

function LastValue({ entry }: { entry: CatalogueEntry }) {
  if (entry.lastValue === null) return <span className="text-muted">–</span>
  const format = guessFormat(entry)
  return (
    <span title={formatFull(entry.lastValue, format, navigator.language)}>
      {formatShort(entry.lastValue, format, navigator.language)}
    </span>
  )
}

function Curve({ entry, now }: { entry: CatalogueEntry; now: number }) {
  const theme = chartTheme(useResolvedTheme())
  if (entry.spark.filter((value) => value !== null).length < 2) return <div style={{ height: SPARK_HEIGHT }} />
  const prepared = {
    spark: entry.spark,
    slot: metricSlot(entry.name),
    unfinishedIndex: entry.spark.length - 1,
    staleText: isLate(entry, now) ? 'late' : null,
  }
  return (
    <div style={{ width: SPARK_WIDTH, height: SPARK_HEIGHT }}>
      <Sparkline prepared={prepared} width={SPARK_WIDTH} height={SPARK_HEIGHT} theme={theme} />
    </div>
  )
}

function Tags({ entry: { tags, tagCount } }: { entry: CatalogueEntry }) {
  const rest = tagCount - Math.min(TAGS_SHOWN, tags.length)
  return (
    <span className="flex gap-1">
      {tags.slice(0, TAGS_SHOWN).map(({ tag, valueCount }) => (
        <Chip key={tag} className="max-w-40">
          <span className="truncate">{tag}</span>
          <span className="font-semibold tabular-nums">{valueCount.toLocaleString()}</span>
        </Chip>
      ))}
      {rest > 0 ? <Chip>+{rest}</Chip> : null}
    </span>
  )
}
