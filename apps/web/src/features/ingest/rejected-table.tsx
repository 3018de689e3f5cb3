import type { RejectedRow } from '@trackable/api/client'
import { Badge } from '@trackable/ui/badge'
import { Button } from '@trackable/ui/button'
import { Checkbox } from '@trackable/ui/checkbox'
import { Table, TableBody, TableHead, TableRow, Td, Th } from '@trackable/ui/table'
import { Age, useNow } from '../../time'
import { REJECT_LABELS } from './reject-words'

export interface RejectedTableProps {
  rows: RejectedRow[]
  chosen: ReadonlySet<string>
  /** Absent for viewers, who only look. */
  onChosen: ((chosen: ReadonlySet<string>) => void) | undefined
  onFix: ((row: RejectedRow) => void) | undefined
}

/** What was sent and why it was refused, a point in a row. */
export function RejectedTable({ rows, chosen, onChosen, onFix }: RejectedTableProps) {
  const now = useNow()
  const isAll = rows.every((row) => chosen.has(row.id))
  const toggle = (id: string, isOn: boolean) => {
    const next = new Set(chosen)
    if (isOn) next.add(id)
    else next.delete(id)
    onChosen?.(next)
  }
  return (
    <Table density="two-line" inset label="Rejected points">
      <TableHead>
        <tr>
          {onChosen ? (
            <Th className="w-8">
              <Checkbox
                aria-label="Choose all that are listed"
                checked={isAll}
                indeterminate={!isAll && chosen.size > 0}
                onCheckedChange={(isOn) => onChosen(new Set(isOn ? rows.map((row) => row.id) : []))}
              />
            </Th>
          ) : null}
          <Th>What was sent</Th>
          <Th className="max-phone:hidden">Reason</Th>
          <Th className="max-laptop:hidden">Key</Th>
          <Th className="max-phone:hidden">Arrived</Th>
          {onFix ? (
            <Th>
              <span className="sr-only">Actions</span>
            </Th>
          ) : null}
        </tr>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={row.id} selected={chosen.has(row.id)}>
            {onChosen ? (
              <Td>
                <Checkbox
                  aria-label={`Choose the point ${nameOf(row)}`}
                  checked={chosen.has(row.id)}
                  onCheckedChange={(isOn) => toggle(row.id, isOn)}
                />
              </Td>
            ) : null}
            <Td className="w-[45%] max-w-0 max-phone:w-full max-phone:py-2">
              <span className="grid leading-[18px]">
                <span className="truncate font-medium">{nameOf(row)}</span>
                <code className="truncate text-12 text-muted" title={row.raw}>
                  {row.raw}
                </code>
                <span className="whitespace-normal text-12 text-warn leading-4 phone:hidden">{row.detail}</span>
              </span>
            </Td>
            <Td className="w-[35%] max-w-0 max-phone:hidden">
              <span className="grid justify-items-start gap-0.5 leading-[18px]">
                <Badge tone="warn">{REJECT_LABELS[row.code]}</Badge>
                <span
                  className="line-clamp-2 max-w-full whitespace-normal pb-0.5 text-12 text-soft leading-4"
                  title={row.detail}
                >
                  {row.detail}
                </span>
              </span>
            </Td>
            <Td className="max-w-40 truncate text-soft max-laptop:hidden">
              {row.keyName ?? <span className="text-muted">no key</span>}
              <span className="block text-12 text-muted leading-[18px]">{row.format}</span>
            </Td>
            <Td className="tabular-nums max-phone:hidden">
              <Age at={row.createdAt} now={now} />
            </Td>
            {onFix ? (
              <Td numeric>
                <Button size={28} aria-label={`Fix the point ${nameOf(row)}`} onClick={() => onFix(row)}>
                  Fix
                </Button>
              </Td>
            ) : null}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  )
}

const nameOf = (row: RejectedRow) => row.point?.metric || 'without a metric'
