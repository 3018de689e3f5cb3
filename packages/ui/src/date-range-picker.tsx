import { CalendarDays, ChevronDown, ChevronLeft, ChevronRight, Globe } from 'lucide-react'
import { Popover as Radix } from 'radix-ui'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { Button } from './button'
import { ButtonGroup } from './button-group'
import {
  addDays,
  type DateRange,
  daysBetween,
  formatDate,
  formatRange,
  type IsoDate,
  isIsoDate,
  shiftRange,
  type Weekday,
} from './calendar'
import { cn } from './cn'
import { type DatePreset, datePresets, presetOf } from './date-presets'
import { Kbd } from './kbd'
import { menuItem, menuSurface } from './menu-styles'
import { type DraftRange, RangeCalendar } from './range-calendar'
import { unevenDays } from './zone-days'

/** `preset` names a range that moves with time; `null` means these very dates. Both ends belong to the range. */
export interface DateRangeValue extends DateRange {
  preset: string | null
}

export interface DateRangePickerProps {
  value: DateRangeValue
  onValueChange: (value: DateRangeValue) => void
  /** The present day in `zone`. */
  today: IsoDate
  /** IANA name: the zone in which days are cut. */
  zone: string
  presets?: readonly DatePreset[]
  weekStart?: Weekday
  min?: IsoDate
  /** Last day to offer; today unless said. */
  max?: IsoDate
  locale?: string
  /** One more sentence for the foot. */
  note?: ReactNode
  /** Buttons for the period before and after. */
  arrows?: boolean
  /** Binds the single keys and the left and right arrow on the whole page, not only while open. */
  hotkeys?: boolean
  className?: string
}

/** Chooses the days a page shows. A preset applies at once, own dates wait for "Apply". */
export function DateRangePicker(props: DateRangePickerProps) {
  const { value, onValueChange, today, weekStart = 1, arrows = true, locale, className } = props
  const [isOpen, setIsOpen] = useState(false)
  const max = props.max ?? today
  const presets = useMemo(() => props.presets ?? datePresets(today, weekStart), [props.presets, today, weekStart])
  const preset = presets.find(({ id }) => id === value.preset)

  const choose = (next: DateRangeValue) => {
    setIsOpen(false)
    onValueChange(next)
  }
  const later = shiftRange(value, 1)
  const canStepLater = later.from <= max
  const step = (periods: number) => {
    const next = shiftRange(value, periods)
    if (next.from > max || (props.min && next.to < props.min)) return
    onValueChange({ ...next, preset: presetOf(next, presets) })
  }
  /** True when the key meant something. */
  const press = (key: string): boolean => {
    const hit = presets.find((candidate) => candidate.key === key.toUpperCase())
    if (hit) choose({ preset: hit.id, from: hit.from, to: hit.to })
    return hit !== undefined
  }
  usePageKeys(props.hotkeys ?? false, (key) => {
    if (key === 'ArrowLeft') step(-1)
    else if (key === 'ArrowRight') step(1)
    else if (key.toUpperCase() === 'C') setIsOpen(true)
    else return press(key)
    return true
  })

  const trigger = (
    <Radix.Trigger asChild>
      <Button icon={<CalendarDays aria-hidden className="max-phone:hidden" />} className="min-w-0 flex-auto">
        <span className="truncate">{preset?.label ?? 'Custom'}</span>
        <span className={cn('truncate font-normal text-muted tabular-nums', preset && 'max-phone:hidden')}>
          {formatRange(value, locale, today)}
        </span>
        <ChevronDown aria-hidden />
      </Button>
    </Radix.Trigger>
  )
  return (
    <Radix.Root open={isOpen} onOpenChange={setIsOpen}>
      {arrows ? (
        <Radix.Anchor asChild>
          <ButtonGroup label="Date range" className={cn('max-w-full', className)}>
            <Button aria-label="Period before" className="px-2" onClick={() => step(-1)}>
              <ChevronLeft aria-hidden />
            </Button>
            {trigger}
            <Button aria-label="Period after" className="px-2" disabled={!canStepLater} onClick={() => step(1)}>
              <ChevronRight aria-hidden />
            </Button>
          </ButtonGroup>
        </Radix.Anchor>
      ) : (
        trigger
      )}
      <Radix.Portal>
        <Radix.Content
          align="start"
          sideOffset={8}
          collisionPadding={8}
          aria-label="Date range"
          onKeyDown={(event) => {
            if (!isPlainKey(event.nativeEvent)) return
            if (event.key.toUpperCase() === 'C') {
              focusDates(event.currentTarget)
              event.preventDefault()
            } else if (press(event.key)) event.preventDefault()
          }}
          className={cn(
            menuSurface,
            'max-h-(--radix-popover-content-available-height) w-175 max-w-[calc(100vw-16px)] overflow-y-auto',
          )}
        >
          <PickerPanel {...props} weekStart={weekStart} presets={presets} max={max} onChoose={choose} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

interface PickerPanelProps extends Omit<DateRangePickerProps, 'presets'> {
  presets: readonly DatePreset[]
  weekStart: Weekday
  max: IsoDate
  onChoose: (value: DateRangeValue) => void
}

const presetRow = cn(
  menuItem,
  'min-h-7 cursor-pointer justify-between whitespace-nowrap -outline-offset-2 hover:bg-hover max-phone:min-h-8',
)

/** Mounted while open, so every opening starts from what is in force. */
function PickerPanel({ value, presets, today, zone, weekStart, min, max, locale, note, onChoose }: PickerPanelProps) {
  const [draft, setDraft] = useState<DraftRange>({ from: value.from, to: value.to })
  const isReady = isUsable(draft, min, max)
  const range = draft.from && draft.to ? { from: draft.from, to: draft.to } : null
  return (
    <form
      className="grid phone:grid-cols-[208px_1fr]"
      onSubmit={(event) => {
        event.preventDefault()
        event.stopPropagation()
        if (range && isReady) onChoose({ ...range, preset: null })
      }}
    >
      <ul className="flex overflow-x-auto border-line p-1 max-phone:border-b phone:flex-col phone:border-r">
        {presets.map((preset, index) => (
          <li
            key={preset.id}
            className={cn(
              index > 0 &&
                presets[index - 1]?.group !== preset.group &&
                'phone:-mx-1 phone:mt-1 phone:border-line phone:border-t phone:px-1 phone:pt-1',
            )}
          >
            <button
              type="button"
              aria-pressed={preset.id === value.preset}
              aria-keyshortcuts={preset.key}
              onClick={() => onChoose({ preset: preset.id, from: preset.from, to: preset.to })}
              className={cn(presetRow, preset.id === value.preset && 'bg-hover font-medium')}
            >
              {preset.label}
              {preset.key ? <Kbd className="bg-transparent max-phone:hidden">{preset.key}</Kbd> : null}
            </button>
          </li>
        ))}
        <li className="max-phone:hidden phone:-mx-1 phone:mt-1 phone:border-line phone:border-t phone:px-1 phone:pt-1">
          <button
            type="button"
            aria-pressed={value.preset === null}
            aria-keyshortcuts="C"
            onClick={(event) => focusDates(event.currentTarget.closest('form'))}
            className={cn(presetRow, value.preset === null && 'bg-hover font-medium')}
          >
            Custom range
            <Kbd className="bg-transparent">C</Kbd>
          </button>
        </li>
      </ul>
      <div className="grid content-start gap-3 p-4">
        <div className="grid grid-cols-2 gap-x-6 gap-y-2 max-phone:gap-x-2">
          <DateField
            label="From"
            value={draft.from}
            min={min}
            max={max}
            onValueChange={(from) => setDraft({ ...draft, from })}
          />
          <DateField
            label="To"
            value={draft.to}
            min={draft.from ?? min}
            max={max}
            onValueChange={(to) => setDraft({ ...draft, to })}
          />
        </div>
        <RangeCalendar
          value={draft}
          onValueChange={setDraft}
          today={today}
          weekStart={weekStart}
          min={min}
          max={max}
          locale={locale}
        />
      </div>
      <div className="col-span-full flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-t px-4 py-2.5 text-12 text-muted">
        <Globe aria-hidden className="max-phone:hidden" />
        <p className="min-w-0 flex-1 basis-60">
          {zone}, weeks start on {weekdayName(weekStart, locale)}. {range ? clockNote(range, zone, locale) : null}
          {note ? <> {note}</> : null}
        </p>
        <span className="ml-auto flex gap-2">
          <Radix.Close asChild>
            <Button variant="ghost">Cancel</Button>
          </Radix.Close>
          <Button type="submit" variant="primary" disabled={!isReady}>
            Apply
          </Button>
        </span>
      </div>
    </form>
  )
}

interface DateFieldProps {
  label: string
  value: IsoDate | null
  min?: IsoDate
  max?: IsoDate
  onValueChange: (date: IsoDate | null) => void
}

function DateField({ label, value, min, max, onValueChange }: DateFieldProps) {
  return (
    <label className="flex h-8 min-w-0 items-center gap-2 rounded-control border border-line-strong px-2.5 text-13 focus-within:border-transparent focus-within:outline-2 focus-within:outline-focus focus-within:outline-offset-1 touch:h-11">
      <span className="text-muted">{label}</span>
      <input
        type="date"
        value={value ?? ''}
        min={min}
        max={max}
        onChange={(event) => onValueChange(event.currentTarget.value || null)}
        // The calendar below is the picker; the browser's own button would open a second one.
        className="min-w-0 flex-1 bg-transparent tabular-nums outline-none [&::-webkit-calendar-picker-indicator]:hidden"
      />
    </label>
  )
}

function focusDates(within: Element | null): void {
  within?.querySelector<HTMLElement>('input[type="date"]')?.focus()
}

function isUsable({ from, to }: DraftRange, min: IsoDate | undefined, max: IsoDate): boolean {
  if (!from || !to || !isIsoDate(from) || !isIsoDate(to)) return false
  return from <= to && to <= max && (!min || from >= min) && daysBetween(from, to) >= 0
}

function weekdayName(weekday: Weekday, locale: string | undefined): string {
  return formatDate(addDays('2026-01-05', weekday - 1), locale, { weekday: 'long' })
}

function clockNote(range: DateRange, zone: string, locale: string | undefined): string {
  const days = unevenDays(range, zone).map(
    ({ date, hours }) => `${formatDate(date, locale, { day: 'numeric', month: 'long' })} has ${hours} hours.`,
  )
  return days.join(' ')
}

/** A key without modifiers that no text field is waiting for. */
function isPlainKey(event: globalThis.KeyboardEvent): boolean {
  if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return false
  const target = event.target
  return !(target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable="true"]'))
}

function usePageKeys(isOn: boolean, onKey: (key: string) => boolean): void {
  const latest = useRef(onKey)
  useEffect(() => {
    latest.current = onKey
  })
  useEffect(() => {
    if (!isOn) return
    const listen = (event: globalThis.KeyboardEvent) => {
      if (!isPlainKey(event) || document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]')) return
      // Arrows belong to whatever has the focus: a tab, a slider, a card being moved.
      if (event.key.startsWith('Arrow') && document.activeElement !== document.body) return
      if (latest.current(event.key)) event.preventDefault()
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [isOn])
}
