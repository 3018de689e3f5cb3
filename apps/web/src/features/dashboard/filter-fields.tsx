import { FILTERS_MAX, type Filters, isFilterGroup, type MetricTag, type TagFilter } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Chip } from '@trackable/ui/chip'
import { FieldSet } from '@trackable/ui/field'
import { IconButton } from '@trackable/ui/icon-button'
import { Select } from '@trackable/ui/select'
import { Plus, X } from 'lucide-react'

export interface FilterFieldsProps {
  filters: Filters
  /** The tags that the metric's series carry. */
  tags: readonly MetricTag[]
  onChange: (filters: Filters) => void
}

/** Which series count: every row must hold. A row with several values means any of them. */
export function FilterFields({ filters, tags, onChange }: FilterFieldsProps) {
  const replace = (index: number, filter: TagFilter) => onChange(filters.map((f, i) => (i === index ? filter : f)))
  const first = tags[0]
  if (!first && filters.length === 0) return null
  return (
    <FieldSet label="Filters">
      <div className="grid gap-2">
        {filters.map((filter, index) => {
          const onRemove = () => onChange(filters.filter((_, i) => i !== index))
          // Rows have no identity of their own and are only ever added at the end or removed whole.
          return isFilterGroup(filter) ? (
            <Chip key={index} onRemove={onRemove} removeLabel="Remove the condition">
              {filter.any.map(inWords).join(' or ')}
            </Chip>
          ) : (
            <FilterRow
              key={index}
              filter={filter}
              tags={tags}
              onChange={(next) => replace(index, next)}
              onRemove={onRemove}
            />
          )
        })}
        {first && filters.length < FILTERS_MAX ? (
          <Button
            variant="ghost"
            size={28}
            icon={<Plus aria-hidden />}
            className="justify-self-start"
            onClick={() => {
              const value = first.values[0]
              onChange([...filters, { tag: first.tag, op: 'is', values: value === undefined ? [''] : [value] }])
            }}
          >
            Filter
          </Button>
        ) : null}
      </div>
    </FieldSet>
  )
}

const OPS: Record<TagFilter['op'], string> = {
  is: 'is',
  is_not: 'is not',
  contains: 'contains',
  not_contains: 'does not contain',
  exists: 'exists',
  not_exists: 'is missing',
}
const takesValues = (op: TagFilter['op']) => op !== 'exists' && op !== 'not_exists'
const inWords = ({ tag, op, values }: TagFilter) => [tag, OPS[op], values.join(', ')].join(' ').trim()

interface FilterRowProps {
  filter: TagFilter
  tags: readonly MetricTag[]
  onChange: (filter: TagFilter) => void
  onRemove: () => void
}

function FilterRow({ filter, tags, onChange, onRemove }: FilterRowProps) {
  const values = tags.find(({ tag }) => tag === filter.tag)?.values ?? []
  const rest = values.filter((value) => !filter.values.includes(value))
  return (
    <div className="grid gap-1.5">
      <div className="grid grid-cols-[1fr_84px_1fr_auto] items-center gap-1.5">
        <Select
          size={32}
          aria-label="Tag"
          value={filter.tag}
          onChange={(e) => {
            const tag = e.target.value
            const value = tags.find((t) => t.tag === tag)?.values[0] ?? ''
            onChange({ ...filter, tag, values: takesValues(filter.op) ? [value] : [] })
          }}
        >
          {[...new Set([filter.tag, ...tags.map(({ tag }) => tag)])].map((tag) => (
            <option key={tag}>{tag}</option>
          ))}
        </Select>
        <Select
          size={32}
          aria-label="Condition"
          value={filter.op}
          onChange={(e) => {
            const op = e.target.value as TagFilter['op']
            const kept = filter.values.length > 0 ? filter.values : [values[0] ?? '']
            onChange({ ...filter, op, values: takesValues(op) ? kept : [] })
          }}
        >
          {(Object.keys(OPS) as TagFilter['op'][]).map((op) => (
            <option key={op} value={op}>
              {OPS[op]}
            </option>
          ))}
        </Select>
        <Select
          size={32}
          aria-label="Add a value"
          value=""
          disabled={rest.length === 0 || !takesValues(filter.op)}
          onChange={(e) => onChange({ ...filter, values: [...filter.values, e.target.value] })}
        >
          <option value="">Add a value</option>
          {rest.map((value) => (
            <option key={value} value={value}>
              {value === '' ? '(empty)' : value}
            </option>
          ))}
        </Select>
        <IconButton label="Remove the filter" onClick={onRemove}>
          <X aria-hidden />
        </IconButton>
      </div>
      <div className="flex flex-wrap gap-1">
        {filter.values.map((value) => (
          <Chip
            key={value}
            onRemove={
              filter.values.length > 1
                ? () => onChange({ ...filter, values: filter.values.filter((v) => v !== value) })
                : undefined
            }
            removeLabel={`Remove ${value}`}
          >
            {value === '' ? '(empty)' : value}
          </Chip>
        ))}
      </div>
    </div>
  )
}
