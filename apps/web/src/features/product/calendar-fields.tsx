import { Combobox } from '@trackable/ui/combobox'
import { Field } from '@trackable/ui/field'
import { Select } from '@trackable/ui/select'
import { useMemo } from 'react'
import { WEEKDAYS, zoneOptions } from './zones'

const MONTHS = Array.from({ length: 12 }, (_, month) =>
  new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' }).format(Date.UTC(2026, month, 1)),
)

/** Where a product's days and weeks are cut. */
export function CalendarFields({
  zone,
  onZoneChange,
  weekStart,
  onWeekStartChange,
  fiscalYearStart,
  onFiscalYearStartChange,
  zoneError,
}: {
  zone: string
  onZoneChange: (zone: string) => void
  weekStart: number
  onWeekStartChange: (weekday: number) => void
  /** 1 is January. Absent where the choice is not offered. */
  fiscalYearStart?: number
  onFiscalYearStartChange?: (month: number) => void
  zoneError?: string
}) {
  const options = useMemo(() => {
    const known = zoneOptions()
    // A stored zone may be an alias that this browser does not list.
    return known.some((option) => option.value === zone) ? known : [{ value: zone, label: zone }, ...known]
  }, [zone])
  return (
    <>
      <Field label="Time zone" hint="Days, weeks and months are cut here." error={zoneError}>
        <Combobox
          value={zone}
          onValueChange={onZoneChange}
          options={options}
          searchPlaceholder="Search a city or region"
          empty="No zone has this name."
        />
      </Field>
      <Field label="Weeks begin on">
        <Select value={weekStart} onChange={(event) => onWeekStartChange(Number(event.target.value))}>
          {WEEKDAYS.map((name, index) => (
            <option key={name} value={index + 1}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      {fiscalYearStart === undefined ? null : (
        <Field label="Fiscal year begins in" hint="Quarters and years of charts begin with it.">
          <Select value={fiscalYearStart} onChange={(event) => onFiscalYearStartChange?.(Number(event.target.value))}>
            {MONTHS.map((name, index) => (
              <option key={name} value={index + 1}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
      )}
    </>
  )
}
