import type { ComboboxOption } from '@trackable/ui/combobox'

/** The zone that this browser lives in, such as `Europe/Berlin`. */
export function browserZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
}

function offsetOf(zone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts()
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? ''
}

/** Every zone that this browser knows, with its present offset. About 420 entries; call it once. */
export function zoneOptions(): ComboboxOption[] {
  const names = new Set(['UTC', browserZone(), ...Intl.supportedValuesOf('timeZone')])
  return [...names].map((zone) => ({
    value: zone,
    label: zone.replaceAll('_', ' '),
    hint: offsetOf(zone),
    keywords: zone.split(/[/_]/),
  }))
}

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

/** Where weeks begin here, as an ISO weekday; Monday where the browser does not say. */
export function browserWeekStart(): number {
  const locale = new Intl.Locale(navigator.language) as Intl.Locale & {
    getWeekInfo?: () => { firstDay: number }
    weekInfo?: { firstDay: number }
  }
  return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1
}
