import type { Metric } from '@trackable/api/client'
import { Badge } from '@trackable/ui/badge'
import { Table, TableBody, TableHead, TableRow, Td, Th } from '@trackable/ui/table'
import { useState } from 'react'
import { Age, useNow } from '../../time'

type SortKey = 'name' | 'lastPointAt' | 'seriesCount'

/** One row per metric. The name opens its drawer. */
export function MetricsTable({ metrics, onOpen }: { metrics: Metric[]; onOpen: (name: string) => void }) {
  const now = useNow(1_000)
  const [sort, setSort] = useState<{ key: SortKey; isAscending: boolean }>({ key: 'name', isAscending: true })
  const rows = [...metrics].sort((a, b) => compare(a, b, sort.key) * (sort.isAscending ? 1 : -1))
  const head = (key: SortKey) => ({
    sort: sort.key !== key ? ('none' as const) : sort.isAscending ? ('asc' as const) : ('desc' as const),
    // Names read from A; of the others one looks for the newest and the largest first.
    onSort: () => setSort({ key, isAscending: sort.key === key ? !sort.isAscending : key === 'name' }),
  })
  return (
    <Table inset label="Metrics" className="[&_td]:h-12">
      <TableHead>
        <tr>
          <Th {...head('name')}>Metric</Th>
          <Th className="max-phone:hidden">Aggregation</Th>
          <Th className="max-phone:hidden">Unit</Th>
          <Th {...head('lastPointAt')}>Last point</Th>
          <Th numeric {...head('seriesCount')} className="max-phone:hidden">
            Series
          </Th>
        </tr>
      </TableHead>
      <TableBody>
        {rows.map((metric) => (
          <TableRow key={metric.name}>
            <Td>
              <button
                type="button"
                onClick={() => onOpen(metric.name)}
                className="block max-w-[60ch] truncate text-left hover:underline max-phone:max-w-[24ch]"
              >
                <code className="font-medium text-13">{metric.name}</code>
                {metric.description ? (
                  <span className="block truncate text-12 text-muted">{metric.description}</span>
                ) : null}
              </button>
            </Td>
            <Td className="max-phone:hidden">
              <Badge>{metric.defaultAggregation}</Badge>
            </Td>
            <Td className="text-muted max-phone:hidden">{metric.unit ?? '–'}</Td>
            <Td className="tabular-nums">
              {metric.lastPointAt ? (
                <Age at={metric.lastPointAt} now={now} />
              ) : (
                <span className="text-muted">none</span>
              )}
            </Td>
            <Td numeric className="max-phone:hidden">
              {metric.seriesCount.toLocaleString()}
            </Td>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  )
}

function compare(a: Metric, b: Metric, key: SortKey): number {
  if (key === 'seriesCount') return a.seriesCount - b.seriesCount
  if (key === 'lastPointAt') return (a.lastPointAt?.getTime() ?? 0) - (b.lastPointAt?.getTime() ?? 0)
  return a.name.localeCompare(b.name)
}
