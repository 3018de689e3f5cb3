import type { DashboardView, Granularity, RangePreset } from '@trackable/api/client'
import { type DatePreset, datePresets } from '@trackable/ui/date-presets'
import { DateRangePicker } from '@trackable/ui/date-range-picker'
import { Select } from '@trackable/ui/select'
import { Switch } from '@trackable/ui/switch'
import { type ReactNode, useMemo } from 'react'
import { GRANULARITY_CHOICES, todayIn } from './view-state'

export interface DashboardFiltersProps {
  view: DashboardView
  zone: string
  weekStart: number
  /** Month that quarters and years begin with, 1 = January. */
  fiscalYearStart: number
  /** First day that the page's charts show; dates a preset whose start depends on the data. */
  shownFrom: string | null
  onView: (view: DashboardView) => void
  /** At the far end of the row. */
  children: ReactNode
}

const BUCKETS: Record<Granularity | 'auto', string> = {
  auto: 'Automatic',
  minute: 'By minute',
  quarter_hour: 'By 15 minutes',
  hour: 'By hour',
  day: 'By day',
  week: 'By week',
  month: 'By month',
  quarter: 'By quarter',
  year: 'By year',
}

/** The row above the widgets: which days, cut how finely, compared with what. */
export function DashboardFilters({
  view,
  zone,
  weekStart,
  fiscalYearStart,
  shownFrom,
  onView,
  children,
}: DashboardFiltersProps) {
  const today = todayIn(zone)
  const presets = useMemo(
    () => offeredPresets(today, weekStart, fiscalYearStart, shownFrom),
    [today, weekStart, fiscalYearStart, shownFrom],
  )
  const { range } = view
  const preset = 'preset' in range ? presets.find(({ id }) => id === range.preset) : undefined
  const value =
    'preset' in range
      ? { preset: range.preset, from: preset?.from ?? shownFrom ?? today, to: preset?.to ?? today }
      : { preset: null, from: range.from, to: range.to }
  return (
    <div className="mb-4 flex flex-wrap items-center gap-2 max-phone:-mx-gutter max-phone:flex-nowrap max-phone:overflow-x-auto max-phone:px-gutter max-phone:py-0.5">
      <DateRangePicker
        value={value}
        today={today}
        zone={zone}
        weekStart={weekStart as 1}
        presets={presets}
        hotkeys
        onValueChange={(next) =>
          onView({
            ...view,
            range: next.preset ? { preset: next.preset as RangePreset } : { from: next.from, to: next.to },
          })
        }
      />
      <Select
        size={32}
        aria-label="Bucket size"
        value={view.granularity}
        onChange={(event) => onView({ ...view, granularity: event.target.value as DashboardView['granularity'] })}
        className="w-auto flex-none"
      >
        {GRANULARITY_CHOICES.map((choice) => (
          <option key={choice} value={choice}>
            {BUCKETS[choice]}
          </option>
        ))}
      </Select>
      <span className="flex h-8 flex-none items-center rounded-control border border-line-strong bg-card px-3 touch:h-11">
        <Switch
          label={
            <>
              Compare <span className="text-muted max-laptop:hidden">previous period</span>
            </>
          }
          checked={view.compare}
          onCheckedChange={(compare) => onView({ ...view, compare })}
        />
      </span>
      <div className="ml-auto flex-none pl-2 text-12 text-muted max-phone:hidden">{children}</div>
    </div>
  )
}

/** What the picker offers beyond the usual: a year back, and everything there is. */
function offeredPresets(
  today: string,
  weekStart: number,
  fiscalYearStart: number,
  shownFrom: string | null,
): DatePreset[] {
  const yearAgo = `${Number(today.slice(0, 4)) - 1}${today.slice(4)}`
  return [
    ...datePresets(today, weekStart as 1, fiscalYearStart),
    { id: '12m', label: 'Last 12 months', key: 'T', group: 4, from: yearAgo, to: today },
    { id: 'all', label: 'All time', key: 'L', group: 4, from: shownFrom ?? today, to: today },
  ]
}
