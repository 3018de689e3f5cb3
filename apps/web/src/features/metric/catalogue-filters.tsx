import type { Catalogue, MetricKind } from '@trackable/api/client'
import { CountBadge } from '@trackable/ui/badge'
import { Button } from '@trackable/ui/button'
import { Input } from '@trackable/ui/input'
import { Kbd } from '@trackable/ui/kbd'
import { SegmentedControl } from '@trackable/ui/segmented-control'
import { Clock, EyeOff, Search } from 'lucide-react'
import { type Ref, useEffect, useRef, useState } from 'react'
import type { CatalogueView } from './catalogue-view'

/** Long enough that a word is asked for once, short enough that nobody waits for it. */
const TYPING_MS = 150

const KINDS: { value: MetricKind | 'all'; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'count', label: 'Count' },
  { value: 'gauge', label: 'Gauge' },
  { value: 'distribution', label: 'Distribution' },
  { value: 'ratio', label: 'Ratio' },
]

export interface CatalogueFiltersProps {
  ref: Ref<HTMLInputElement>
  view: CatalogueView
  /** Of the whole product; undefined until they are known. */
  counts: Catalogue['counts'] | undefined
  onView: (view: CatalogueView) => void
  /** Arrow down in the field goes on into the list. */
  onEnterList: () => void
}

/** The row above the catalogue: what is looked for. */
export function CatalogueFilters({ ref, view, counts, onView, onEnterList }: CatalogueFiltersProps) {
  return (
    <div className="mb-4 flex flex-wrap items-center gap-2">
      <FindField ref={ref} view={view} onView={onView} onEnterList={onEnterList} />
      <SegmentedControl
        label="Kind"
        value={view.kind ?? 'all'}
        onValueChange={(kind) => onView({ ...view, kind: kind === 'all' ? null : kind, page: 0 })}
        options={KINDS}
        className="max-phone:hidden"
      />
      <Toggle
        isOn={view.isLate}
        icon={<Clock aria-hidden />}
        onToggle={() => onView({ ...view, isLate: !view.isLate, page: 0 })}
      >
        Late
        {counts && counts.late > 0 ? (
          <CountBadge count={counts.late} tone="warn" label={`${counts.late} metrics are late`} />
        ) : null}
      </Toggle>
      {view.isHidden || (counts && counts.hidden > 0) ? (
        <Toggle
          isOn={view.isHidden}
          icon={<EyeOff aria-hidden />}
          onToggle={() => onView({ ...view, isHidden: !view.isHidden, page: 0 })}
          className="phone:ml-auto"
        >
          Hidden
          {counts ? <span className="text-muted tabular-nums">{counts.hidden.toLocaleString()}</span> : null}
        </Toggle>
      ) : null}
    </div>
  )
}

interface ToggleProps {
  isOn: boolean
  icon: React.ReactNode
  onToggle: () => void
  className?: string
  children: React.ReactNode
}

function Toggle({ isOn, icon, onToggle, className = '', children }: ToggleProps) {
  return (
    <Button
      aria-pressed={isOn}
      icon={icon}
      onClick={onToggle}
      className={`aria-pressed:border-accent aria-pressed:bg-accent-tint aria-pressed:text-accent-text ${className}`}
    >
      {children}
    </Button>
  )
}

/** What is typed is shown at once, and asked for when the typing pauses. */
function FindField({ ref, view, onView, onEnterList }: Omit<CatalogueFiltersProps, 'counts'>) {
  const [text, setText] = useState(view.find)
  const asked = useRef(view.find)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  // Another address, such as by the back button, is what counts; the field's own echo is not.
  if (view.find !== asked.current) {
    asked.current = view.find
    setText(view.find)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  const ask = (find: string) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      asked.current = find
      onView({ ...view, find, page: 0 })
    }, TYPING_MS)
  }
  return (
    <search className="w-70 max-phone:w-full">
      <Input
        ref={ref}
        size={32}
        type="search"
        aria-label="Find a metric"
        placeholder="Find by name or tag"
        before={<Search aria-hidden />}
        after={text === '' ? <Kbd className="touch:hidden">/</Kbd> : undefined}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          ask(event.target.value)
        }}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'Enter') return
          event.preventDefault()
          onEnterList()
        }}
      />
    </search>
  )
}
