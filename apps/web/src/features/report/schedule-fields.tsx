import type { ReportSchedule } from '@trackable/api/client'
import { cn } from '@trackable/ui/cn'
import { Combobox } from '@trackable/ui/combobox'
import { Field, FieldSet } from '@trackable/ui/field'
import { Input } from '@trackable/ui/input'
import { SegmentedControl } from '@trackable/ui/segmented-control'
import { Select } from '@trackable/ui/select'
import { useId, useMemo } from 'react'
import { WEEKDAYS, zoneOptions } from '../product/zones'
import { LAST_DAY, ordinal, parseTime, timeOf, withFrequency } from './schedule-words'

export interface ScheduleFieldsProps {
  value: ReportSchedule
  onChange: (schedule: ReportSchedule) => void
  /** ISO weekday that the buttons begin with. */
  weekStart: number
  disabled?: boolean
}

/** When a report runs: how often, on which day, at what time, on whose clock. */
export function ScheduleFields({ value, onChange, weekStart, disabled }: ScheduleFieldsProps) {
  return (
    <div className="grid content-start gap-3.5">
      <FieldSet label="Repeats">
        <SegmentedControl
          fill
          label="Repeats"
          value={value.frequency}
          onValueChange={(frequency) => onChange(withFrequency(value, frequency))}
          options={[
            { value: 'daily', label: 'Daily', disabled },
            { value: 'weekly', label: 'Weekly', disabled },
            { value: 'monthly', label: 'Monthly', disabled },
          ]}
        />
      </FieldSet>
      {value.frequency === 'weekly' ? (
        <WeekdayField
          value={value.weekday}
          weekStart={weekStart}
          disabled={disabled}
          onChange={(weekday) => onChange({ ...value, weekday })}
        />
      ) : null}
      {value.frequency === 'monthly' ? (
        <DayField value={value.day} disabled={disabled} onChange={(day) => onChange({ ...value, day })} />
      ) : null}
      <div className="grid grid-cols-[118px_minmax(0,1fr)] gap-2">
        <Field label="At">
          <Input
            type="time"
            size={32}
            required
            disabled={disabled}
            value={timeOf(value)}
            onChange={(event) => {
              const time = parseTime(event.target.value)
              if (time) onChange({ ...value, ...time })
            }}
          />
        </Field>
        <ZoneField value={value.zone} disabled={disabled} onChange={(zone) => onChange({ ...value, zone })} />
      </div>
    </div>
  )
}

interface DayProps {
  value: number
  onChange: (day: number) => void
  disabled: boolean | undefined
}

function WeekdayField({ value, weekStart, onChange, disabled }: DayProps & { weekStart: number }) {
  const name = useId()
  const days = WEEKDAYS.map((_, index) => ((index + weekStart - 1) % 7) + 1)
  return (
    <FieldSet label="On">
      <div className="grid grid-cols-7 gap-1">
        {days.map((day) => (
          <label
            key={day}
            className={cn(
              'relative grid h-8 cursor-pointer place-items-center rounded-control border border-line-strong font-medium text-12 text-soft transition-colors hover:bg-hover touch:h-11',
              'has-[:checked]:border-accent has-[:checked]:bg-accent has-[:checked]:text-accent-ink',
              'has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-focus has-[:focus-visible]:outline-offset-2',
              'has-[:disabled]:cursor-default has-[:disabled]:opacity-50',
            )}
          >
            <input
              type="radio"
              name={name}
              value={day}
              checked={day === value}
              disabled={disabled}
              aria-label={WEEKDAYS[day - 1]}
              onChange={() => onChange(day)}
              className="absolute inset-0 m-0 size-full cursor-[inherit] appearance-none rounded-control opacity-0"
            />
            <span aria-hidden>{WEEKDAYS[day - 1]?.slice(0, 2)}</span>
          </label>
        ))}
      </div>
    </FieldSet>
  )
}

const DAYS = Array.from({ length: LAST_DAY - 1 }, (_, index) => index + 1)

function DayField({ value, onChange, disabled }: DayProps) {
  const isMissingSometimes = value > 28 && value < LAST_DAY
  return (
    <Field label="On" hint={isMissingSometimes ? 'In a shorter month on its last day.' : undefined}>
      <Select size={32} disabled={disabled} value={value} onChange={(event) => onChange(Number(event.target.value))}>
        {DAYS.map((day) => (
          <option key={day} value={day}>
            The {ordinal(day)} of the month
          </option>
        ))}
        <option value={LAST_DAY}>The last day of the month</option>
      </Select>
    </Field>
  )
}

function ZoneField({
  value,
  onChange,
  disabled,
}: {
  value: string
  onChange: (zone: string) => void
  disabled: boolean | undefined
}) {
  const options = useMemo(() => {
    const known = zoneOptions()
    // A stored zone may be an alias that this browser does not list.
    return known.some((option) => option.value === value) ? known : [{ value, label: value }, ...known]
  }, [value])
  return (
    <Field label="Zone">
      <Combobox
        size={32}
        value={value}
        disabled={disabled}
        onValueChange={onChange}
        options={options}
        searchPlaceholder="Search a city or region"
        empty="No zone has this name."
      />
    </Field>
  )
}
