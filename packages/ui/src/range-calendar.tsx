import { ChevronLeft, ChevronRight } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import {
  addDays,
  addMonths,
  clampDate,
  formatDate,
  type IsoDate,
  monthGrid,
  startOfMonth,
  startOfWeek,
  type Weekday,
  weekdays,
} from './calendar'
import { cn } from './cn'
import { IconButton } from './icon-button'

/** A range in the making: after the first click `to` is missing. */
export interface DraftRange {
  from: IsoDate | null
  to: IsoDate | null
}

export interface RangeCalendarProps {
  value: DraftRange
  onValueChange: (value: DraftRange) => void
  today: IsoDate
  weekStart?: Weekday
  min?: IsoDate
  max?: IsoDate
  locale?: string
}

/** Two months to pick a range from: a click for each end, or arrow keys (Page Up and Down for months) and Enter. */
export function RangeCalendar({ value, onValueChange, today, weekStart = 1, min, max, locale }: RangeCalendarProps) {
  const [focused, setFocused] = useState<IsoDate>(value.to ?? value.from ?? today)
  const [right, setRight] = useState<IsoDate>(startOfMonth(value.to ?? value.from ?? today))
  const [hovered, setHovered] = useState<IsoDate | null>(null)
  const root = useRef<HTMLDivElement>(null)
  const byKey = useRef(false)
  const left = addMonths(right, -1)

  useEffect(() => {
    if (!byKey.current) return
    byKey.current = false
    root.current?.querySelector<HTMLElement>(`[data-date="${focused}"]`)?.focus()
  })

  const show = (date: IsoDate) => {
    const month = startOfMonth(date)
    if (month < left) setRight(addMonths(month, 1))
    else if (month > right) setRight(month)
  }
  // A date typed into the fields above comes into sight.
  const shown = useRef(value)
  useEffect(() => {
    const changed = value.to !== shown.current.to ? value.to : value.from !== shown.current.from ? value.from : null
    shown.current = value
    if (!changed) return
    setFocused(changed)
    const month = startOfMonth(changed)
    setRight((now) => (month > now ? month : month < addMonths(now, -1) ? addMonths(month, 1) : now))
  }, [value])

  const move = (event: KeyboardEvent) => {
    const target = targetOf(event, focused, weekStart)
    if (!target) return
    event.preventDefault()
    byKey.current = true
    const date = clampDate(target, min, max)
    setFocused(date)
    show(date)
  }
  const pick = (date: IsoDate) => {
    setFocused(date)
    if (!value.from || value.to) onValueChange({ from: date, to: null })
    else if (date < value.from) onValueChange({ from: date, to: value.from })
    else onValueChange({ from: value.from, to: date })
  }
  const preview = value.from && !value.to && hovered ? hovered : value.to
  const [from, to] = value.from && preview && preview < value.from ? [preview, value.from] : [value.from, preview]
  // Someone who paged with the mouse finds the Tab stop in the months in sight.
  const isFocusInSight = startOfMonth(focused) === left || startOfMonth(focused) === right
  const tabStop = isFocusInSight ? focused : right
  const month = { from, to, tabStop, today, weekStart, min, max, locale, onPick: pick, onHover: setHovered }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the day buttons inside; one listener serves all.
    <div ref={root} onKeyDown={move} onMouseLeave={() => setHovered(null)} className="grid gap-x-6 phone:grid-cols-2">
      <Month
        {...month}
        month={left}
        className="max-phone:hidden"
        before={
          <IconButton label="Earlier" size={28} tooltip={false} onClick={() => setRight(left)}>
            <ChevronLeft aria-hidden />
          </IconButton>
        }
      />
      <Month
        {...month}
        month={right}
        before={
          <IconButton
            label="Earlier month"
            size={28}
            tooltip={false}
            className="phone:hidden"
            onClick={() => setRight(left)}
          >
            <ChevronLeft aria-hidden />
          </IconButton>
        }
        after={
          <IconButton
            label="Later"
            size={28}
            tooltip={false}
            disabled={max !== undefined && addMonths(right, 1) > max}
            onClick={() => setRight(addMonths(right, 1))}
          >
            <ChevronRight aria-hidden />
          </IconButton>
        }
      />
    </div>
  )
}

interface MonthProps extends Omit<RangeCalendarProps, 'value' | 'onValueChange'> {
  month: IsoDate
  from: IsoDate | null
  to: IsoDate | null
  tabStop: IsoDate
  onPick: (date: IsoDate) => void
  onHover: (date: IsoDate) => void
  before?: ReactNode
  after?: ReactNode
  className?: string
}

function Month({ month, locale, weekStart = 1, before, after, className, ...day }: MonthProps) {
  const caption = formatDate(month, locale, { month: 'long', year: 'numeric' })
  // 5 January 2026 was a Monday: any week serves to name the days.
  const monday = '2026-01-05'
  return (
    <div className={className}>
      <div className="flex h-8 items-center justify-between gap-2 px-1">
        <span className="flex items-center gap-1">
          {before}
          <span aria-live="polite" className="font-semibold text-13">
            {caption}
          </span>
        </span>
        {after}
      </div>
      <table aria-label={caption} className="w-full table-fixed border-collapse text-center text-12">
        <thead>
          <tr>
            {weekdays(weekStart).map((weekday) => (
              <th
                key={weekday}
                scope="col"
                abbr={formatDate(addDays(monday, weekday - 1), locale, { weekday: 'long' })}
                className="h-7 text-center text-muted"
              >
                {formatDate(addDays(monday, weekday - 1), locale, { weekday: 'short' }).slice(0, 2)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {monthGrid(month, weekStart).map((week) => (
            <tr key={week.find((date) => date !== null)}>
              {week.map((date, index) => (
                <td key={index} className="h-9 p-0 py-0.5">
                  {date ? <Day date={date} locale={locale} {...day} /> : null}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

type DayProps = Omit<MonthProps, 'month' | 'weekStart' | 'before' | 'after' | 'className'> & { date: IsoDate }

function Day({ date, from, to, tabStop, today, min, max, locale, onPick, onHover }: DayProps) {
  const isEdge = date === from || date === to
  const isInside = from !== null && to !== null && date >= from && date <= to
  const isOut = (min !== undefined && date < min) || (max !== undefined && date > max)
  return (
    <span
      className={cn(
        'block',
        isInside && 'bg-accent-tint',
        isInside && date === from && 'rounded-s-[6px]',
        isInside && date === to && 'rounded-e-[6px]',
      )}
    >
      <button
        type="button"
        data-date={date}
        tabIndex={date === tabStop ? 0 : -1}
        disabled={isOut}
        aria-pressed={isEdge || isInside}
        aria-current={date === today ? 'date' : undefined}
        aria-label={formatDate(date, locale, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })}
        onClick={() => onPick(date)}
        onMouseEnter={() => onHover(date)}
        onFocus={() => onHover(date)}
        className={cn(
          'h-8 w-full rounded-[6px] tabular-nums -outline-offset-1 enabled:hover:bg-hover disabled:text-muted disabled:opacity-60',
          date === today && 'font-semibold underline decoration-accent-text decoration-2 underline-offset-4',
          isEdge && 'bg-accent font-medium text-accent-ink decoration-accent-ink enabled:hover:bg-accent-hover',
        )}
      >
        {Number(date.slice(8))}
      </button>
    </span>
  )
}

/** Where a key leads from a day; `null` for keys that mean nothing here. */
function targetOf(event: KeyboardEvent, from: IsoDate, weekStart: Weekday): IsoDate | null {
  if (!(event.target instanceof HTMLElement) || !event.target.dataset.date) return null
  if (event.key === 'ArrowLeft') return addDays(from, -1)
  if (event.key === 'ArrowRight') return addDays(from, 1)
  if (event.key === 'ArrowUp') return addDays(from, -7)
  if (event.key === 'ArrowDown') return addDays(from, 7)
  if (event.key === 'PageUp') return addMonths(from, event.shiftKey ? -12 : -1)
  if (event.key === 'PageDown') return addMonths(from, event.shiftKey ? 12 : 1)
  if (event.key === 'Home') return startOfWeek(from, weekStart)
  if (event.key === 'End') return addDays(startOfWeek(from, weekStart), 6)
  return null
}
