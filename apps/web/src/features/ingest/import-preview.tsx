import type { ImportPreview } from '@trackable/api/client'
import { Card, CardHead } from '@trackable/ui/card'
import { Chip } from '@trackable/ui/chip'
import { cn } from '@trackable/ui/cn'
import { Input } from '@trackable/ui/input'
import { Select } from '@trackable/ui/select'
import { Table, TableBody, TableHead, TableRow, Td, Th } from '@trackable/ui/table'
import { type ColumnRole, type ImportDraft, withName, withRole } from './import-draft'

const ROLES: Record<ColumnRole, string> = {
  skip: 'Leave out',
  time: 'Time',
  value: 'Value',
  metric: 'Metric name',
  tag: 'Tag',
  id: 'Id',
}

export interface ImportTableProps {
  draft: ImportDraft
  preview: ImportPreview
  onDraft: (draft: ImportDraft) => void
}

/** The first rows as they stand in the file, below what each column is. A cell that would be refused says why. */
export function ImportTable({ draft, preview, onDraft }: ImportTableProps) {
  const hasNames = draft.columns.some(({ role }) => role === 'metric')
  return (
    <Table density="dense" inset label="First rows of the file">
      <TableHead>
        <tr>
          <Th numeric className="w-10">
            Line
          </Th>
          {draft.columns.map((column, index) => {
            const head = preview.columns[index]?.name ?? `Column ${index + 1}`
            const isNamed = column.role === 'tag' || (column.role === 'value' && !hasNames)
            return (
              // Columns have no identity but their place.
              <Th key={index} className="!h-auto py-2 align-top font-normal">
                <span className="mb-1 block max-w-44 truncate font-medium text-ink" title={head}>
                  {head}
                </span>
                <div className="grid w-36 gap-1">
                  <Select
                    size={28}
                    aria-label={`What ${head} is`}
                    value={column.role}
                    onChange={(event) => onDraft(withRole(draft, index, event.target.value as ColumnRole))}
                  >
                    {Object.entries(ROLES).map(([role, label]) => (
                      <option key={role} value={role}>
                        {label}
                      </option>
                    ))}
                  </Select>
                  {isNamed ? (
                    <Input
                      size={32}
                      mono
                      aria-label={column.role === 'tag' ? `Name of the tag in ${head}` : `Metric in ${head}`}
                      placeholder={column.role === 'tag' ? 'Tag' : 'Metric'}
                      value={column.name}
                      maxLength={column.role === 'tag' ? 64 : 200}
                      spellCheck={false}
                      onChange={(event) => onDraft(withName(draft, index, event.target.value))}
                    />
                  ) : null}
                </div>
              </Th>
            )
          })}
        </tr>
      </TableHead>
      <TableBody>
        {preview.rows.filter(isTelling).map((row) => (
          <TableRow key={row.line}>
            <Td numeric className="text-muted">
              {row.line}
            </Td>
            {row.error !== null && row.cells.length === 0 ? (
              <Td colSpan={draft.columns.length} className="text-bad">
                {row.error}
              </Td>
            ) : (
              draft.columns.map(({ role }, index) => (
                <Cell key={index} cell={row.cells[index]} isUsed={role !== 'skip'} isFigure={role === 'value'} />
              ))
            )}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  )
}

const ROWS_SHOWN = 8

/** Beyond the first few only rows with a fault say something new. */
const isTelling = ({ cells, error }: ImportPreview['rows'][number], index: number) =>
  index < ROWS_SHOWN || error !== null || cells.some((cell) => cell.error !== null)

interface CellProps {
  cell: ImportPreview['rows'][number]['cells'][number] | undefined
  isUsed: boolean
  isFigure: boolean
}

function Cell({ cell, isUsed, isFigure }: CellProps) {
  const error = cell?.error ?? null
  return (
    <Td className={cn('max-w-60', !isUsed && 'text-muted', isFigure && 'tabular-nums', error && 'bg-bad-tint')}>
      <span className={cn('block truncate', error && 'font-medium text-bad')}>{cell?.text}</span>
      {error ? <span className="block whitespace-normal pb-1 text-12 text-bad leading-4">{error}</span> : null}
    </Td>
  )
}

const POINTS_SHOWN = 5

/** What the first rows become: the proof that the columns are understood. */
export function ImportPoints({ points }: { points: ImportPreview['points'] }) {
  if (points.length === 0) return null
  return (
    <Card flush>
      <CardHead pad title="What they become" sub="the first points" />
      <Table density="dense" inset label="First points">
        <TableHead>
          <tr>
            <Th>Metric</Th>
            <Th numeric>Value</Th>
            <Th>Time (UTC)</Th>
            <Th>Tags</Th>
          </tr>
        </TableHead>
        <TableBody>
          {points.slice(0, POINTS_SHOWN).map((point, index) => (
            // Several points may stand in one line and be equal: a place is all that tells them apart.
            <TableRow key={index}>
              <Td className="max-w-60 truncate">
                <code className="font-medium">{point.metric}</code>
              </Td>
              <Td numeric>{point.value.toLocaleString(undefined, { maximumFractionDigits: 12 })}</Td>
              <Td className="tabular-nums">{point.timestamp.replace('T', ' ').replace(/(\.000)?Z$/, '')}</Td>
              <Td>
                <span className="flex gap-1">
                  {Object.entries(point.tags).map(([key, value]) => (
                    <Chip key={key}>
                      {key} <span className="font-semibold">{value}</span>
                    </Chip>
                  ))}
                </span>
              </Td>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Card>
  )
}
