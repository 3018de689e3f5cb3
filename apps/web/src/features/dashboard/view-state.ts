import type { DashboardView, Granularity, QueryRange, RangePreset } from '@trackable/api/client'

/**
 * What a dashboard's address carries: `?range=7d`, `?from=2026-10-01&to=2026-10-31`, `&by=week`, `&compare=off`. Whatever
 * is absent is the dashboard's own default, so that a plain link shows what its owner meant. The names are keys of a record
 * and not the schema's lists, which would bring the schema library along: a name that is added or removed there fails to
 * compile here.
 */
const PRESETS: Record<RangePreset, true> = {
  '60m': true,
  '24h': true,
  today: true,
  yesterday: true,
  '7d': true,
  '30d': true,
  '90d': true,
  '12m': true,
  week: true,
  last_week: true,
  month: true,
  last_month: true,
  quarter: true,
  last_quarter: true,
  year: true,
  last_year: true,
  all: true,
}
const GRANULARITIES: Record<Granularity | 'auto', true> = {
  auto: true,
  minute: true,
  quarter_hour: true,
  hour: true,
  day: true,
  week: true,
  month: true,
  quarter: true,
  year: true,
}
export const GRANULARITY_CHOICES = Object.keys(GRANULARITIES) as (keyof typeof GRANULARITIES)[]

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/

function readRange(search: URLSearchParams): QueryRange | null {
  const preset = search.get('range')
  if (preset && Object.hasOwn(PRESETS, preset)) return { preset: preset as RangePreset }
  const from = search.get('from')
  const to = search.get('to')
  if (from && to && ISO_DATE.test(from) && ISO_DATE.test(to) && from <= to) return { from, to }
  return null
}

/** A damaged address falls back to the default instead of failing: links get cut in chats. */
export function readView(search: URLSearchParams, fallback: DashboardView): DashboardView {
  const by = search.get('by')
  const compare = search.get('compare')
  return {
    range: readRange(search) ?? fallback.range,
    granularity: GRANULARITY_CHOICES.find((choice) => choice === by) ?? fallback.granularity,
    compare: compare === 'on' ? true : compare === 'off' ? false : fallback.compare,
  }
}

/** The address for a view, keeping parameters that belong to others (an open dialog, for example). */
export function writeView(search: URLSearchParams, view: DashboardView, fallback: DashboardView): URLSearchParams {
  const next = new URLSearchParams(search)
  for (const name of ['range', 'from', 'to', 'by', 'compare']) next.delete(name)
  if (!isSameRange(view.range, fallback.range)) {
    if ('preset' in view.range) next.set('range', view.range.preset)
    else {
      next.set('from', view.range.from)
      next.set('to', view.range.to)
    }
  }
  if (view.granularity !== fallback.granularity) next.set('by', view.granularity)
  if (view.compare !== fallback.compare) next.set('compare', view.compare ? 'on' : 'off')
  return next
}

function isSameRange(a: QueryRange, b: QueryRange): boolean {
  if ('preset' in a) return 'preset' in b && a.preset === b.preset
  return !('preset' in b) && a.from === b.from && a.to === b.to
}

/** The present day in a zone as `YYYY-MM-DD`. Swedish writes dates that way. */
export function todayIn(zone: string, now: Date = new Date()): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(now)
}

/** The local day of an instant, for the dates beside a preset. */
export function dayOf(epochMs: number, zone: string): string {
  return todayIn(zone, new Date(epochMs))
}
